/** An open JPEG file: windows out of virtual levels, decoded at reduced size and kept for the next tile. */
import { composeWindow } from '../compose.ts';
import type { Segment } from '../compose.ts';
import type { ImageInfo, LevelInfo } from '../info.ts';
import { VIRTUAL_TILE } from '../levels.ts';
import { byteRaster } from '../raster.ts';
import type { Raster, Size } from '../raster.ts';
import type { ImageReader, TileAddress, WindowAddress } from '../reader.ts';
import { identityKey } from '../source.ts';
import type { ByteSource } from '../source.ts';
import { checkTile, checkWindow } from '../window.ts';
import { decodeScaledJpeg } from './decode.ts';
import type { LevelCache } from './level-cache.ts';

/** A level is decoded whole up to this size, a larger one in bands of rows. */
const MAX_BAND_BYTES = 2 ** 24;

export class JpegReader implements ImageReader {
  readonly info: ImageInfo;
  readonly #source: ByteSource;
  readonly #cache: LevelCache;

  constructor(source: ByteSource, info: ImageInfo, cache: LevelCache) {
    this.info = info;
    this.#source = source;
    this.#cache = cache;
  }

  async readWindow(address: WindowAddress, signal?: AbortSignal): Promise<Raster> {
    const level = checkWindow(this.info, address);
    const band = bandOf(level, this.info.bands);
    return composeWindow(address.window, band, ({ row }) => this.#readBand(address.level, band, row), signal);
  }

  /** A file has no tiles that could be sent as they are. */
  readEncodedTile(address: TileAddress): Promise<undefined> {
    checkTile(this.info, address);
    return Promise.resolve(undefined);
  }

  close(): void {
    this.#source.close();
  }

  async #readBand(levelIndex: number, band: Size, row: number): Promise<Segment> {
    const { path, identity } = this.#source;
    const key = `${path}\0${identityKey(identity)}\0${levelIndex}\0${row}`;
    const raster = await this.#cache.get(key, () => this.#decodeBand(levelIndex, band, row));
    return { raster, firstRow: 0, isShared: true };
  }

  /**
   * The file is read whole and decoded from memory: a decoder has to go through it anyway, and so it is the
   * version that was opened, whatever has happened to the name since.
   */
  async #decodeBand(levelIndex: number, band: Size, row: number): Promise<Raster> {
    const { bands, levels } = this.info;
    const level = levels[levelIndex];
    if (level === undefined) throw new RangeError(`no level ${levelIndex}`);
    const y = row * band.height;
    const window = { x: 0, y, width: level.width, height: Math.min(band.height, level.height - y) };
    const bytes = await this.#source.read(0, this.#source.identity.size);
    const { data } = await decodeScaledJpeg(bytes, bands, {
      size: { width: level.width, height: level.height },
      window,
    });
    return byteRaster(window, bands, data);
  }
}

/** Rows that are decoded together: the whole level, or as many rows of tiles as the limit allows. */
function bandOf({ width, height }: LevelInfo, bands: number): Size {
  const rows = Math.max(1, Math.floor(MAX_BAND_BYTES / (width * bands * VIRTUAL_TILE))) * VIRTUAL_TILE;
  return { width, height: Math.min(height, rows) };
}
