/** The facts of a TIFF that protocols ask for, from the tags of its first image. */
import type { ImageInfo, LevelInfo, MetadataField, PageInfo, StoredEncoding } from '../info.ts';
import { virtualLevel } from '../levels.ts';
import type { TiffFile } from './directory.ts';
import { readResolution } from './resolution.ts';
import type { PixelLayout } from './pixel-layout.ts';
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

/** @param pages levels of every page; all pages have the same. */
export async function describeTiff(
  file: TiffFile,
  pages: readonly (readonly StoredLevel[])[],
): Promise<ImageInfo> {
  const [levels = []] = pages;
  const [full] = levels;
  if (full === undefined) throw new RangeError('an image without levels');
  const { subfile, layout } = full;
  const resolution = await readResolution(file, subfile.directory);
  const icc = await readBytes(file, subfile.directory, 'ICCProfile');
  return {
    format: 'tiff',
    levels: levels.map(describeLevel),
    bands: layout.bands,
    bitsPerSample: statedBits(layout),
    sampleFormat: layout.sampleFormat,
    colorSpace: layout.colorSpace,
    sampleRange: await readSampleRange(file, full),
    metadata: await readMetadata(file, subfile),
    pages: await describePages(file, pages),
    ...(resolution && { resolution }),
    ...(icc && { icc }),
  };
}

function describeLevel({ subfile, compression, layout }: StoredLevel): LevelInfo {
  const { width, height, grid } = subfile;
  if (grid.kind === 'strips') return virtualLevel({ width, height }, compression.name);
  const level = {
    width,
    height,
    tileWidth: grid.width,
    tileHeight: grid.height,
    compression: compression.name,
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

async function describePages(
  file: TiffFile,
  pages: readonly (readonly StoredLevel[])[],
): Promise<PageInfo[]> {
  if (pages.length === 1) return [{ name: '', scale: 1 }];
  const described: PageInfo[] = [];
  for (const [full] of pages) {
    if (full === undefined) continue;
    const { directory } = full.subfile;
    const name =
      (await readText(file, directory, 'DocumentName')) ??
      (await readText(file, directory, 'PageName')) ??
      '';
    const scale = await readNumber(file, directory, 'StoNits');
    described.push({ name, scale: scale !== undefined && Number.isFinite(scale) && scale !== 0 ? scale : 1 });
  }
  return described;
}

/** Bits of the file; of a palette those of its colors, and of odd widths that are held as floats the next full ones. */
function statedBits({ isPalette, sampleFormat, storedBits }: PixelLayout): number {
  if (isPalette) return 8;
  return sampleFormat === 'float' && storedBits % 8 !== 0 ? Math.ceil(storedBits / 8) * 8 : storedBits;
}
