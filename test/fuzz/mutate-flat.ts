/** PNG, WebP and GIF files with headers and chunks that are wrong. Checksums of PNG are made right again. */
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
    const chunks = isPng ? pngChunks(bytes) : bytes[0] === 0x52 ? riffChunks(bytes) : [];
    if (chunks.length === 0) changeBytes(dice.chance(0.7) ? bytes.subarray(0, 32) : bytes, dice, 3, 3);
    else bytes = changeChunk(bytes, dice.pick(chunks), dice);
  }
  if (isPng && dice.chance(0.9)) mendChecksums(bytes);
  return dice.chance(0.1) ? cutOrDouble(bytes, dice) : bytes;
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
