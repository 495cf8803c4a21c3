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

/** Read at once: of packets that follow each other, when some of a tile is wanted and when nearly all of it is. */
const FIRST_READ = 2 ** 10;
const LARGEST_READ = 2 ** 11;
const WHOLE_READ = 2 ** 18;
const LEAST_READ = 2 ** 8;

/** Reads of one run after which bytes are no longer spared: a way through thousands of packets takes too many. */
const SPARING_READS = 512;

const SOP_BYTES = 6;

/** A header takes at most so many bytes for a code-block: one codeword segment in it, or as many as there are passes. */
const BLOCK_BYTES = 32;
const SPLIT_BLOCK_BYTES = 800;

/** Packets between two looks at whether anybody still waits. */
const LOOK_EVERY = 1_024;

interface Packet {
  /** Of the precinct. */
  readonly number: number;
  readonly layer: number;
  readonly resolution: ResolutionGeometry;
}

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
  #mostAhead = LARGEST_READ;
  #reads = 0;
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
    this.#mostAhead = isWhole ? WHOLE_READ : LARGEST_READ;
    this.#ahead = isWhole ? WHOLE_READ : FIRST_READ;
    this.#reads = 0;
    const wanted = new Set(missing);
    for (let count = 1; wanted.size > 0 && !this.#isOver; count++) {
      if (count % LOOK_EVERY === 0) parts.cancellation.throwIfAborted();
      const { value: number, done } = this.#order.next();
      if (done === true) {
        this.#end(true);
        break;
      }
      const part = this.#partAtPosition();
      if (part === undefined) {
        this.#end(false);
        break;
      }
      const resolution = resolutionOf(this.#geometry, number);
      const reading = this.#look(resolution, part.end, parts.chunks);
      // Most headers are among what was read already: nobody is waited for.
      if (reading !== undefined) await reading;
      if (!this.#parseNext({ number, layer: parsed[number]!, resolution }, part.end, parts)) break;
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

  #parseNext({ number, layer, resolution }: Packet, partEnd: number, parts: ScanParts): boolean {
    const { style } = this.#geometry.components[resolution.component]!.parameters.coding;
    const { packedHeaders } = this.#header;
    const inView = this.#position - this.#viewStart;
    const place =
      packedHeaders === undefined
        ? { bytes: this.#view, at: inView, end: Math.min(this.#view.length, partEnd - this.#viewStart) }
        : { bytes: packedHeaders, at: this.#packedAt, end: packedHeaders.length };
    const isRight = this.#parser.parse(place, layer, style, () => parts.precinct(number));
    let body: number;
    if (packedHeaders === undefined) {
      body = this.#viewStart + this.#parser.headerEnd;
    } else {
      this.#packedAt = this.#parser.headerEnd;
      body = isMarker(this.#view, inView, MARKER.SOP) ? this.#position + SOP_BYTES : this.#position;
    }
    const end = placeContributions(parts.contributions, this.#parser.firstContribution, body);
    if (!isRight || end > partEnd) {
      cutContributions(parts.contributions, this.#parser.firstContribution, partEnd);
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

  /** Makes the next packet's header visible; undefined when it is. */
  #look(resolution: ResolutionGeometry, end: number, chunks: Chunks): Promise<void> | undefined {
    const limit = this.#header.packedHeaders === undefined ? this.#headerLimit(resolution) : SOP_BYTES;
    const from = this.#position;
    const least = Math.min(limit, end - from);
    const viewEnd = this.#viewStart + this.#view.length;
    if (from >= this.#viewStart && from + least <= viewEnd) return undefined;
    if (++this.#reads === SPARING_READS) this.#mostAhead = this.#ahead = WHOLE_READ;
    // Where packets are passed over, what is read ahead would be of those.
    const isNext = from >= this.#viewStart && from <= viewEnd;
    if (isNext) this.#ahead = Math.min(this.#ahead * 2, this.#mostAhead);
    else if (this.#mostAhead < WHOLE_READ) this.#ahead = Math.max(this.#ahead / 2, LEAST_READ);
    return this.#read(from, least, Math.min(Math.max(least, this.#ahead), end - from), chunks);
  }

  async #read(from: number, least: number, ahead: number, chunks: Chunks): Promise<void> {
    this.#view = await chunks.view(from, least, ahead);
    this.#viewStart = from;
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
