/** The facts of a TIFF that protocols ask for, from the tags of its first image. */
import type { ImageInfo, LevelInfo, MetadataField, PageInfo, StoredEncoding } from '../info.ts';
import { virtualLevel } from '../levels.ts';
import type { TiffFile } from './directory.ts';
import { readResolution } from './resolution.ts';
import { expansion } from './samples.ts';
import type { StoredLevel } from './stored-level.ts';
import { PHOTOMETRIC } from './subfile.ts';
import type { Subfile } from './subfile.ts';
import type { TagName } from './tags.ts';
import { readBytes, readNumber, readNumbers, readText } from './values.ts';

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
    bitsPerSample: layout.isPalette ? 8 : layout.storedBits,
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

/**
 * SMinSampleValue and SMaxSampleValue in the values of the raster, for every band; where the largest is missing or
 * 0, the whole range of the samples, and 0 to 1 for floats (BEHAVIOUR 4).
 */
async function readSampleRange(
  file: TiffFile,
  { subfile, layout }: StoredLevel,
): Promise<ImageInfo['sampleRange']> {
  const { bands, bitsPerSample, sampleFormat, isPalette, isInverted } = layout;
  const top = sampleFormat === 'float' ? 1 : 2 ** bitsPerSample - 1;
  const isStated = !isPalette && layout.colorSpace !== 'bilevel';
  const stored = async (name: TagName): Promise<number[]> =>
    isStated ? readNumbers(file, subfile.directory, name) : [];
  const minimums = await stored('SMinSampleValue');
  const maximums = await stored('SMaxSampleValue');
  const min: number[] = [];
  const max: number[] = [];
  for (let band = 0; band < bands; band++) {
    const low = minimums[band] ?? minimums[0] ?? 0;
    const high = maximums[band] ?? maximums[0] ?? 0;
    const isUsable = Number.isFinite(low) && Number.isFinite(high) && high !== 0;
    const range = isUsable ? [rasterValue(layout, low), rasterValue(layout, high)] : [0, top];
    const [from = 0, to = top] = isUsable && isInverted ? range.reverse() : range;
    min.push(from);
    max.push(to);
  }
  return { min, max };
}

/** What a stored sample value becomes in the raster. */
function rasterValue(
  { storedBits, bitsPerSample, sampleFormat, isInverted }: StoredLevel['layout'],
  value: number,
): number {
  if (sampleFormat === 'float') return value;
  const top = 2 ** bitsPerSample - 1;
  const clamped = Math.min(Math.max(Math.round(value), 0), 2 ** storedBits - 1);
  const expanded = storedBits === bitsPerSample ? clamped : (expansion(storedBits)[clamped] ?? 0);
  return isInverted ? top - expanded : expanded;
}
