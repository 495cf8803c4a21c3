/** One image of a TIFF file as its directory describes it: what TIFF 6.0 calls a subfile. */
import { damaged } from './directory.ts';
import type { Directory, TagEntry, TiffFile } from './directory.ts';
import { readPixelTags } from './pixel-tags.ts';
import type { PixelTags } from './pixel-tags.ts';
import { entryOf, readNumber, readNumbers } from './values.ts';

/** Bits of NewSubfileType. */
export const ROLE = { reduced: 1, page: 2, mask: 4 } as const;

/** PhotometricInterpretation. */
export const PHOTOMETRIC = {
  whiteIsZero: 0,
  blackIsZero: 1,
  rgb: 2,
  palette: 3,
  mask: 4,
  separated: 5,
  ycbcr: 6,
  cielab: 8,
  icclab: 9,
  itulab: 10,
  colorFilterArray: 32803,
  logL: 32844,
  logLuv: 32845,
  linearRaw: 34892,
  depth: 51177,
} as const;

/** How the pixels of a subfile are cut into tiles or strips ("segments"), row after row. */
export interface SegmentGrid {
  readonly kind: 'tiles' | 'strips';
  /** Of one segment, in pixels. Strips are as wide as the image. */
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  readonly rows: number;
}

export type StoredFormat = 'uint' | 'int' | 'float' | 'complex';

/** Facts of a subfile, numbers as in its tags. */
export interface Subfile extends PixelTags {
  readonly directory: Directory;
  readonly width: number;
  readonly height: number;
  /** Bits of `ROLE`. */
  readonly role: number;
  /** The same for all samples; undefined when they differ. */
  readonly bitsPerSample: number | undefined;
  readonly sampleFormat: StoredFormat | undefined;
  readonly samplesPerPixel: number;
  readonly extraSamples: readonly number[];
  readonly photometric: number;
  /** 1 for CMYK, of separated images. */
  readonly inkSet: number;
  readonly compression: number;
  readonly predictor: number;
  /** Bits of a byte come the lowest first (FillOrder 2). */
  readonly isBitReversed: boolean;
  /** Every band has segments of its own (PlanarConfiguration 2). */
  readonly isPlanar: boolean;
  readonly grid: SegmentGrid;
  readonly offsets: TagEntry;
  readonly byteCounts: TagEntry | undefined;
  /** Bytes from the offsets to where the pixels really are: planes behind the only directory of an ImageJ stack. */
  readonly shift?: number;
}

/** SamplesPerPixel is a SHORT; some write it wider. */
const MAX_SAMPLES_PER_PIXEL = 65_535;

const FORMATS: readonly (StoredFormat | undefined)[] = [
  undefined,
  'uint',
  'int',
  'float',
  'uint',
  'complex',
  'complex',
];

/**
 * Reads the facts of a subfile and checks them against each other.
 *
 * @throws {ServerError} `damaged` when a needed tag is missing or contradicts another one.
 */
export async function readSubfile(file: TiffFile, directory: Directory): Promise<Subfile> {
  const number = async (name: Parameters<typeof readNumber>[2]): Promise<number | undefined> =>
    readNumber(file, directory, name);
  const width = await number('ImageWidth');
  const height = await number('ImageLength');
  if (!isSize(width) || !isSize(height)) throw damaged('an image has no size', { offset: directory.offset });
  const samplesPerPixel = (await number('SamplesPerPixel')) ?? 1;
  if (!isSize(samplesPerPixel) || samplesPerPixel > MAX_SAMPLES_PER_PIXEL)
    throw damaged('an image has no samples', { offset: directory.offset });
  const grid = await readGrid(file, directory, { width, height });
  const isPlanar = (await number('PlanarConfiguration')) === 2 && samplesPerPixel > 1;
  const photometric =
    (await number('PhotometricInterpretation')) ??
    (samplesPerPixel < 3 ? PHOTOMETRIC.blackIsZero : PHOTOMETRIC.rgb);
  const compression = (await number('Compression')) ?? 1;
  return {
    directory,
    width,
    height,
    role: await readRole(file, directory),
    bitsPerSample: agreed(await readNumbers(file, directory, 'BitsPerSample'), 1),
    sampleFormat: FORMATS[agreed(await readNumbers(file, directory, 'SampleFormat'), 1) ?? 0],
    samplesPerPixel,
    extraSamples: await readNumbers(file, directory, 'ExtraSamples'),
    photometric,
    inkSet: (await number('InkSet')) ?? 1,
    compression,
    predictor: (await number('Predictor')) ?? 1,
    isBitReversed: (await number('FillOrder')) === 2,
    isPlanar,
    grid,
    ...(await readPixelTags(file, directory, { compression, photometric })),
    ...segmentTags(directory, grid, isPlanar ? samplesPerPixel : 1),
  };
}

function isSize(value: number | undefined): value is number {
  return value !== undefined && Number.isSafeInteger(value) && value > 0;
}

/** The value that all samples share; the tag may be shorter than the number of samples. */
function agreed(values: readonly number[], missing: number): number | undefined {
  const [first = missing] = values;
  return values.every((value) => value === first) ? first : undefined;
}

async function readRole(file: TiffFile, directory: Directory): Promise<number> {
  const role = await readNumber(file, directory, 'NewSubfileType');
  if (role !== undefined) return role;
  // TIFF 5 counted instead of using bits: 2 reduced, 3 a page.
  const old = await readNumber(file, directory, 'SubfileType');
  if (old === 2) return ROLE.reduced;
  return old === 3 ? ROLE.page : 0;
}

async function readGrid(
  file: TiffFile,
  directory: Directory,
  image: { readonly width: number; readonly height: number },
): Promise<SegmentGrid> {
  const tileWidth = await readNumber(file, directory, 'TileWidth');
  const tileHeight = await readNumber(file, directory, 'TileLength');
  if (tileWidth !== undefined || tileHeight !== undefined) {
    if (!isSize(tileWidth) || !isSize(tileHeight))
      throw damaged('tiles have no size', { offset: directory.offset });
    return gridOf('tiles', image, { width: tileWidth, height: tileHeight });
  }
  const rows = await readNumber(file, directory, 'RowsPerStrip');
  const height = isSize(rows) ? Math.min(rows, image.height) : image.height;
  return gridOf('strips', image, { width: image.width, height });
}

function gridOf(
  kind: SegmentGrid['kind'],
  image: { readonly width: number; readonly height: number },
  segment: { readonly width: number; readonly height: number },
): SegmentGrid {
  const columns = Math.ceil(image.width / segment.width);
  return { kind, ...segment, columns, rows: Math.ceil(image.height / segment.height) };
}

/** Some writers use the tags of strips for tiles; both arrays have a value for each segment of each plane. */
function segmentTags(
  directory: Directory,
  grid: SegmentGrid,
  planes: number,
): Pick<Subfile, 'offsets' | 'byteCounts'> {
  const offsets = entryOf(directory, 'TileOffsets') ?? entryOf(directory, 'StripOffsets');
  const byteCounts = entryOf(directory, 'TileByteCounts') ?? entryOf(directory, 'StripByteCounts');
  const needed = grid.columns * grid.rows * planes;
  for (const entry of [offsets, byteCounts]) {
    if (entry !== undefined && entry.count < needed) {
      throw damaged('it has fewer tiles or strips than its size needs', { offset: directory.offset, needed });
    }
  }
  if (offsets === undefined) throw damaged('its tiles or strips are missing', { offset: directory.offset });
  return { offsets, byteCounts };
}
