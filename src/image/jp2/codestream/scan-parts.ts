/** Tile-parts from SOT to SOT; where a length leads to something else, the next SOT is looked for. */
import type { ByteSource } from '../../source.ts';
import type { MainHeader } from './main-header.ts';
import { MARKER, SOT_BYTES } from './markers.ts';
import {
  MIN_PART_BYTES,
  parseSot,
  PartList,
  tileCountOf,
  type StartOfTilePart,
  type TileParts,
} from './part-list.ts';

/** Short tile-parts are looked at in blocks of this size, long ones one by one. */
const SCAN_BLOCK = 2 ** 18;
const SHORT_PART = 2 ** 14;

/** Bytes that are searched for SOT in one file: damage must not make the server read all of a large one. */
const MAX_SEARCHED = 2 ** 26;

const EOC_BYTES = 2;

/** SOT and its length: packet headers and code-blocks have no marker from 0xFF90 on. */
const SOT_BEGINNING = Buffer.of(MARKER.SOT >> 8, MARKER.SOT & 0xff, 0, SOT_BYTES - 2);

export async function scanParts(source: ByteSource, header: MainHeader): Promise<TileParts> {
  const { end } = header.range;
  const scan = new Scan(source, end);
  const parts = new PartList();
  const tileCount = tileCountOf(header);
  const isPart = (sot: StartOfTilePart | undefined): sot is StartOfTilePart =>
    sot !== undefined && sot.tile < tileCount && (sot.length === 0 || sot.length >= MIN_PART_BYTES);
  let at = header.firstTilePart;
  // What is left may be EOC or nothing.
  while (end - at > EOC_BYTES || at > end) {
    const sot = at > end ? undefined : parseSot(await scan.look(at));
    if (isPart(sot)) {
      const length = sot.length === 0 ? end - at : sot.length;
      parts.add(at, Math.min(at + length, end), sot.tile);
      scan.isShort = length < SHORT_PART;
      at += length;
      continue;
    }
    if (scan.isEnd(at)) break;
    parts.isDamaged = true;
    // A length that leads out of the file may be wrong, too, and not the file cut off.
    const next = await scan.find(Math.max(parts.lastStart, header.firstTilePart) + SOT_BYTES, isPart);
    if (next === undefined) break;
    // The last part goes on up to there, unless another one, which is passed over, came between.
    if (parts.count > 0 && (next < at || sot === undefined)) parts.endLast(next);
    at = next;
  }
  return parts.finish(tileCount);
}

/** A block of the file, further and further. */
class Scan {
  isShort = true;
  readonly #source: ByteSource;
  readonly #end: number;
  #block: Buffer = Buffer.alloc(0);
  #start = 0;
  #searched = 0;

  constructor(source: ByteSource, end: number) {
    this.#source = source;
    this.#end = end;
  }

  /** Bytes of a SOT at `at`. */
  async look(at: number): Promise<Uint8Array> {
    if (!this.#holds(at, SOT_BYTES)) await this.#read(at, this.isShort ? SCAN_BLOCK : SOT_BYTES);
    return this.#block.subarray(at - this.#start, at - this.#start + SOT_BYTES);
  }

  /** Whether EOC was seen there. */
  isEnd(at: number): boolean {
    return this.#holds(at, 2) && this.#block.readUInt16BE(at - this.#start) === MARKER.EOC;
  }

  /** The first tile-part from `from` on; undefined when there is none within reach. */
  async find(
    from: number,
    isPart: (sot: StartOfTilePart | undefined) => boolean,
  ): Promise<number | undefined> {
    for (let at = from; at + MIN_PART_BYTES <= this.#end;) {
      if (!this.#holds(at, MIN_PART_BYTES)) {
        if (this.#searched >= MAX_SEARCHED) return undefined;
        await this.#read(at, SCAN_BLOCK);
        this.#searched += this.#block.length;
      }
      const found = this.#block.indexOf(SOT_BEGINNING, at - this.#start);
      // The last bytes of a block may be the first ones of a SOT.
      if (found === -1) at = Math.max(at + 1, this.#start + this.#block.length - SOT_BYTES + 1);
      else if (found + SOT_BYTES > this.#block.length) at = this.#start + found;
      else if (isPart(parseSot(this.#block.subarray(found)))) return this.#start + found;
      else at = this.#start + found + 1;
    }
    return undefined;
  }

  #holds(at: number, length: number): boolean {
    return at >= this.#start && at + length <= this.#start + this.#block.length;
  }

  async #read(at: number, length: number): Promise<void> {
    const bytes = await this.#source.read(at, Math.min(length, this.#end - at));
    this.#block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#start = at;
  }
}
