/** The facts of a TIFF that protocols ask for, from the tags of its pages. */
import { isDeepStrictEqual } from 'node:util';
import type { ImageInfo, LevelInfo, MetadataField, PageFacts, PageInfo, StoredEncoding } from '../info.ts';
import { virtualLevel } from '../levels.ts';
import type { TiffFile } from './directory.ts';
import { readOrientation } from './orientation-tag.ts';
import { readResolution } from './resolution.ts';
import { rowsKept } from './kept-segments.ts';
import { pixelBytesOf, type PixelLayout } from './pixel-layout.ts';
import { readSampleRange } from './sample-range.ts';
import type { StoredLevel } from './stored-level.ts';
import { PHOTOMETRIC } from './subfile.ts';
import type { Subfile } from './subfile.ts';
import type { TagName } from './tags.ts';
import { readBytes, readNumber, readText } from './values.ts';

/** BEHAVIOUR 4, "Metadata kept". */
const METADATA_TAGS: Readonly<Record<MetadataField, TagName>> = {
  rights: 'Copyright',
  title: 'DocumentName',
  pagename: 'PageName',
  description: 'ImageDescription',
  creator: 'Artist',
  date: 'DateTime',
  software: 'Software',
  make: 'Make',
  model: 'Model',
  xmp: 'XMP',
};

/** A page that is to be described: its levels, and its name where something else than its tags has one. */
export interface DescribedPage {
  readonly levels: readonly StoredLevel[];
  readonly name?: string;
}

/** Metadata of pages behind the first, all together; those that come too late have none of their own. */
const MAX_PAGE_METADATA = 2 ** 22;

/** Everything that protocols ask for: the facts of page 0, and of every other page what differs. */
export async function describeTiff(file: TiffFile, pages: readonly DescribedPage[]): Promise<ImageInfo> {
  const [first] = pages;
  if (first === undefined) throw new RangeError('an image without pages');
  const facts = await describeFacts(file, first.levels);
  if (pages.length === 1) return { format: 'tiff', ...facts, pages: [{ name: '', scale: 1 }] };
  const described: PageInfo[] = [];
  let metadataLeft = MAX_PAGE_METADATA;
  for (const page of pages) {
    const own = page === first ? facts : await describeFacts(file, page.levels, { facts, metadataLeft });
    if (own.metadata !== facts.metadata) metadataLeft -= Object.values(own.metadata).join('').length;
    const isOwn = page !== first && !isDeepStrictEqual(own, facts);
    described.push({ ...(await describePage(file, page)), ...(isOwn && { own }) });
  }
  return { format: 'tiff', ...facts, pages: described };
}

async function describePage(file: TiffFile, { levels: [full], name }: DescribedPage): Promise<PageInfo> {
  if (full === undefined) throw new RangeError('a page without levels');
  const { directory } = full.subfile;
  const scale = await readNumber(file, directory, 'StoNits');
  return {
    name:
      name ??
      (await readText(file, directory, 'DocumentName')) ??
      (await readText(file, directory, 'PageName')) ??
      '',
    scale: scale !== undefined && Number.isFinite(scale) && scale !== 0 ? scale : 1,
  };
}

interface FirstPage {
  readonly facts: PageFacts;
  /** Bytes of metadata that may still be read. */
  readonly metadataLeft: number;
}

/** Compressed tiles and strips beyond are told, so that what a request takes can be reckoned. */
const LARGE_SEGMENT_BYTES = 2 ** 22;

/** @param first of pages behind the first: what is equal is shared, so that a thousand pages take little memory. */
async function describeFacts(
  file: TiffFile,
  stored: readonly StoredLevel[],
  first?: FirstPage,
): Promise<PageFacts> {
  const [full] = stored;
  if (full === undefined) throw new RangeError('an image without levels');
  const { subfile, layout } = full;
  const resolution = await readResolution(file, subfile.directory);
  const icc = await readBytes(file, subfile.directory, 'ICCProfile');
  const orientation = await readOrientation(file, subfile.directory);
  const known = first?.facts;
  const sampleRange = await readSampleRange(file, full);
  return {
    levels: shared(stored.map(describeLevel), known?.levels),
    bands: layout.bands,
    bitsPerSample: statedBits(layout),
    sampleFormat: layout.sampleFormat,
    colorSpace: layout.colorSpace,
    sampleRange: shared(sampleRange, known?.sampleRange),
    metadata:
      first === undefined || first.metadataLeft > 0
        ? shared(await readMetadata(file, subfile), known?.metadata)
        : {},
    ...(resolution && { resolution: shared(resolution, known?.resolution) }),
    ...(icc && { icc: shared(icc, known?.icc) }),
    ...(orientation !== undefined && { orientation }),
  };
}

function shared<T>(value: T, known: T | undefined): T {
  return known !== undefined && isDeepStrictEqual(value, known) ? known : value;
}

function describeLevel({ subfile, compression, layout }: StoredLevel): LevelInfo {
  const { width, height, grid } = subfile;
  const isCompressed = compression.name !== 'none';
  const rows = rowsKept(grid, pixelBytesOf(layout));
  const segmentBytes = grid.width * rows * pixelBytesOf(layout);
  const large = isCompressed && segmentBytes > LARGE_SEGMENT_BYTES ? { segmentBytes } : {};
  if (grid.kind === 'strips') {
    const together = isCompressed ? { rowsTogether: rows } : {};
    return { ...virtualLevel({ width, height }, compression.name), ...large, ...together };
  }
  const level = {
    width,
    height,
    tileWidth: grid.width,
    tileHeight: grid.height,
    compression: compression.name,
    ...large,
  };
  const storedEncoding = storedEncodingOf(subfile, layout.bands);
  return storedEncoding === undefined ? level : { ...level, storedEncoding };
}

/** JPEG and WebP tiles whose colors viewers understand. */
function storedEncodingOf(
  { compression, photometric, isPlanar }: Subfile,
  bands: number,
): StoredEncoding | undefined {
  const colors: readonly number[] = [PHOTOMETRIC.blackIsZero, PHOTOMETRIC.rgb, PHOTOMETRIC.ycbcr];
  if (isPlanar || !colors.includes(photometric)) return undefined;
  if (compression === 7 && (bands === 1 || bands === 3)) return 'jpeg';
  return compression === 50001 && (bands === 3 || bands === 4) ? 'webp' : undefined;
}

async function readMetadata(file: TiffFile, { directory }: Subfile): Promise<ImageInfo['metadata']> {
  const metadata: Partial<Record<MetadataField, string>> = {};
  for (const [field, tag] of Object.entries(METADATA_TAGS) as [MetadataField, TagName][]) {
    const text = await readText(file, directory, tag);
    if (text !== undefined) metadata[field] = text;
  }
  return metadata;
}

/** Bits of the file; of a palette those of its colors, and of odd widths that are held as floats the next full ones. */
function statedBits({ isPalette, sampleFormat, storedBits }: PixelLayout): number {
  if (isPalette) return 8;
  return sampleFormat === 'float' && storedBits % 8 !== 0 ? Math.ceil(storedBits / 8) * 8 : storedBits;
}
