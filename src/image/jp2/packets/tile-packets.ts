/** The packets of one tile, parsed as far as windows need them; what is known stays for the next window. */
import type { Cancellation } from '../../reader.ts';
import { damagedJp2 } from '../damage.ts';
import type { Chunks } from '../codestream/chunks.ts';
import type { TileHeader } from '../codestream/tile-header.ts';
import { Contributions, placeContributions } from './contributions.ts';
import { resolutionOf, type ResolutionGeometry, type TileGeometry } from './geometry.ts';
import { listPackets, type PacketList } from './packet-list.ts';
import { PacketParser } from './packet-parser.ts';
import { PacketScan } from './packet-scan.ts';
import { PrecinctMaker, type Precinct } from './precinct.ts';

/** Which packets a window needs. */
export interface PacketWish {
  readonly precincts: readonly number[];
  /** Layers of each, from the first. */
  readonly layers: number;
  /** Nearly all of the tile is wanted, so that large reads are no waste. */
  readonly isWhole: boolean;
}

export class TilePackets {
  readonly geometry: TileGeometry;
  readonly header: TileHeader;
  contributions = new Contributions();
  /** Some packet made no sense or was not there. */
  isDamaged: boolean;
  #precincts = new Map<number, Precinct>();
  #parsed: Uint16Array;
  #parser = new PacketParser(this.contributions);
  #list: PacketList | undefined;
  #scan: PacketScan | undefined;
  #maker = new PrecinctMaker();

  constructor(geometry: TileGeometry, header: TileHeader) {
    this.geometry = geometry;
    this.header = header;
    this.isDamaged = header.isDamaged;
    this.#parsed = new Uint16Array(geometry.precinctCount);
    this.#list = listPackets(geometry, header);
  }

  /** Bytes that it takes in memory, roughly. */
  get byteLength(): number {
    const { precinctCount, resolutions } = this.geometry;
    const listed =
      this.#list === undefined ? 0 : this.#list.starts.byteLength + this.#list.lengths.byteLength;
    const packed = this.header.packedHeaders?.length ?? 0;
    const own = 1_000 + resolutions.length * 800 + precinctCount * 2 + this.#precincts.size * 500;
    return own + this.contributions.byteLength + this.#maker.byteLength + listed + packed;
  }

  /** What packets said of a precinct; undefined when nothing is in it. */
  precinct(number: number): Precinct | undefined {
    return this.#precincts.get(number);
  }

  /**
   * Parses the packets that are wished for and were not parsed yet.
   *
   * @throws {ServerError} `too-large`, and what reading throws.
   */
  async parse(wish: PacketWish, chunks: Chunks, cancellation: Cancellation): Promise<void> {
    const layers = Math.min(wish.layers, this.header.parameters.layers);
    const missing = wish.precincts.filter((precinct) => this.#parsed[precinct]! < layers);
    if (missing.length === 0) return;
    if (this.#list !== undefined) {
      if (await this.#parseListed(this.#list, missing, layers, chunks)) return;
      // The list is not true: all that came from it is forgotten.
      this.#forget();
      return this.parse(wish, chunks, cancellation);
    }
    this.#scan ??= new PacketScan(this.geometry, this.header, this.#parser);
    const scan = { missing, layers, isWhole: wish.isWhole, parsed: this.#parsed };
    const isRight = await this.#scan.run(scan, {
      chunks,
      cancellation,
      contributions: this.contributions,
      precinct: (number) => this.#precinctOf(number, resolutionOf(this.geometry, number)),
    });
    if (!isRight) this.isDamaged = true;
  }

  async #parseListed(
    { starts, lengths }: PacketList,
    precincts: readonly number[],
    layers: number,
    chunks: Chunks,
  ): Promise<boolean> {
    const allLayers = this.header.parameters.layers;
    const ranges: [number, number][] = [];
    for (const precinct of precincts) {
      for (let layer = this.#parsed[precinct]!; layer < layers; layer++) {
        const packet = precinct * allLayers + layer;
        if (starts[packet]! >= 0) ranges.push([starts[packet]!, lengths[packet]!]);
      }
    }
    await chunks.load(ranges);
    for (const number of precincts) {
      const resolution = resolutionOf(this.geometry, number);
      const { style } = this.geometry.components[resolution.component]!.parameters.coding;
      for (let layer = this.#parsed[number]!; layer < layers; layer++) {
        const packet = number * allLayers + layer;
        const start = starts[packet]!;
        if (start < 0) {
          this.isDamaged = true;
          break;
        }
        const length = lengths[packet]!;
        const bytes = chunks.held(start, length);
        if (bytes === undefined) throw damagedJp2('a packet could not be read');
        const place = { bytes, at: 0, end: length };
        const isRight = this.#parser.parse(place, layer, style, () => this.#precinctOf(number, resolution));
        if (!isRight || this.#parser.headerEnd + this.#parser.bodyLength !== length) return false;
        placeContributions(
          this.contributions,
          this.#parser.firstContribution,
          start + this.#parser.headerEnd,
        );
        this.#parsed[number] = layer + 1;
      }
    }
    return true;
  }

  #forget(): void {
    this.#list = undefined;
    this.#precincts = new Map();
    this.#parsed = new Uint16Array(this.geometry.precinctCount);
    this.contributions = new Contributions();
    this.#parser = new PacketParser(this.contributions);
    this.#maker = new PrecinctMaker();
    this.isDamaged = true;
  }

  #precinctOf(number: number, resolution: ResolutionGeometry): Precinct {
    const known = this.#precincts.get(number);
    if (known !== undefined) return known;
    const precinct = this.#maker.create(resolution, number - resolution.firstPrecinct);
    this.#precincts.set(number, precinct);
    return precinct;
  }
}
