/**
 * Levels that a file does not store: averaged from the next larger one that it does (BEHAVIOUR 4), for every format.
 * Small ones are made together and kept for all threads, so that the next tile of them decodes nothing.
 */
import type { Awaitable } from '../../awaitable.ts';
import { ServerError } from '../../errors.ts';
import type { LevelStore } from '../flat/level-store.ts';
import { infoOfPage } from '../info.ts';
import type { ImageInfo, LevelInfo, VirtualSource } from '../info.ts';
import { rasterBitsOf, type Raster } from '../raster.ts';
import type { Cancellation, ImageReader, TileAddress, WindowAddress } from '../reader.ts';
import { identityKey, type ByteSource } from '../source.ts';
import { checkWindow } from '../window.ts';
import { Averager } from './average.ts';
import { makePack, PACK_BYTES, planPack, type Pack } from './pack.ts';
import { piecesOf, sourceWindow } from './pieces.ts';
import { withAllLevels } from './sizes.ts';

/** Samples that one window may cost: some seconds. More needs a file with levels. */
const MAX_SAMPLES = 2 ** 31;
/** The same of what is decoded more slowly. */
const MAX_SLOW_SAMPLES = 2 ** 27;
const SLOW = /^(jpeg2000|htj2k)/;

/** No compression packs so many samples of a picture into a byte; looked at where decoding takes a second. */
const MAX_SAMPLES_PER_BYTE = 1_024;
const MANY_SAMPLES = 2 ** 28;

/**
 * The reader with halved levels put behind its smallest, until one tile holds the picture, and between levels that
 * are far apart. A reader that lacks none is given back as it is.
 *
 * @param source of the file; it tells versions apart.
 * @param store where small virtual levels are kept.
 */
export function withVirtualLevels(reader: ImageReader, source: ByteSource, store: LevelStore): ImageReader {
  const { info } = reader;
  const full = withAllLevels(info);
  const isComplete = info.pages.every((_, page) => {
    const { length } = infoOfPage(info, page).levels;
    return infoOfPage(full, page).levels.length === length;
  });
  return isComplete ? reader : new VirtualReader(reader, full, { source, store });
}

/** A virtual level of one page, and what it is made of. */
interface Wanted {
  readonly address: WindowAddress;
  readonly virtual: VirtualSource;
  readonly stored: LevelInfo;
  /** The facts of the page, as stored. */
  readonly info: ImageInfo;
  readonly cancellation: Cancellation | undefined;
}

class VirtualReader implements ImageReader {
  readonly info: ImageInfo;
  readonly #reader: ImageReader;
  readonly #fileBytes: number;
  readonly #name: string;
  readonly #store: LevelStore;

  constructor(
    reader: ImageReader,
    info: ImageInfo,
    { source, store }: { readonly source: ByteSource; readonly store: LevelStore },
  ) {
    this.#reader = reader;
    this.info = info;
    this.#fileBytes = source.identity.size;
    this.#name = `${source.path}\0${identityKey(source.identity)}`;
    this.#store = store;
  }

  readWindow(address: WindowAddress, cancellation?: Cancellation): Awaitable<Raster> {
    const { virtual } = checkWindow(this.info, address);
    if (virtual === undefined) {
      return this.#reader.readWindow({ ...address, level: this.#storedIndex(address) }, cancellation);
    }
    cancellation?.throwIfAborted();
    const info = infoOfPage(this.#reader.info, address.page);
    const stored = info.levels[virtual.from];
    if (stored === undefined) throw new RangeError(`no stored level ${virtual.from}`);
    return this.#readVirtual({ address, virtual, stored, info, cancellation });
  }

  async #readVirtual(wanted: Wanted): Promise<Raster> {
    return (await this.#readPacked(wanted)) ?? this.#average(wanted);
  }

  readEncodedTile(address: TileAddress): Awaitable<Uint8Array | undefined> {
    const level = infoOfPage(this.info, address.page).levels[address.level];
    if (level?.virtual !== undefined) return undefined;
    return this.#reader.readEncodedTile({ ...address, level: this.#storedIndex(address) });
  }

  close(): void {
    this.#reader.close();
  }

  /** The same level in the reader behind; for one that is not there a number that it has not either. */
  #storedIndex({ page, level }: { readonly page: number; readonly level: number }): number {
    const { levels } = infoOfPage(this.info, page);
    if (levels[level] === undefined) return level < 0 ? level : levels.length;
    return levels.slice(0, level).filter(({ virtual }) => virtual === undefined).length;
  }

  /** Out of the levels that are kept together; undefined for one that is too large to be among them. */
  async #readPacked(wanted: Wanted): Promise<Raster | undefined> {
    const { address, virtual, stored, info, cancellation } = wanted;
    const { page, layers, window } = address;
    const pack = this.#packOf(wanted);
    const place = pack?.levels[Math.log2(virtual.factor / pack.factor)];
    if (pack === undefined || place === undefined) return undefined;
    const name = `${this.#name}\0${page}\0${virtual.from}\0${layers ?? ''}\0virtual`;
    const make = (): Promise<Raster> =>
      makePack(pack, {
        level: stored,
        bands: info.bands,
        colorSpace: info.colorSpace,
        read: this.#readStored(wanted),
      });
    const part = { ...window, y: place.top + window.y };
    return this.#store.window(name, part, make, () => cancellation?.throwIfAborted());
  }

  #packOf({ address, virtual, stored, info }: Wanted): Pack | undefined {
    const { width, height, compression } = stored;
    if (!this.#isBearable(width * height * info.bands, compression)) return undefined;
    const { levels } = infoOfPage(this.info, address.page);
    const members = levels.filter((level) => level.virtual?.from === virtual.from);
    const pixelBytes = (info.bands * rasterBitsOf(info.bitsPerSample)) / 8;
    return planPack(members, pixelBytes, Math.min(PACK_BYTES, this.#store.largestBytes));
  }

  /** Out of what is stored under the window. */
  async #average(wanted: Wanted): Promise<Raster> {
    const { address, virtual, stored, info } = wanted;
    const { factor } = virtual;
    const { bands, colorSpace } = info;
    const needed = sourceWindow(address.window, factor, stored);
    const samples = needed.width * needed.height * bands;
    if (!this.#isBearable(samples, stored.compression)) {
      throw new ServerError(
        'too-large',
        'this image has no smaller levels, and is too large to be shown without',
        { facts: { samples, fileBytes: this.#fileBytes } },
      );
    }
    const read = this.#readStored(wanted);
    const averager = new Averager({ factor, full: stored, window: address.window, bands, colorSpace });
    for (const piece of piecesOf(needed, stored, bands)) averager.add(await read(piece), piece);
    return averager.finish();
  }

  #readStored({ address, virtual, cancellation }: Wanted) {
    return async (window: WindowAddress['window']): Promise<Raster> => {
      cancellation?.throwIfAborted();
      return this.#reader.readWindow({ ...address, level: virtual.from, window }, cancellation);
    };
  }

  #isBearable(samples: number, compression: string): boolean {
    const isBomb = samples > MANY_SAMPLES && samples > this.#fileBytes * MAX_SAMPLES_PER_BYTE;
    return samples <= (SLOW.test(compression) ? MAX_SLOW_SAMPLES : MAX_SAMPLES) && !isBomb;
  }
}
