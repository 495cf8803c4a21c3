/** Levels that a file does not store: read from the next larger one that it does, and averaged (BEHAVIOUR 4). */
import { ServerError } from '../errors.ts';
import { Averager } from './average.ts';
import { infoOfPage } from './info.ts';
import type { ImageInfo, LevelInfo } from './info.ts';
import type { Raster, Rectangle, Size } from './raster.ts';
import type { Cancellation, ImageReader, TileAddress, WindowAddress } from './reader.ts';
import { checkWindow } from './window.ts';

/** A tiled picture of up to so many tiles a side needs no smaller one; one in strips does, as no part of it is cheap. */
const MOST_TILES = 4;

/** Stored levels that differ by more have levels put between them: viewers halve. */
const LEAST_GAP = 3;

/** Samples that are decoded in one piece, unless a tile or a row has more. */
export const PIECE_SAMPLES = 2 ** 20;

/** Samples that one window may cost: some seconds. More needs a file with levels. */
const MAX_SAMPLES = 2 ** 31;

/** No compression packs so many samples of a picture into a byte; looked at where decoding takes a second. */
const MAX_SAMPLES_PER_BYTE = 1_024;
const MANY_SAMPLES = 2 ** 28;

/**
 * The reader with halved levels put behind its smallest, until one tile holds the picture, and between levels that
 * are far apart. A reader that lacks none is given back as it is.
 *
 * @param fileBytes size of the file.
 */
export function withVirtualLevels(reader: ImageReader, fileBytes: number): ImageReader {
  const { info } = reader;
  const full = addLevels(info);
  const isComplete = info.pages.every((_, page) => {
    const { length } = infoOfPage(info, page).levels;
    return infoOfPage(full, page).levels.length === length;
  });
  return isComplete ? reader : new VirtualReader(reader, full, fileBytes);
}

function addLevels(info: ImageInfo): ImageInfo {
  const pages = info.pages.map((page) =>
    page.own === undefined
      ? page
      : { ...page, own: { ...page.own, levels: completeLevels(page.own.levels) } },
  );
  return { ...info, levels: completeLevels(info.levels), pages };
}

/** Stored and virtual levels, the largest first. */
function completeLevels(stored: readonly LevelInfo[]): readonly LevelInfo[] {
  return stored.flatMap((level, index) => {
    const next = stored[index + 1];
    const sizes = next === undefined ? sizesBelow(level) : sizesBetween(level, next);
    return [
      level,
      ...sizes.map((size, step) => virtualOf(level, size, { from: index, factor: 2 ** (step + 1) })),
    ];
  });
}

function virtualOf(
  { tileWidth, tileHeight, compression }: LevelInfo,
  size: Size,
  virtual: NonNullable<LevelInfo['virtual']>,
): LevelInfo {
  return { ...size, tileWidth, tileHeight, compression, virtual };
}

/** Sizes until one tile holds the picture. */
function sizesBelow(level: LevelInfo): Size[] {
  const { tileWidth, tileHeight } = level;
  const most = level.isCut === true ? 1 : MOST_TILES;
  if (level.width <= most * tileWidth && level.height <= most * tileHeight) return [];
  const sizes: Size[] = [];
  let factor = 1;
  let size: Size = level;
  while (size.width > tileWidth || size.height > tileHeight) {
    factor *= 2;
    size = divided(level, factor);
    sizes.push(size);
  }
  return sizes;
}

function sizesBetween(level: LevelInfo, next: Size): Size[] {
  const sizes: Size[] = [];
  for (let factor = 2; level.width / factor > (next.width * LEAST_GAP) / 2; factor *= 2)
    sizes.push(divided(level, factor));
  return sizes;
}

/** Rounded down, so that every pixel has a whole square; but never to nothing. */
function divided({ width, height }: Size, factor: number): Size {
  return { width: Math.max(1, Math.floor(width / factor)), height: Math.max(1, Math.floor(height / factor)) };
}

class VirtualReader implements ImageReader {
  readonly info: ImageInfo;
  readonly #reader: ImageReader;
  readonly #fileBytes: number;

  constructor(reader: ImageReader, info: ImageInfo, fileBytes: number) {
    this.#reader = reader;
    this.info = info;
    this.#fileBytes = fileBytes;
  }

  async readWindow(address: WindowAddress, cancellation?: Cancellation): Promise<Raster> {
    const level = checkWindow(this.info, address);
    const { virtual } = level;
    if (virtual === undefined) {
      return this.#reader.readWindow({ ...address, level: this.#storedIndex(address) }, cancellation);
    }
    const info = infoOfPage(this.#reader.info, address.page);
    const source = info.levels[virtual.from];
    if (source === undefined) throw new RangeError(`no stored level ${virtual.from}`);
    const { factor } = virtual;
    const { bands, colorSpace } = info;
    const needed = sourceWindow(address.window, factor, source);
    this.#checkWork(needed.width * needed.height * bands);
    const averager = new Averager({ factor, full: source, window: address.window, bands, colorSpace });
    for (const window of piecesOf(needed, source, bands)) {
      cancellation?.throwIfAborted();
      const piece = await this.#reader.readWindow({ ...address, level: virtual.from, window }, cancellation);
      averager.add(piece, window);
    }
    return averager.finish();
  }

  async readEncodedTile(address: TileAddress): Promise<Uint8Array | undefined> {
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

  /** @throws {ServerError} `too-large`. */
  #checkWork(samples: number): void {
    const isBomb = samples > MANY_SAMPLES && samples > this.#fileBytes * MAX_SAMPLES_PER_BYTE;
    if (samples <= MAX_SAMPLES && !isBomb) return;
    throw new ServerError(
      'too-large',
      'this image has no smaller levels, and is too large to be shown without',
      {
        facts: { samples, fileBytes: this.#fileBytes },
      },
    );
  }
}

function sourceWindow({ x, y, width, height }: Rectangle, factor: number, source: Size): Rectangle {
  const left = x * factor;
  const top = y * factor;
  return {
    x: left,
    y: top,
    width: Math.min(width * factor, source.width - left),
    height: Math.min(height * factor, source.height - top),
  };
}

/** The window in pieces that end where tiles end, so that none is decoded twice; of strips in bands of rows. */
function* piecesOf(window: Rectangle, level: LevelInfo, bands: number): Generator<Rectangle> {
  const { width, height } = pieceSize(window, level, bands);
  const [right, bottom] = [window.x + window.width, window.y + window.height];
  for (let y = window.y; y < bottom;) {
    const nextY = Math.min(bottom, (Math.floor(y / height) + 1) * height);
    for (let x = window.x; x < right;) {
      const nextX = Math.min(right, (Math.floor(x / width) + 1) * width);
      yield { x, y, width: nextX - x, height: nextY - y };
      x = nextX;
    }
    y = nextY;
  }
}

function pieceSize(
  window: Rectangle,
  { isCut, width, tileWidth, tileHeight }: LevelInfo,
  bands: number,
): Size {
  if (isCut === true)
    return { width, height: Math.max(1, Math.floor(PIECE_SAMPLES / (window.width * bands))) };
  const tiles = Math.max(1, Math.floor(PIECE_SAMPLES / (tileWidth * tileHeight * bands)));
  return { width: tiles * tileWidth, height: tileHeight };
}
