/** Where the parts of the tiles are: from TLM where it is right, else by going from SOT to SOT. */
import { ByteCursor } from '../byte-cursor.ts';
import { damagedJp2 } from '../damage.ts';
import type { ByteSource } from '../../source.ts';
import type { MainHeader } from './main-header.ts';
import { MARKER, SOT_BYTES } from './markers.ts';
import { MIN_PART_BYTES, parseSot, PartList, tileCountOf, type TileParts } from './part-list.ts';
import { scanParts } from './scan-parts.ts';

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
