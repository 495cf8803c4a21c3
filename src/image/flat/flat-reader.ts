/** An open picture that its file stores whole: windows out of virtual levels, which are kept for the next tile. */
import type { ImageInfo, LevelInfo } from '../info.ts';
import { VIRTUAL_TILE } from '../levels.ts';
import { widenedBits, type Raster, type Rectangle } from '../raster.ts';
import type { Cancellation, ImageReader, TileAddress, WindowAddress } from '../reader.ts';
import { identityKey, type ByteSource } from '../source.ts';
import { checkTile, checkWindow } from '../window.ts';
import type { FlatDecoder } from './decoder.ts';
import type { LevelStore } from './level-store.ts';
import { copyRows, halved, rasterLike } from './windows.ts';

/** A level is decoded whole up to this size, and the smaller ones are made of it; a larger one in bands of rows. */
const MAX_WHOLE_BYTES = 2 ** 26;
const MAX_BAND_BYTES = 2 ** 25;

/** Rows that are decoded and kept together. */
interface Band {
  readonly top: number;
  readonly height: number;
}

export interface FlatPicture {
  readonly source: ByteSource;
  readonly info: ImageInfo;
  readonly decoder: FlatDecoder;
}

export class FlatReader implements ImageReader {
  readonly info: ImageInfo;
  readonly #source: ByteSource;
  readonly #decoder: FlatDecoder;
  readonly #store: LevelStore;
  readonly #name: string;

  constructor({ source, info, decoder }: FlatPicture, store: LevelStore) {
    this.info = info;
    this.#source = source;
    this.#decoder = decoder;
    this.#store = store;
    this.#name = `${source.path}\0${identityKey(source.identity)}`;
  }

  async readWindow(address: WindowAddress, cancellation?: Cancellation): Promise<Raster> {
    const level = checkWindow(this.info, address);
    cancellation?.throwIfAborted();
    const { window } = address;
    if (!this.#isWhole(level)) {
      const direct = await this.#decoder.decodeWindow?.(address.level, window, cancellation);
      if (direct !== undefined) return direct;
    }
    let target: Raster | undefined;
    for (const band of this.#bandsOf(level, window)) {
      cancellation?.throwIfAborted();
      const top = Math.max(window.y, band.top);
      const height = Math.min(window.y + window.height, band.top + band.height) - top;
      const part = { x: window.x, y: top - band.top, width: window.width, height };
      const rows = await this.#rowsOf(address, band, part, cancellation);
      if (height === window.height) return rows;
      target ??= rasterLike(rows, window);
      copyRows(rows, { x: 0, y: 0, width: window.width, height }, target, top - window.y);
    }
    if (target === undefined) throw new RangeError('a window without pixels');
    return target;
  }

  /** A file has no tiles that could be sent as they are. */
  readEncodedTile(address: TileAddress): Promise<undefined> {
    checkTile(this.info, address);
    return Promise.resolve(undefined);
  }

  close(): void {
    this.#source.close();
  }

  #rowsOf(
    { page, level }: WindowAddress,
    band: Band,
    part: Rectangle,
    cancellation: Cancellation | undefined,
  ): Promise<Raster> {
    const name = `${this.#name}\0${page}\0${level}\0${band.top}`;
    const decode = () => this.#decode(page, level, band);
    return this.#store.window(name, part, decode, () => cancellation?.throwIfAborted());
  }

  /** Small levels are made of the next larger one where that is at hand whole: one decoding serves them all. */
  async #decode(page: number, level: number, band: Band): Promise<Raster> {
    const larger = this.info.levels[level - 1];
    const isMade = larger !== undefined && level > this.#decoder.smallestDecoded && this.#isWhole(larger);
    if (!isMade) return this.#decoder.decodeRows({ page, level, ...band });
    const window = { x: 0, y: 0, width: larger.width, height: larger.height };
    const address = { page, level: level - 1, window };
    return halved(await this.#rowsOf(address, { top: 0, height: larger.height }, window, undefined));
  }

  #isWhole({ width, height }: LevelInfo): boolean {
    return width * height * this.#pixelBytes() <= Math.min(MAX_WHOLE_BYTES, this.#store.largestBytes);
  }

  #pixelBytes(): number {
    const { bands, bitsPerSample } = this.info;
    return (bands * (bitsPerSample + widenedBits(bitsPerSample))) / 8;
  }

  *#bandsOf(level: LevelInfo, { y, height }: Rectangle): Generator<Band> {
    const rowsOfTiles = Math.floor(MAX_BAND_BYTES / (level.width * this.#pixelBytes() * VIRTUAL_TILE));
    const rows = this.#isWhole(level) ? level.height : Math.max(1, rowsOfTiles) * VIRTUAL_TILE;
    for (let top = y - (y % rows); top < y + height; top += rows)
      yield { top, height: Math.min(rows, level.height - top) };
  }
}
