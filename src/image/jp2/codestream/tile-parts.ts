/** Where the parts of the tiles are: from TLM where it is right, else by going from SOT to SOT. */
import { ByteCursor } from '../byte-cursor.ts';
import { damagedJp2 } from '../damage.ts';
import type { ByteSource } from '../../source.ts';
import type { MainHeader } from './main-header.ts';
import { MARKER, SOT_BYTES } from './markers.ts';

/** Tile-parts in the order of the file. */
export interface TileParts {
  /** Of SOT, in the file. */
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  readonly tiles: Uint16Array;
  /** Numbers of the parts of tile t are `order[first[t]]` up to `order[first[t + 1]]`. */
  readonly order: Uint32Array;
  readonly first: Uint32Array;
  /** The file ends before its tile-parts do, or something else stands between them. */
  readonly isDamaged: boolean;
}

/** 255 for each of 65,535 tiles would be possible; no encoder makes a fiftieth of it. */
const MAX_PARTS = 2 ** 22;

const MIN_PART_BYTES = SOT_BYTES + 2;

/** Short tile-parts are looked at in blocks of this size, long ones one by one. */
const SCAN_BLOCK = 2 ** 18;
const SHORT_PART = 2 ** 14;

/** Places at which a TLM is compared with the file when it is opened; every tile that is read is compared again. */
const SPOT_CHECKS = 8;

/** @throws {ServerError} `damaged` when there is no tile at all. */
export async function readTileParts(
  source: ByteSource,
  header: MainHeader,
  useTlm = true,
): Promise<TileParts> {
  const listed = useTlm ? await listedParts(source, header) : undefined;
  const parts = listed ?? (await scanParts(source, header));
  if (parts.starts.length === 0) throw damagedJp2('it has no tiles');
  return parts;
}

class PartList {
  count = 0;
  isDamaged = false;
  #starts = new Float64Array(64);
  #ends = new Float64Array(64);
  #tiles = new Uint16Array(64);

  add(start: number, end: number, tile: number): void {
    if (this.count >= MAX_PARTS) throw damagedJp2('it has too many tile-parts');
    if (this.count === this.#starts.length) {
      this.#starts = grown(this.#starts, new Float64Array(this.count * 2));
      this.#ends = grown(this.#ends, new Float64Array(this.count * 2));
      this.#tiles = grown(this.#tiles, new Uint16Array(this.count * 2));
    }
    this.#starts[this.count] = start;
    this.#ends[this.count] = end;
    this.#tiles[this.count++] = tile;
  }

  finish(tileCount: number): TileParts {
    const tiles = this.#tiles.slice(0, this.count);
    const first = new Uint32Array(tileCount + 1);
    for (const tile of tiles) first[tile + 1]!++;
    for (let tile = 0; tile < tileCount; tile++) first[tile + 1]! += first[tile]!;
    const next = first.slice();
    const order = new Uint32Array(this.count);
    tiles.forEach((tile, part) => (order[next[tile]!++] = part));
    return {
      starts: this.#starts.slice(0, this.count),
      ends: this.#ends.slice(0, this.count),
      tiles,
      order,
      first,
      isDamaged: this.isDamaged,
    };
  }
}

function grown<T extends Float64Array | Uint16Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

function tileCountOf({ canvas }: MainHeader): number {
  return canvas.columns * canvas.rows;
}

/**
 * TLM, A.7.1; undefined when there is none or it is not true:
 *
 *     u8 number, u2 bytes of a tile's index in bits 4 and 5, u1 long lengths in bit 6,
 *     { u0, u8 or u16 tile, u16 or u32 length of the tile-part }
 */
