/** An open TIFF: windows and stored tiles out of the levels of its pages. */
import { after, type Awaitable } from '../../awaitable.ts';
import { composeWindow, type ReadSegment } from '../compose.ts';
import type { ImageInfo } from '../info.ts';
import type { LevelStore } from '../flat/level-store.ts';
import type { Raster } from '../raster.ts';
import type { Cancellation, ImageReader, TileAddress, WindowAddress } from '../reader.ts';
import { recycling } from '../../recycling.ts';
import { identityKey } from '../source.ts';
import type { ByteSource } from '../source.ts';
import { checkTile, checkWindow } from '../window.ts';
import { completeJpeg, isPlainJpeg } from './jpeg-segment.ts';
import { isWorthKeeping, keptSegments } from './kept-segments.ts';
import { pixelBytesOf } from './pixel-layout.ts';
import type { StoredLevel } from './stored-level.ts';

/** What a reader is made of. */
export interface OpenTiff {
  readonly source: ByteSource;
  readonly info: ImageInfo;
  /** Levels of every page, as many as `info` has. */
  readonly pages: readonly (readonly StoredLevel[])[];
}

export class TiffReader implements ImageReader {
  readonly info: ImageInfo;
  readonly #source: ByteSource;
  readonly #pages: OpenTiff['pages'];
  readonly #store: LevelStore;
  readonly #name: string;

  constructor({ source, info, pages }: OpenTiff, store: LevelStore) {
    this.info = info;
    this.#source = source;
    this.#pages = pages;
    this.#store = store;
    this.#name = `${source.path}\0${identityKey(source.identity)}`;
  }

  readWindow(address: WindowAddress, cancellation?: Cancellation): Awaitable<Raster> {
    checkWindow(this.info, address);
    const level = this.#level(address);
    const { grid, read } = this.#segmentsOf(level, cancellation);
    return composeWindow(address.window, grid, read, cancellation);
  }

  readEncodedTile(address: TileAddress): Awaitable<Uint8Array | undefined> {
    const { storedEncoding, width, height, tileWidth, tileHeight } = checkTile(this.info, address);
    const { column, row } = address;
    const isWhole = (column + 1) * tileWidth <= width && (row + 1) * tileHeight <= height;
    if (storedEncoding === undefined || !isWhole) return undefined;
    const { bands } = this.info;
    return after(this.#level(address).readStored(column, row), (stored) => {
      if (stored === undefined || storedEncoding === 'webp') return stored?.bytes;
      const file = isPlainJpeg(stored, bands) ? completeJpeg(stored) : undefined;
      recycling.giveBack(stored.bytes);
      return file;
    });
  }

  close(): void {
    this.#source.close();
  }

  /** From memory where they are worth keeping; rows of uncompressed ones are as quickly read again. */
  #segmentsOf(level: StoredLevel, cancellation: Cancellation | undefined) {
    const { grid, directory, width, height } = level.subfile;
    const read: ReadSegment = (address) => level.readSegment(address);
    if (level.compression.name === 'none' || !isWorthKeeping(grid)) return { grid, read };
    const kept = {
      name: `${this.#name}\0${directory.offset}\0${level.subfile.shift ?? 0}`,
      size: { width, height },
      grid,
      pixelBytes: pixelBytesOf(level.layout),
      read,
    };
    return keptSegments(kept, this.#store, cancellation);
  }

  #level({ page, level }: { readonly page: number; readonly level: number }): StoredLevel {
    const found = this.#pages[page]?.[level];
    if (found === undefined) throw new RangeError(`no level ${level} of page ${page}`);
    return found;
  }
}
