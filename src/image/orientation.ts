/** Turns pictures upright as their files ask (TIFF tag 274, EXIF): the one place where orientation is applied. */
import { infoOfPage } from './info.ts';
import type { ImageInfo, LevelInfo, PageFacts, Resolution } from './info.ts';
import { allocateSamples } from './raster.ts';
import type { Raster, Rectangle, Size } from './raster.ts';
import type { Cancellation, ImageReader, TileAddress, WindowAddress } from './reader.ts';
import { uprightExif, uprightXmp } from './upright-metadata.ts';
import { checkTile, checkWindow } from './window.ts';

/** How the stored picture becomes the upright one: first its diagonal mirrored, then its sides. */
interface Turn {
  /** Rows become columns. */
  readonly isTransposed: boolean;
  /** The stored left is the upright right, and so on; after the transposition. */
  readonly isMirrored: boolean;
  readonly isFlipped: boolean;
}

/** Orientation by its number: where the first row and the first column of the stored picture are (TIFF 6.0, EXIF 2.3). */
const TURNS: Readonly<Record<number, Turn>> = {
  2: { isTransposed: false, isMirrored: true, isFlipped: false },
  3: { isTransposed: false, isMirrored: true, isFlipped: true },
  4: { isTransposed: false, isMirrored: false, isFlipped: true },
  5: { isTransposed: true, isMirrored: false, isFlipped: false },
  6: { isTransposed: true, isMirrored: true, isFlipped: false },
  7: { isTransposed: true, isMirrored: true, isFlipped: true },
  8: { isTransposed: true, isMirrored: false, isFlipped: true },
};

/** A reader whose pictures stand upright; the reader itself where all of them do already. */
export function withOrientation(reader: ImageReader): ImageReader {
  const { info } = reader;
  const isUpright = info.pages.every((_, page) => turnOf(infoOfPage(info, page)) === undefined);
  return isUpright ? reader : new OrientedReader(reader);
}

function turnOf({ orientation }: Pick<ImageInfo, 'orientation'>): Turn | undefined {
  return orientation === undefined ? undefined : TURNS[orientation];
}

class OrientedReader implements ImageReader {
  readonly info: ImageInfo;
  readonly #reader: ImageReader;

  constructor(reader: ImageReader) {
    this.#reader = reader;
    this.info = uprightInfo(reader.info);
  }

  async readWindow(address: WindowAddress, cancellation?: Cancellation): Promise<Raster> {
    const level = checkWindow(this.info, address);
    const turn = turnOf(infoOfPage(this.#reader.info, address.page));
    if (turn === undefined) return this.#reader.readWindow(address, cancellation);
    const window = storedWindow(address.window, level, turn);
    return turned(await this.#reader.readWindow({ ...address, window }, cancellation), turn);
  }

  /** What is turned is not sent as it is stored. */
  async readEncodedTile(address: TileAddress): Promise<Uint8Array | undefined> {
    checkTile(this.info, address);
    const turn = turnOf(infoOfPage(this.#reader.info, address.page));
    return turn === undefined ? this.#reader.readEncodedTile(address) : undefined;
  }

  close(): void {
    this.#reader.close();
  }
}

function uprightInfo(info: ImageInfo): ImageInfo {
  const { exif } = info;
  const pages = info.pages.map((page) =>
    page.own === undefined ? page : { ...page, own: uprightFacts(page.own) },
  );
  const turn = turnOf(info);
  return {
    ...uprightFacts(info),
    pages,
    ...(exif === undefined || turn === undefined ? {} : { exif: uprightExif(exif) }),
  };
}

function uprightFacts<T extends PageFacts>(facts: T): T {
  const turn = turnOf(facts);
  const { xmp } = facts.metadata;
  const { orientation: _, ...rest } = facts;
  // The type does not say that only an optional member was taken out.
  const upright = rest as T;
  if (turn === undefined) return upright;
  const metadata = xmp === undefined ? facts.metadata : { ...facts.metadata, xmp: uprightXmp(xmp) };
  const levels = facts.levels.map((level) => uprightLevel(level, turn));
  const { resolution } = facts;
  return {
    ...upright,
    metadata,
    levels,
    ...(resolution === undefined || !turn.isTransposed ? {} : { resolution: swapped(resolution) }),
  };
}

function swapped({ x, y, unit }: Resolution): Resolution {
  return { x: y, y: x, unit };
}

/** Tiles are counted from the upright top left: they do not coincide with the stored ones. */
function uprightLevel({ storedEncoding: _, ...level }: LevelInfo, { isTransposed }: Turn): LevelInfo {
  if (!isTransposed) return level;
  const { width, height, tileWidth, tileHeight } = level;
  return { ...level, width: height, height: width, tileWidth: tileHeight, tileHeight: tileWidth };
}

/** The stored pixels of an upright window of a level that is upright `level` large. */
function storedWindow({ x, y, width, height }: Rectangle, level: Size, turn: Turn): Rectangle {
  const left = turn.isMirrored ? level.width - x - width : x;
  const top = turn.isFlipped ? level.height - y - height : y;
  return turn.isTransposed
    ? { x: top, y: left, width: height, height: width }
    : { x: left, y: top, width, height };
}

function turned(raster: Raster, { isTransposed, isMirrored, isFlipped }: Turn): Raster {
  const { bands, bitsPerSample, sampleFormat, data: stored } = raster;
  const [width, height] = isTransposed ? [raster.height, raster.width] : [raster.width, raster.height];
  const data = allocateSamples(stored.length, bitsPerSample, sampleFormat);
  const row = raster.width * bands;
  // Steps through the stored samples for one pixel to the right and one down in the upright picture.
  const right = (isTransposed ? row : bands) * (isMirrored ? -1 : 1);
  const down = (isTransposed ? bands : row) * (isFlipped ? -1 : 1);
  const start = (isMirrored ? -right * (width - 1) : 0) + (isFlipped ? -down * (height - 1) : 0);
  for (let y = 0, to = 0; y < height; y++) {
    let from = start + y * down;
    for (let x = 0; x < width; x++, from += right)
      for (let band = 0; band < bands; band++, to++) data[to] = stored[from + band]!;
  }
  return { ...raster, width, height, data };
}
