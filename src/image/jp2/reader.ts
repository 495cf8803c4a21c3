/** An open JPEG 2000 picture: windows out of the resolutions of its codestream. */
import type { ImageInfo } from '../info.ts';
import { allocateSamples, type Raster, type Rectangle } from '../raster.ts';
import type { Cancellation, ImageReader, TileAddress, WindowAddress } from '../reader.ts';
import { checkTile, checkWindow } from '../window.ts';
import type { Codestream } from './codestream/codestream.ts';
import { decodeWindow } from './decode-window.ts';
import { decodeNatively } from './native/decode-natively.ts';
import type { WindowDecoder } from './native/decoder.ts';
import type { PictureBands } from './picture/bands.ts';
import { pictureBounds } from './picture-window.ts';

/** What the reader has to know besides the facts that everybody may know. */
export interface Jp2Picture {
  readonly bands: PictureBands;
  /** KAKADU_READMODE 1: a damaged codestream is refused. */
  readonly isStrict: boolean;
  /** Asked first, when there is one. */
  readonly native?: WindowDecoder | undefined;
}

/** Samples that are decoded at once; the core takes not many more. */
const MAX_STRIP_SAMPLES = 2 ** 23;

/** Strips end where rows of code-blocks end, mostly. */
const STRIP_STEP = 64;

/** Columns that are decoded at once: half of what the core takes. */
const MAX_PIECE_WIDTH = 8_192;

const NEVER: Cancellation = { throwIfAborted: () => {} };

export class Jp2Reader implements ImageReader {
  readonly info: ImageInfo;
  readonly #codestream: Codestream;
  readonly #picture: Jp2Picture;

  constructor(codestream: Codestream, info: ImageInfo, picture: Jp2Picture) {
    this.info = info;
    this.#codestream = codestream;
    this.#picture = picture;
  }

  async readWindow(address: WindowAddress, cancellation: Cancellation = NEVER): Promise<Raster> {
    checkWindow(this.info, address);
    cancellation.throwIfAborted();
    const { level, window, layers = this.info.layers ?? 1 } = address;
    return this.#readStored({ level, window, layers }, cancellation);
  }

  /** A file has no tiles that could be sent as they are. */
  async readEncodedTile(address: TileAddress): Promise<undefined> {
    checkTile(this.info, address);
    return Promise.resolve(undefined);
  }

  close(): void {
    this.#codestream.forget();
    this.#codestream.source.close();
  }

  async #readStored(wish: StoredWish, cancellation: Cancellation): Promise<Raster> {
    const { window } = wish;
    const pieces = [...piecesOf(window, this.#samplesPerPixel())];
    if (pieces.length === 1) return this.#decode(wish, cancellation);
    let whole: Raster | undefined;
    for (const piece of pieces) {
      const raster = await this.#decode({ ...wish, window: piece }, cancellation);
      const { bands, bitsPerSample, sampleFormat } = raster;
      const length = window.width * window.height * bands;
      whole ??= { ...raster, ...sizeOf(window), data: allocateSamples(length, bitsPerSample, sampleFormat) };
      copyRows(raster, whole, piece.x - window.x, piece.y - window.y);
    }
    if (whole === undefined) throw new RangeError('a window without pixels');
    return whole;
  }

  async #decode({ level, window, layers }: StoredWish, cancellation: Cancellation): Promise<Raster> {
    const { bands, isStrict, native } = this.#picture;
    const { x0, y0, dx, dy } = pictureBounds(this.#codestream.header.canvas, level);
    const [left, top] = [x0 + window.x, y0 + window.y];
    const bounds = { x0: left, y0: top, x1: left + window.width, y1: top + window.height, dx, dy };
    const wish = { window: bounds, reduction: level, layers, isStrict };
    const raster = native && (await decodeNatively(native, this.#codestream, bands, wish, cancellation));
    return raster ?? decodeWindow(this.#codestream, bands, wish, cancellation);
  }

  #samplesPerPixel(): number {
    return Math.max(this.info.bands, this.#codestream.header.canvas.components.length);
  }
}

interface StoredWish {
  readonly level: number;
  readonly window: Rectangle;
  readonly layers: number;
}

const sizeOf = ({ width, height }: Rectangle) => ({ width, height });

/** Rows of so many pixels that are decoded at once. */
export function rowsAtOnce(width: number, samplesPerPixel: number): number {
  const rows = Math.floor(MAX_STRIP_SAMPLES / (width * samplesPerPixel));
  return Math.max(1, rows >= STRIP_STEP ? rows - (rows % STRIP_STEP) : rows);
}

/** A window from the top to the bottom in parts of whole rows. */
function* stripsOf(window: Rectangle, samplesPerPixel: number): Generator<Rectangle, void> {
  const { x, y, width, height } = window;
  const stripRows = rowsAtOnce(width, samplesPerPixel);
  for (let top = 0; top < height; top += stripRows) {
    yield { x, y: y + top, width, height: Math.min(stripRows, height - top) };
  }
}

/** A window in parts that the core takes at once. */
function* piecesOf(window: Rectangle, samplesPerPixel: number): Generator<Rectangle, void> {
  for (let left = 0; left < window.width; left += MAX_PIECE_WIDTH) {
    const width = Math.min(MAX_PIECE_WIDTH, window.width - left);
    yield* stripsOf({ ...window, x: window.x + left, width }, samplesPerPixel);
  }
}

function copyRows(from: Raster, to: Raster, left: number, top: number): void {
  const length = from.width * from.bands;
  for (let y = 0; y < from.height; y++) {
    to.data.set(from.data.subarray(y * length, (y + 1) * length), ((top + y) * to.width + left) * to.bands);
  }
}
