/** XZ streams (the .xz file format, version 1.1.0), as libtiff writes them: LZMA2, with differences before it. */
import { damaged, viewOf } from './directory.ts';
import { ServerError } from '../../errors.ts';
import { lendWritten } from '../../recycling.ts';
import { liblzma } from '../system/liblzma.ts';
import { Lzma2Decoder } from './lzma2.ts';

const MAGIC = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00];
const STREAM_HEADER_BYTES = 12;
const FILTER = { delta: 0x03, lzma2: 0x21 } as const;

/** Bytes of the check behind a block, by its number in the stream's flags. */
const CHECK_BYTES: readonly number[] = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];

interface BlockHeader {
  /** Of its first byte of data. */
  readonly start: number;
  /** Distance of the differences, undefined without them. */
  readonly delta: number | undefined;
}

/**
 * Decodes one strip or tile. Checks are not looked at: pixels are all that counts.
 *
 * @param length bytes of the pixels; the answer is shorter when the data ends before.
 * @throws {ServerError} `damaged`; `unsupported` for other filters.
 */
export function decodeXz(input: Uint8Array, length: number, findLibrary = liblzma): Uint8Array {
  if (MAGIC.some((byte, i) => input[i] !== byte)) throw damaged('LZMA data has no header');
  // The library knows more filters.
  if (isBlock(input, STREAM_HEADER_BYTES)) readBlockHeader(input, STREAM_HEADER_BYTES);
  const whole = lendWritten(length, (output) => findLibrary()?.decodeInto(input, output));
  return whole ?? decodeBlocks(input, length);
}

/** As far as it goes. */
function decodeBlocks(input: Uint8Array, length: number): Uint8Array {
  const checkBytes = CHECK_BYTES[input[7]! & 15]!;
  const output = new Uint8Array(length);
  const decoder = new Lzma2Decoder(input, output);
  let position = STREAM_HEADER_BYTES;
  while (isBlock(input, position) && decoder.written < length) {
    const block = readBlockHeader(input, position);
    const from = decoder.written;
    const end = decoder.decodeBlock(block.start);
    if (block.delta !== undefined) undoDelta(output.subarray(from, decoder.written), block.delta);
    position = Math.ceil(end / 4) * 4 + checkBytes;
  }
  return output.subarray(0, decoder.written);
}

/** A block header begins with its length; the index behind the last block begins with 0. */
function isBlock(input: Uint8Array, position: number): boolean {
  return position < input.length && input[position] !== 0;
}

/**
 *     u8 (bytes of the header / 4) - 1, u8 flags, [vli compressed size], [vli size],
 *     { vli filter, vli bytes of properties, properties }, padding, u32 CRC
 *
 * The lower two flags are the number of filters less one, the upper two say which sizes are there.
 */
function readBlockHeader(input: Uint8Array, position: number): BlockHeader {
  const start = position + (input[position]! + 1) * 4;
  if (start > input.length) throw damaged('LZMA data is cut off');
  const header = new VliReader(input.subarray(position + 1, start - 4));
  const flags = header.byte();
  for (const flag of [0x40, 0x80]) if ((flags & flag) !== 0) header.vli();
  let delta: number | undefined;
  for (let left = flags & 3; left >= 0; left--) {
    const filter = header.vli();
    const properties = header.vli();
    if (filter === FILTER.delta && left > 0 && properties === 1) delta = header.byte() + 1;
    else if (filter === FILTER.lzma2 && left === 0 && properties === 1) header.byte();
    else throw new ServerError('unsupported', `TIFF with the LZMA filter ${filter} is not supported`);
  }
  return { start, delta };
}

/** Numbers of 7 bits a byte, the lowest first; the highest bit says that more follow. */
class VliReader {
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#view = viewOf(bytes);
  }

  byte(): number {
    if (this.#at >= this.#view.byteLength) throw damaged('an LZMA header is cut off');
    return this.#view.getUint8(this.#at++);
  }

  vli(): number {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 56; factor *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 128) return value;
    }
    throw damaged('an LZMA header has an endless number');
  }
}

function undoDelta(bytes: Uint8Array, distance: number): void {
  for (let i = distance; i < bytes.length; i++) bytes[i] = bytes[i]! + bytes[i - distance]!;
}