async function listedParts(source: ByteSource, header: MainHeader): Promise<TileParts | undefined> {
  const bodies = await readIndex(source, header, MARKER.TLM);
  if (bodies.length === 0) return undefined;
  const parts = new PartList();
  const tileCount = tileCountOf(header);
  let at = header.firstTilePart;
  for (const body of bodies) {
    const cursor = new ByteCursor(body);
    if (cursor.left < 1) return undefined;
    const sizes = cursor.u8();
    const tileBytes = (sizes >> 4) & 3;
    const isLong = (sizes & 0x40) !== 0;
    if (tileBytes === 3) return undefined;
    const entryBytes = tileBytes + (isLong ? 4 : 2);
    while (cursor.left >= entryBytes) {
      const tile = tileBytes === 0 ? parts.count : tileBytes === 1 ? cursor.u8() : cursor.u16();
      const length = isLong ? cursor.u32() : cursor.u16();
      if (tile >= tileCount || length < MIN_PART_BYTES || at + length > header.range.end) return undefined;
      parts.add(at, at + length, tile);
      at += length;
    }
  }
  const listed = parts.finish(tileCount);
  return (await isTrue(source, header, listed, at)) ? listed : undefined;
}

/** Behind the last tile-part the codestream ends, and tile-parts are where the list says. */
async function isTrue(
  source: ByteSource,
  header: MainHeader,
  parts: TileParts,
  end: number,
): Promise<boolean> {
  const count = parts.starts.length;
  if (count === 0) return false;
  if (end + 2 <= header.range.end) {
    const [high, low] = await source.read(end, 2);
    if (high! * 256 + low! !== MARKER.EOC) return false;
  }
  for (let check = 0; check < SPOT_CHECKS; check++) {
    const part = Math.round((check * (count - 1)) / (SPOT_CHECKS - 1));
    const sot = parseSot(await source.read(parts.starts[part]!, SOT_BYTES));
    if (sot?.tile !== parts.tiles[part]) return false;
  }
  return true;
}

export interface StartOfTilePart {
  readonly tile: number;
  /** From SOT to the end of the data; 0: up to the end of the codestream. */
  readonly length: number;
}

/**
 * A.4.2; undefined when it is none:
 *
 *     u16 0xFF90, u16 10, u16 tile, u32 length, u8 number of the part, u8 number of parts
 */
export function parseSot(bytes: Uint8Array): StartOfTilePart | undefined {
  if (bytes.length < SOT_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, SOT_BYTES);
  if (view.getUint16(0) !== MARKER.SOT || view.getUint16(2) !== SOT_BYTES - 2) return undefined;
  return { tile: view.getUint16(4), length: view.getUint32(6) };
}

async function scanParts(source: ByteSource, header: MainHeader): Promise<TileParts> {
  const { end } = header.range;
  const parts = new PartList();
  const tileCount = tileCountOf(header);
  let block = new Uint8Array(0);
  let blockStart = 0;
  let at = header.firstTilePart;
  let isShort = true;
  let isEnded = false;
  while (at + MIN_PART_BYTES <= end) {
    if (at < blockStart || at + SOT_BYTES > blockStart + block.length) {
      const ahead = Math.min(isShort ? SCAN_BLOCK : SOT_BYTES, end - at);
      const reading = source.read(at, ahead);
      block = new Uint8Array(reading instanceof Uint8Array ? reading : await reading);
      blockStart = at;
    }
    const sot = parseSot(block.subarray(at - blockStart, at - blockStart + SOT_BYTES));
    if (sot === undefined) {
      isEnded =
        block[at - blockStart] === MARKER.EOC >> 8 && block[at - blockStart + 1] === (MARKER.EOC & 0xff);
      break;
    }
    const length = sot.length === 0 ? end - at : sot.length;
    if (length < MIN_PART_BYTES || sot.tile >= tileCount) break;
    parts.add(at, Math.min(at + length, end), sot.tile);
    isShort = length < SHORT_PART;
    at += length;
  }
  // What is left may be EOC or nothing.
  parts.isDamaged = at > end || (end - at > 2 && !isEnded);
  return parts.finish(tileCount);
}

/** The bodies of all segments of one kind in the order of their numbers, without those numbers. */
export async function readIndex(
  source: ByteSource,
  header: MainHeader,
  marker: number,
): Promise<Uint8Array[]> {
  const bodies: Uint8Array[] = [];
  for (const { marker: found, start, end } of header.indexes) {
    if (found === marker && end > start) bodies.push(await source.read(start, end - start));
  }
  return inOrder(bodies);
}

/** Segments that begin with their number, sorted by it, without it. */
export function inOrder(bodies: readonly Uint8Array[]): Uint8Array[] {
  return [...bodies].sort((a, b) => a[0]! - b[0]!).map((body) => body.subarray(1));
}
