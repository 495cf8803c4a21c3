/** Decodes JPEG files: whole levels at reduced size, and windows of large ones without what is beside them. */
import type { FlatDecoder, RowsAddress } from '../flat/decoder.ts';
import type { LevelStore } from '../flat/level-store.ts';
import type { ImageInfo } from '../info.ts';
import { byteRaster, type Raster, type Rectangle } from '../raster.ts';
import type { Cancellation } from '../reader.ts';
import { identityKey, type ByteSource } from '../source.ts';
import { decodeScaledFile, decodeScaledJpeg } from './decode.ts';
import { cutJpeg } from './mcu-cut.ts';
import { buildIndex, indexWords, unpackIndex, type McuIndex } from './mcu-index.ts';
import { scanLayout, type ScanLayout } from './scan-layout.ts';

/** Decoders reduce by 2, 4 and 8 while they decode. */
const SMALLEST_DECODED = 3;

/** MCUs around a window whose colors are mixed into its edge. */
const MARGIN_MCUS = 1;

/** How the file can be walked through. */
interface Walk {
  readonly layout: ScanLayout;
  readonly index: McuIndex;
}

export interface JpegFile {
  readonly source: ByteSource;
  readonly info: ImageInfo;
  /** Offset of the SOS marker. */
  readonly scanAt: number;
}

export class FlatJpeg implements FlatDecoder {
  readonly smallestDecoded = SMALLEST_DECODED;
  readonly #file: JpegFile;
  readonly #store: LevelStore;
  #walk: Promise<Walk | undefined> | undefined;

  constructor(file: JpegFile, store: LevelStore) {
    this.#file = file;
    this.#store = store;
  }

  /**
   * The file is read whole and decoded from memory: a decoder has to go through it anyway, and so it is the
   * version that was opened, whatever has happened to the name since.
   */
  async decodeRows({ level, top, height }: RowsAddress): Promise<Raster> {
    const { source, info } = this.#file;
    const { width, height: levelHeight } = info.levels[level]!;
    const window = { x: 0, y: top, width, height };
    const size = { width, height: levelHeight };
    const full = info.levels[0]!;
    const file = {
      length: source.identity.size,
      read: (offset: number, length: number) => source.read(offset, length),
      // Coefficients of a progressive file have 16 bits.
      pixelBytes: 2 * full.width * full.height * info.bands,
    };
    const { data } = await decodeScaledFile(file, info.bands, { size, window });
    return byteRaster(window, info.bands, data);
  }

  async decodeWindow(
    level: number,
    window: Rectangle,
    cancellation?: Cancellation,
  ): Promise<Raster | undefined> {
    if (level > SMALLEST_DECODED) return undefined;
    this.#walk ??= this.#findWalk();
    const walk = await this.#walk.catch((error: unknown) => {
      this.#walk = undefined;
      throw error;
    });
    cancellation?.throwIfAborted();
    return walk && this.#decodeCut(walk, 2 ** level, window);
  }

  /** The index is kept in the store, where the other threads find it. */
  async #findWalk(): Promise<Walk | undefined> {
    const { source, scanAt } = this.#file;
    const [high = 0, low = 0] = await source.read(scanAt + 2, 2);
    const layout = scanLayout(await source.read(0, scanAt + 2 + high * 256 + low));
    if (layout === undefined) return undefined;
    const words = { width: indexWords(layout), height: 1 };
    const name = `${source.path}\0${identityKey(source.identity)}\0places`;
    const kept = await this.#store.window(name, { x: 0, y: 0, ...words }, async () => ({
      ...words,
      bands: 1,
      bitsPerSample: 32,
      sampleFormat: 'uint',
      data: await buildIndex(source, layout),
    }));
    const index = unpackIndex(kept.data as Uint32Array, layout);
    return index && { layout, index };
  }

  async #decodeCut({ layout, index }: Walk, scale: number, window: Rectangle): Promise<Raster | undefined> {
    const { source, info } = this.#file;
    const { mcuWidth, mcuHeight, frame } = layout;
    const mcus = mcusAround(layout, scale, window);
    // What the decoder reduces is whole MCUs, so that it is reduced by just this factor.
    const right = mcus.width * mcuWidth;
    const bottom = mcus.height * mcuHeight;
    const size =
      scale > 1
        ? { width: right, height: bottom }
        : {
            width: Math.min(right, frame.width - mcus.x * mcuWidth),
            height: Math.min(bottom, frame.height - mcus.y * mcuHeight),
          };
    const cut = await cutJpeg({ source, layout, index }, mcus, size);
    if (cut === undefined) return undefined;
    const inner = {
      ...window,
      x: window.x - (mcus.x * mcuWidth) / scale,
      y: window.y - (mcus.y * mcuHeight) / scale,
    };
    const scaled = { width: size.width / scale, height: size.height / scale };
    const { data } = await decodeScaledJpeg(cut, info.bands, { size: scaled, window: inner });
    return byteRaster(window, info.bands, data);
  }
}

function mcusAround(
  { mcuWidth, mcuHeight, columns, rows }: ScanLayout,
  scale: number,
  window: Rectangle,
): Rectangle {
  const first = (at: number, side: number): number =>
    Math.max(0, Math.floor((at * scale) / side) - MARGIN_MCUS);
  const end = (at: number, side: number, count: number): number =>
    Math.min(count, Math.ceil((at * scale) / side) + MARGIN_MCUS);
  const x = first(window.x, mcuWidth);
  const y = first(window.y, mcuHeight);
  return {
    x,
    y,
    width: end(window.x + window.width, mcuWidth, columns) - x,
    height: end(window.y + window.height, mcuHeight, rows) - y,
  };
}
