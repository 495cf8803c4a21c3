/** Tags that say how pixels are to be read and that only some images have: of one compression, of YCbCr, of GDAL. */
import type { Directory, TiffFile } from './directory.ts';
import { readNumbers, readText } from './values.ts';
import type { TagName } from './tags.ts';

/** How luma and chroma are stored and what they mean (TIFF 6.0, section 21). */
export interface YcbcrTags {
  /** Pixels to one sample of chroma: 1, 2 or 4. */
  readonly horizontal: number;
  readonly vertical: number;
  /** Shares of red, green and blue in luma. */
  readonly coefficients: readonly number[];
  /** Codes of black and white for Y, then of no and most color for Cb and Cr. */
  readonly reference: readonly number[];
}

export interface PixelTags {
  /** Values of the one tag that the compression has for itself: T4Options, LercParameters. */
  readonly codecParameters: readonly number[];
  readonly ycbcr: YcbcrTags | undefined;
  /** Smallest and largest L*, a* and b* of ITULab (Decode). */
  readonly labRange: readonly number[];
  /** The sample value that means "nothing here" (GDAL_NODATA). */
  readonly noData: number | undefined;
}

const CODEC_TAGS: Readonly<Record<number, TagName>> = { 3: 'T4Options', 34887: 'LercParameters' };

const YCBCR = 6;
const ITULAB = 10;

/** ITU-R BT.601, as TIFF 6.0 has it. */
const DEFAULT_COEFFICIENTS = [0.299, 0.587, 0.114];
const DEFAULT_REFERENCE = [0, 255, 128, 255, 128, 255];

/** What YCbCr means where nothing is said, with chroma for every pixel. */
export const DEFAULT_YCBCR: YcbcrTags = {
  horizontal: 1,
  vertical: 1,
  coefficients: DEFAULT_COEFFICIENTS,
  reference: DEFAULT_REFERENCE,
};

/** TIFF/FX (RFC 2301), the default of Decode for ITULab. */
const DEFAULT_LAB_RANGE = [0, 100, -85, 85, -75, 125];

export async function readPixelTags(
  file: TiffFile,
  directory: Directory,
  { compression, photometric }: { readonly compression: number; readonly photometric: number },
): Promise<PixelTags> {
  const codecTag = CODEC_TAGS[compression];
  return {
    codecParameters: codecTag === undefined ? [] : await readNumbers(file, directory, codecTag),
    ycbcr: photometric === YCBCR ? await readYcbcr(file, directory) : undefined,
    labRange: photometric === ITULAB ? await readSeveral(file, directory, 'Decode', DEFAULT_LAB_RANGE) : [],
    noData: parseNoData(await readText(file, directory, 'GDALNoData')),
  };
}

async function readYcbcr(file: TiffFile, directory: Directory): Promise<YcbcrTags> {
  const [horizontal = 2, vertical = 2] = await readNumbers(file, directory, 'YCbCrSubSampling');
  return {
    horizontal,
    vertical,
    coefficients: await readSeveral(file, directory, 'YCbCrCoefficients', DEFAULT_COEFFICIENTS),
    reference: await readSeveral(file, directory, 'ReferenceBlackWhite', DEFAULT_REFERENCE),
  };
}

/** As many finite values as the default has, else the default. */
async function readSeveral(
  file: TiffFile,
  directory: Directory,
  tag: TagName,
  missing: readonly number[],
): Promise<readonly number[]> {
  const values = await readNumbers(file, directory, tag);
  return values.length === missing.length && values.every(Number.isFinite) ? values : missing;
}

/** A number as text; NaN needs no replacing. */
function parseNoData(text: string | undefined): number | undefined {
  const value = text === undefined || text.trim() === '' ? NaN : Number(text.trim());
  return Number.isNaN(value) ? undefined : value;
}
