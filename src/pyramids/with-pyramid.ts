/** A reader that takes its pixels from the pyramid of its picture as soon as there is one. */
import fs from 'node:fs';
import type { Awaitable } from '../awaitable.ts';
import { statIdentity, type FileVersion } from '../image/file-source.ts';
import type { ImageInfo } from '../image/info.ts';
import type { OpenOptions } from '../image/open-context.ts';
import { openImage } from '../image/open.ts';
import type { Raster } from '../image/raster.ts';
import type { Cancellation, ImageReader, TileAddress, WindowAddress } from '../image/reader.ts';
import type { ByteSource } from '../image/source.ts';
import { pyramidPath } from './pyramid-path.ts';

/** Looks for the pyramid cost a system call; not more often than this. */
const LOOK_MS = 1_000;

export interface PyramidSource {
  readonly path: string;
  /** Opens it as it is stored. */
  readonly open: () => Promise<ImageReader>;
}

/** The facts are those of the source, but for what its tiles are stored in. */
async function withPyramid(reader: ImageReader, pyramid: PyramidSource): Promise<ImageReader> {
  const wrapped = new PyramidReader(reader, pyramid);
  await wrapped.look();
  return wrapped;
}

/** Whether a picture has neither tiles nor levels of its own, nor pages, which pyramids are not made of. */
export function isFlat({ levels, pages }: ImageInfo): boolean {
  return levels[0]?.isCut === true && levels.length > 1 && pages.length === 1;
}

/** Pixels from which a pyramid is worth its making: below, a picture is decoded in a fraction of a second. */
const LARGE_PIXELS = 2 ** 23;

/** Whether a pyramid of the picture would make it faster. */
export function isWorthPyramid(info: ImageInfo): boolean {
  const [full] = info.levels;
  return isFlat(info) && full !== undefined && full.width * full.height >= LARGE_PIXELS;
}

/**
 * Puts the pyramid before the readers of flat pictures, as an option of `openImage`.
 *
 * @param directory PYRAMID_CACHE_DIR; nothing is to be done when it is empty.
 * @param openSource opens a file as this thread opens files.
 */
export function throughPyramids(
  directory: string,
  openSource: (version: FileVersion) => ByteSource,
): NonNullable<OpenOptions['wrap']> | undefined {
  if (directory === '') return undefined;
  return (reader, source) => {
    if (!isFlat(reader.info)) return Promise.resolve(reader);
    const file = pyramidPath(directory, source.path, source.identity);
    const open = () => {
      const identity = statIdentity(fs.statSync(file));
      return openImage(openSource({ path: file, identity }), { isOriented: false });
    };
    return withPyramid(reader, { path: file, open: async () => open() });
  };
}

class PyramidReader implements ImageReader {
  #info: ImageInfo;
  readonly #source: ImageReader;
  readonly #place: PyramidSource;
  #pyramid: ImageReader | undefined;
  #looked = -LOOK_MS;

  constructor(source: ImageReader, place: PyramidSource) {
    this.#info = source.info;
    this.#source = source;
    this.#place = place;
  }

  get info(): ImageInfo {
    return this.#info;
  }

  /** Opens the pyramid where it has appeared. */
  async look(): Promise<void> {
    const now = performance.now();
    if (this.#pyramid !== undefined || now - this.#looked < LOOK_MS) return;
    this.#looked = now;
    if (!touch(this.#place.path)) return;
    const pyramid = await this.#place.open().catch(() => undefined);
    if (pyramid === undefined || pyramid.info.levels.length !== this.#info.levels.length) return;
    this.#pyramid = pyramid;
    this.#info = {
      ...this.#source.info,
      levels: pyramid.info.levels,
    };
  }

  async readWindow(address: WindowAddress, cancellation?: Cancellation): Promise<Raster> {
    await this.look();
    return this.#read((reader) => reader.readWindow(address, cancellation));
  }

  readEncodedTile(address: TileAddress): Promise<Uint8Array | undefined> {
    return this.#read((reader) => reader.readEncodedTile(address));
  }

  close(): void {
    this.#pyramid?.close();
    this.#source.close();
  }

  /** A pyramid that was deleted meanwhile, or broke, is done without. */
  async #read<T>(read: (reader: ImageReader) => Awaitable<T>): Promise<T> {
    const pyramid = this.#pyramid;
    if (pyramid === undefined) return read(this.#source);
    try {
      return await read(pyramid);
    } catch (error) {
      if (fs.existsSync(this.#place.path)) throw error;
      this.#pyramid = undefined;
      return read(this.#source);
    }
  }
}

/** Marks the file as used now, which file systems do not always do by themselves; whether it is there. */
function touch(file: string): boolean {
  try {
    const { mtimeMs } = fs.statSync(file);
    fs.utimesSync(file, Date.now() / 1000, mtimeMs / 1000);
    return true;
  } catch {
    return fs.existsSync(file);
  }
}
