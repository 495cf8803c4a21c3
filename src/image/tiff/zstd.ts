/** Zstandard: the system's library where it is, else Node's own (22.15 and later), else the same as WebAssembly. */
import * as zlib from 'node:zlib';
import { after, type Awaitable } from '../../awaitable.ts';
import { ServerError } from '../../errors.ts';
import { plainBytes } from '../bytes.ts';
import { lendWritten } from '../../recycling.ts';
import { libzstd } from '../system/libzstd.ts';
import { damaged } from './directory.ts';

/** The WebAssembly memory grows with the largest tile and never shrinks. */
const MAX_BYTES = 2 ** 27;

type Decode = (input: Uint8Array, length: number) => Uint8Array;

interface NodeZstd {
  readonly zstdDecompressSync?: (
    input: Uint8Array,
    options: { readonly maxOutputLength: number },
  ) => Uint8Array;
}

/** Once it is loaded, itself. */
let decoder: Awaitable<Decode> | undefined;

/**
 * Decodes one strip or tile.
 *
 * @param length bytes of the pixels; the answer is shorter when the data ends before.
 * @throws {ServerError} `damaged`, also for data that holds more; `too-large`.
 */
export function decodeZstd(input: Uint8Array, length: number, findLibrary = libzstd): Awaitable<Uint8Array> {
  if (length > MAX_BYTES) throw new ServerError('too-large', 'the tiles of this TIFF are too large');
  const whole = lendWritten(length, (output) => findLibrary()?.decodeInto(input, output));
  if (whole !== undefined) return whole;
  decoder ??= loadDecoder().then((loaded) => (decoder = loaded));
  return after(decoder, (decode) => decode(input, length));
}

async function loadDecoder(): Promise<Decode> {
  const { zstdDecompressSync } = zlib as NodeZstd;
  if (zstdDecompressSync !== undefined) {
    return (input, length) => {
      try {
        return plainBytes(zstdDecompressSync(input, { maxOutputLength: length }));
      } catch (cause) {
        throw damaged('Zstandard data is broken', { reason: cause instanceof Error ? cause.message : '' });
      }
    };
  }
  const { ZSTDDecoder } = await import('zstddec');
  const library = new ZSTDDecoder();
  await library.init();
  // It answers errors with an empty array, which the caller finds too short.
  return (input, length) => library.decode(input, length);
}
