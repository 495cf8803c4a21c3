/** An open TIFF: windows and stored tiles out of the levels of its pages. */
import { composeWindow } from '../compose.ts';
import type { ImageInfo } from '../info.ts';
import type { Segment, SegmentAddress } from '../compose.ts';
import type { Raster } from '../raster.ts';
import type { Cancellation, ImageReader, TileAddress, WindowAddress } from '../reader.ts';
import { identityKey } from '../source.ts';
import type { ByteSource } from '../source.ts';
import { checkTile, checkWindow } from '../window.ts';
import { completeJpeg, isPlainJpeg } from './jpeg-segment.ts';
import { isWorthKeeping, SegmentCache } from './segment-cache.ts';
import type { StoredLevel } from './stored-level.ts';

/** Shared by all TIFF files of a thread. */
const decodedSegments = new SegmentCache();

export class TiffReader implements ImageReader {
  readonly info: ImageInfo;
  readonly #source: ByteSource;
  readonly #pages: readonly (readonly StoredLevel[])[];

  /** @param pages levels of every page, as many as `info` has. */
  constructor(source: ByteSource, info: ImageInfo, pages: readonly (readonly StoredLevel[])[]) {
    this.info = info;
    this.#source = source;
    this.#pages = pages;
  }

  async readWindow(address: WindowAddress, cancellation?: Cancellation): Promise<Raster> {
    checkWindow(this.info, address);
    const level = this.#level(address);
    const { grid } = level.subfile;
    return composeWindow(address.window, grid, (segment) => this.#readSegment(level, segment), cancellation);
  }

  async readEncodedTile(address: TileAddress): Promise<Uint8Array | undefined> {
    const { storedEncoding, width, height, tileWidth, tileHeight } = checkTile(this.info, address);
    const { column, row } = address;
    const isWhole = (column + 1) * tileWidth <= width && (row + 1) * tileHeight <= height;
    if (storedEncoding === undefined || !isWhole) return undefined;
    const { bands } = this.info;
    const stored = await this.#level(address).readStored(column, row);
    if (stored === undefined || storedEncoding === 'webp') return stored?.bytes;
    return isPlainJpeg(stored, bands) ? completeJpeg(stored) : undefined;
  }

  close(): void {
    this.#source.close();
  }

  /** From memory where it is worth keeping; rows of an uncompressed one are as quickly read again. */
  #readSegment(level: StoredLevel, address: SegmentAddress): Promise<Segment> {
    const { grid, directory } = level.subfile;
    if (level.compression.name === 'none' || !isWorthKeeping(grid)) return level.readSegment(address);
    const { path, identity } = this.#source;
    const key = `${path}\0${identityKey(identity)}\0${directory.offset}\0${address.column},${address.row}`;
    return decodedSegments.get(key, () => level.readSegment(address));
  }

  #level({ page, level }: { readonly page: number; readonly level: number }): StoredLevel {
    const found = this.#pages[page]?.[level];
    if (found === undefined) throw new RangeError(`no level ${level} of page ${page}`);
    return found;
  }
}
