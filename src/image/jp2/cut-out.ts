/** Cuts a small codestream out of a large one: only the tiles of a window, where they were on the reference grid. */
import { ServerError } from '../../errors.ts';
import type { Codestream } from './codestream/codestream.ts';
import type { ByteRange } from './codestream/main-header.ts';
import { MARKER, SOT_BYTES } from './codestream/markers.ts';
import { parseSot } from './codestream/part-list.ts';
import { readMainIndexes } from './codestream/tile-header.ts';
import type { Bounds } from './core/types.ts';
import { damagedJp2 } from './damage.ts';

/** Columns and rows of tiles; ends are exclusive. */
export type TileRange = Bounds;

export interface CutOut {
  readonly bytes: Uint8Array;
  /** The image area that is left, on the reference grid of the whole. */
  readonly area: Bounds;
}

/** Larger ones are not worth cutting out. */
export const MAX_CUT_OUT_BYTES = 2 ** 28;

/** What is not true any more, or not needed. */
const LEFT_OUT: readonly number[] = [MARKER.TLM, MARKER.PLM, MARKER.PPM, MARKER.COM, MARKER.CRG];

/** Parameters of one PPT segment, behind its length and number. */
const PPT_BYTES = 65_532;
const MAX_PPT_NUMBER = 255;

const SIZ_X1 = 2;

/**
 * A codestream of some tiles, whose samples are those of the whole: coordinates stay, tiles are numbered anew, and
 * packet headers that stood in the main header go to their tile-parts.
 *
 * @throws {ServerError} `damaged`; `too-large`.
 */
export async function cutOut(
  codestream: Codestream,
  tiles: TileRange,
  maxBytes = MAX_CUT_OUT_BYTES,
): Promise<CutOut> {
  const { canvas, indexes } = codestream.header;
  const left = canvas.tileX0 + tiles.x0 * canvas.tileWidth;
  const top = canvas.tileY0 + tiles.y0 * canvas.tileHeight;
  const area = {
    x0: Math.max(left, canvas.x0),
    y0: Math.max(top, canvas.y0),
    x1: Math.min(canvas.tileX0 + tiles.x1 * canvas.tileWidth, canvas.x1),
    y1: Math.min(canvas.tileY0 + tiles.y1 * canvas.tileHeight, canvas.y1),
  };
  const pieces = [await readHeader(codestream, area, { left, top })];
  const { packedHeaders } = await readMainIndexes(codestream.source, codestream.header);
  const hasPacked = indexes.some(({ marker }) => marker === MARKER.PPM);
  const { starts, ends, first, order } = await codestream.tileParts();
  let size = 0;
  for (let row = tiles.y0; row < tiles.y1; row++) {
    for (let column = tiles.x0; column < tiles.x1; column++) {
      const tile = row * canvas.columns + column;
      const number = (row - tiles.y0) * (tiles.x1 - tiles.x0) + column - tiles.x0;
      let packedBefore = 0;
      for (let i = first[tile]!; i < first[tile + 1]!; i++) {
        const part = order[i]!;
        size += ends[part]! - starts[part]!;
        if (size > maxBytes) throw new ServerError('too-large', 'these tiles are too many bytes');
        const place = { start: starts[part]!, end: ends[part]! };
        const packed = packetHeaderSegments(hasPacked ? packedHeaders[part] : undefined, packedBefore);
        packedBefore += packed.length;
        pieces.push(...(await readPart(codestream, place, { tile, number, packed })));
      }
    }
  }
  pieces.push(wordBytes(MARKER.EOC));
  return { bytes: new Uint8Array(Buffer.concat(pieces)), area };
}

function wordBytes(...words: readonly number[]): Uint8Array {
  return Uint8Array.from(words.flatMap((word) => [word >> 8, word & 0xff]));
}

async function readHeader(
  { source, header }: Codestream,
  area: Bounds,
  origin: { readonly left: number; readonly top: number },
): Promise<Uint8Array> {
  const { start } = header.range;
  const bytes = await source.read(start, header.firstTilePart - start);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const kept = [bytes.subarray(0, 2)];
  for (let at = 2; at + 4 <= bytes.length;) {
    const marker = view.getUint16(at);
    const end = at + 2 + view.getUint16(at + 2);
    if (marker === MARKER.SIZ) {
      const { x0, y0, x1, y1 } = area;
      [x1, y1, x0, y0].forEach((value, i) => view.setUint32(at + 4 + SIZ_X1 + 4 * i, value));
      view.setUint32(at + 4 + SIZ_X1 + 24, origin.left);
      view.setUint32(at + 4 + SIZ_X1 + 28, origin.top);
    }
    if (!LEFT_OUT.includes(marker)) kept.push(bytes.subarray(at, end));
    at = end;
  }
  return new Uint8Array(Buffer.concat(kept));
}

interface PartNumbers {
  /** Of the tile in the whole codestream. */
  readonly tile: number;
  readonly number: number;
  /** PPT for packet headers of the part that stood in the main header. */
  readonly packed: readonly Uint8Array[];
}

/** SOT, packed headers, and the rest of the part as it is. */
async function readPart(
  { source }: Codestream,
  { start, end }: ByteRange,
  { tile, number, packed }: PartNumbers,
): Promise<Uint8Array[]> {
  const bytes = await source.read(start, end - start);
  if (parseSot(bytes)?.tile !== tile) throw damagedJp2('a tile-part is not where it should be');
  const added = packed.reduce((sum, { length }) => sum + length, 0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  view.setUint16(4, number);
  view.setUint32(6, bytes.length + added);
  return [bytes.subarray(0, SOT_BYTES), ...packed, bytes.subarray(SOT_BYTES)];
}

/**
 * PPT, A.7.5: `u16 0xFF61, u16 length, u8 number, headers`. Numbers go on through the parts of a tile: OpenJPEG takes
 * no number twice.
 */
function packetHeaderSegments(packed: Uint8Array | undefined, firstNumber: number): Uint8Array[] {
  const segments: Uint8Array[] = [];
  for (let at = 0; packed !== undefined && at < packed.length; at += PPT_BYTES) {
    const body = packed.subarray(at, at + PPT_BYTES);
    const number = firstNumber + segments.length;
    if (number > MAX_PPT_NUMBER) throw damagedJp2('a tile has too many packet headers');
    const head = Uint8Array.of(...wordBytes(MARKER.PPT, body.length + 3), number);
    segments.push(new Uint8Array(Buffer.concat([head, body])));
  }
  return segments;
}
