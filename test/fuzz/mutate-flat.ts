/** PNG, WebP, GIF and AVIF files with headers and chunks that are wrong. Checksums of PNG are made right again. */
import type { Dice } from './dice.ts';
import { changeBytes, concat, cutOrDouble } from './mutate-bytes.ts';

interface Chunk {
  readonly at: number;
  readonly body: number;
  readonly end: number;
}

/** One damaged file out of whole ones. */
export function mutateFlat(originals: readonly Uint8Array[], dice: Dice): Uint8Array {
  let bytes: Uint8Array = dice.pick(originals).slice();
  const isPng = bytes[0] === 0x89;
  for (let count = 1 + dice.below(2); count > 0; count--) {
    const chunks = chunksOf(bytes);
    if (chunks.length === 0) changeBytes(dice.chance(0.7) ? bytes.subarray(0, 32) : bytes, dice, 3, 3);
    else bytes = changeChunk(bytes, dice.pick(chunks), dice);
  }
  if (isPng && dice.chance(0.9)) mendChecksums(bytes);
  return dice.chance(0.1) ? cutOrDouble(bytes, dice) : bytes;
}

function chunksOf(bytes: Uint8Array): readonly Chunk[] {
  if (bytes[0] === 0x89) return pngChunks(bytes);
  if (bytes[0] === 0x52) return riffChunks(bytes);
  return isBoxes(bytes) ? boxes(bytes, 0, bytes.length) : [];
}

const typeAt = (bytes: Uint8Array, at: number): string =>
  Buffer.from(bytes.subarray(at, at + 4)).toString('latin1');

const isBoxes = (bytes: Uint8Array): boolean => typeAt(bytes, 4) === 'ftyp';

/** Boxes of AVIF that hold others, and how far behind their type these begin. */
const HOLDERS: Readonly<Record<string, number>> = { meta: 4, iprp: 0, ipco: 0, iinf: 6, iref: 4, dinf: 0 };

/** `u32 length, u8[4] type, body`, and the boxes in a body. */
function boxes(bytes: Uint8Array, start: number, stop: number): readonly Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const chunks: Chunk[] = [];
  for (let at = start; at + 8 <= stop && chunks.length < 64;) {
    const end = at + view.getUint32(at);
    if (end > stop || end < at + 8) break;
    chunks.push({ at, body: at + 8, end });
    const inner = HOLDERS[typeAt(bytes, at + 4)];
    if (inner !== undefined) chunks.push(...boxes(bytes, at + 8 + inner, end));
    at = end;
  }
  return chunks;
}

function changeChunk(bytes: Uint8Array, { at, body, end }: Chunk, dice: Dice): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  switch (dice.below(6)) {
    case 0:
      view.setUint32(at, dice.oddNumber(32));
      return bytes;
    case 1:
      return concat(bytes.subarray(0, at), bytes.subarray(end));
    case 2:
      return concat(bytes.subarray(0, end), bytes.subarray(at));
    case 3:
      if (body + 4 <= end)
        view.setUint32(body + dice.below(Math.min(12, end - body - 3)), dice.oddNumber(32));
      return bytes;
    default:
      changeBytes(bytes.subarray(body, end), dice, 4);
      return bytes;
  }
}

/** `u32 length, u8[4] type, body, u32 checksum`. */
function pngChunks(bytes: Uint8Array): readonly Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const chunks: Chunk[] = [];
  for (let at = 8; at + 12 <= bytes.length && chunks.length < 64;) {
    const end = at + 12 + view.getUint32(at);
    if (end > bytes.length) break;
    chunks.push({ at, body: at + 8, end });
    at = end;
  }
  return chunks;
}

/** `u8[4] type, u32 little-endian length, body`, padded to two bytes. */
function riffChunks(bytes: Uint8Array): readonly Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const chunks: Chunk[] = [];
  for (let at = 12; at + 8 <= bytes.length && chunks.length < 64;) {
    const length = view.getUint32(at + 4, true);
    const end = at + 8 + length + (length & 1);
    if (end > bytes.length) break;
    chunks.push({ at, body: at + 8, end });
    at = end;
  }
  return chunks;
}

function mendChecksums(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (const { at, end } of pngChunks(bytes)) view.setUint32(end - 4, crc(bytes.subarray(at + 4, end - 4)));
}

/** Of zlib and PNG; Node has it since 20.15 only. */
export function crc(bytes: Uint8Array): number {
  let rest = ~0;
  for (const byte of bytes) {
    rest ^= byte;
    for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest & 1 ? 0xedb88320 : 0);
  }
  return ~rest >>> 0;
}
