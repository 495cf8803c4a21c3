/** Goes from packet to packet, where no list says where they are: as far as a window needs, and on from there. */
import type { Cancellation } from '../../reader.ts';
import type { Chunks } from '../codestream/chunks.ts';
import { MARKER } from '../codestream/markers.ts';
import type { TileHeader } from '../codestream/tile-header.ts';
import { placeContributions, type Contributions } from './contributions.ts';
import { resolutionOf, type ResolutionGeometry, type TileGeometry } from './geometry.ts';
import { packetOrder } from './packet-order.ts';
import { isMarker, type PacketParser } from './packet-parser.ts';
import type { Precinct } from './precinct.ts';

/** What one run is to find. */
export interface ScanGoal {
  /** Precincts of which fewer than `layers` packets are parsed. */
  readonly missing: readonly number[];
  readonly layers: number;
  readonly isWhole: boolean;
  /** Packets parsed of every precinct; counted on. */
  readonly parsed: Uint16Array;
}

export interface ScanParts {
  readonly chunks: Chunks;
  readonly cancellation: Cancellation;
  readonly contributions: Contributions;
  readonly precinct: (number: number) => Precinct;
}

const FIRST_READ = 2 ** 12;
const LARGEST_READ = 2 ** 18;

/** A header takes at most so many bytes for a code-block: one codeword segment in it, or as many as there are passes. */
const BLOCK_BYTES = 32;
const SPLIT_BLOCK_BYTES = 800;

/** Packets between two looks at whether anybody still waits. */
const LOOK_EVERY = 1_024;

export class PacketScan {
  readonly #geometry: TileGeometry;
  readonly #header: TileHeader;
  readonly #parser: PacketParser;
  readonly #order: Generator<number, void>;
  readonly #headerLimits = new Map<ResolutionGeometry, number>();
  #part = 0;
  /** Of the next packet, in the file. */
  #position: number;
  /** Of the next packet header, where they are packed. */
  #packedAt = 0;
  #view: Uint8Array = new Uint8Array(0);
  #viewStart = 0;
  #ahead = FIRST_READ;
  #isOver = false;
  #isRight = true;

  constructor(geometry: TileGeometry, header: TileHeader, parser: PacketParser) {
    this.#geometry = geometry;
    this.#header = header;
    this.#parser = parser;
    this.#order = packetOrder(geometry, header.parameters);
    this.#position = header.parts[0]?.start ?? 0;
  }

  /** Parses on until the goal is reached or nothing is left. @returns false once a packet was missing or wrong. */
  async run({ missing, layers, isWhole, parsed }: ScanGoal, parts: ScanParts): Promise<boolean> {
    if (isWhole) this.#ahead = LARGEST_READ;
    const wanted = new Set(missing);
    for (let count = 1; wanted.size > 0 && !this.#isOver; count++) {
      if (count % LOOK_EVERY === 0) parts.cancellation.throwIfAborted();
      const { value: number, done } = this.#order.next();
      if (done === true) {
        this.#end(true);
        break;
      }
      if (!(await this.#parseNext(number, parsed[number]!, parts))) break;
      parsed[number]!++;
      if (parsed[number]! >= layers) wanted.delete(number);
    }
    // The bytes belong to the request; the next one reads them again where it has to.
    this.#view = new Uint8Array(0);
    return this.#isRight;
  }

  #end(isRight: boolean): void {
    this.#isOver = true;
    if (!isRight) this.#isRight = false;
  }

  async #parseNext(number: number, layer: number, parts: ScanParts): Promise<boolean> {
    const part = this.#partAtPosition();
    if (part === undefined) {
      this.#end(false);
      return false;
    }
    const resolution = resolutionOf(this.#geometry, number);
    const { style } = this.#geometry.components[resolution.component]!.parameters.coding;
    const { packedHeaders } = this.#header;
    const least = packedHeaders === undefined ? this.#headerLimit(resolution) : 6;
    await this.#look(Math.min(least, part.end - this.#position), part.end, parts.chunks);
    const inView = this.#position - this.#viewStart;
    const place =
      packedHeaders === undefined
        ? { bytes: this.#view, at: inView, end: Math.min(this.#view.length, part.end - this.#viewStart) }
        : { bytes: packedHeaders, at: this.#packedAt, end: packedHeaders.length };
    const isRight = this.#parser.parse(place, layer, style, () => parts.precinct(number));
    let body: number;
    if (packedHeaders === undefined) {
      body = this.#viewStart + this.#parser.headerEnd;
    } else {
      this.#packedAt = this.#parser.headerEnd;
      body = isMarker(this.#view, inView, MARKER.SOP) ? this.#position + 6 : this.#position;
    }
    const end = placeContributions(parts.contributions, this.#parser.firstContribution, body);
    if (!isRight || end > part.end) {
      cutContributions(parts.contributions, this.#parser.firstContribution, part.end);
      this.#end(false);
      return false;
    }
    this.#position = end;
    return true;
  }

  /** The tile-part that the next packet is in. */
  #partAtPosition(): { readonly start: number; readonly end: number } | undefined {
    const { parts, packedHeaders } = this.#header;
    // Packets whose headers are elsewhere may have no bytes at all.
    if (packedHeaders !== undefined && this.#packedAt >= packedHeaders.length) return undefined;
    for (; this.#part < parts.length; this.#part++) {
      const part = parts[this.#part]!;
      if (this.#position < part.start || this.#position > part.end) this.#position = part.start;
      const isLast = this.#part === parts.length - 1;
      if (this.#position < part.end || (packedHeaders !== undefined && isLast)) return part;
    }
    return undefined;
  }

  /** Makes `least` bytes from the position visible. */
  async #look(least: number, end: number, chunks: Chunks): Promise<void> {
    const from = this.#position;
    if (from >= this.#viewStart && from + least <= this.#viewStart + this.#view.length) return;
    const ahead = Math.min(Math.max(least, this.#ahead), end - from);
    this.#view = await chunks.view(from, least, ahead);
    this.#viewStart = from;
    this.#ahead = Math.min(this.#ahead * 2, LARGEST_READ);
  }

  /** More bytes than a packet header of a resolution takes. */
  #headerLimit(resolution: ResolutionGeometry): number {
    const known = this.#headerLimits.get(resolution);
    if (known !== undefined) return known;
    const { bandPrecinct, block, bands, component } = resolution;
    const along = (span: number, side: number, exponent: number): number =>
      Math.min(Math.ceil(span / 2 ** side) + 1, 2 ** Math.max(0, exponent - side));
    let blocks = 0;
    for (const { x0, y0, x1, y1 } of bands) {
      blocks += along(x1 - x0, block.x, bandPrecinct.x) * along(y1 - y0, block.y, bandPrecinct.y);
    }
    const { style } = this.#geometry.components[component]!.parameters.coding;
    const isSplit = style.terminateAll || style.bypass;
    const layerBytes = Math.ceil(this.#header.parameters.layers / 4);
    const limit = 64 + blocks * (isSplit ? SPLIT_BLOCK_BYTES : BLOCK_BYTES) + layerBytes;
    this.#headerLimits.set(resolution, limit);
    return limit;
  }
}

/** Of the contributions from number `first` on only those bytes stay that are before `end`. */
function cutContributions(contributions: Contributions, first: number, end: number): void {
  for (let i = first; i < contributions.count; i++) {
    const left = end - contributions.offsets[i]!;
    if (contributions.lengths[i]! > left) contributions.lengths[i] = Math.max(0, left);
  }
}
