/** From which sample value to which one the pixels of a TIFF go from dark to bright. */
import type { ImageInfo } from '../info.ts';
import type { TiffFile } from './directory.ts';
import type { PixelLayout } from './pixel-layout.ts';
import type { StoredLevel } from './stored-level.ts';
import { PHOTOMETRIC } from './subfile.ts';
import type { TagName } from './tags.ts';
import { expansion } from './unpack.ts';
import { readNumbers } from './values.ts';

type Range = readonly [from: number, to: number];

/**
 * SMinSampleValue and SMaxSampleValue in the values of the raster, for every band; where the largest is missing or
 * 0, the whole range of the samples, and 0 to 1 for floats (BEHAVIOUR 4). Turned round where 0 is white and the
 * samples are not turned themselves.
 */
export async function readSampleRange(
  file: TiffFile,
  { subfile, layout }: StoredLevel,
): Promise<ImageInfo['sampleRange']> {
  const isStated = !layout.isPalette && layout.colorSpace !== 'bilevel' && subfile.ycbcr === undefined;
  const stored = async (name: TagName): Promise<number[]> =>
    isStated ? readNumbers(file, subfile.directory, name) : [];
  const minimums = await stored('SMinSampleValue');
  const maximums = await stored('SMaxSampleValue');
  const isReversed = subfile.photometric === PHOTOMETRIC.whiteIsZero;
  const min: number[] = [];
  const max: number[] = [];
  for (let band = 0; band < layout.bands; band++) {
    const low = minimums[band] ?? minimums[0] ?? 0;
    const high = maximums[band] ?? maximums[0] ?? 0;
    const isUsable = isUsableRange(layout, [low, high]);
    const range: Range = isUsable
      ? [rasterValue(layout, low), rasterValue(layout, high)]
      : wholeRange(layout);
    const isTurned = isReversed && (isUsable || layout.sampleFormat === 'float');
    min.push(range[isTurned ? 1 : 0]);
    max.push(range[isTurned ? 0 : 1]);
  }
  return { min, max };
}

function isUsableRange({ storedFormat }: PixelLayout, [low, high]: Range): boolean {
  const isGiven = storedFormat === 'int' ? low < high : high !== 0;
  return Number.isFinite(low) && Number.isFinite(high) && isGiven;
}

/** All values that samples can have; 0 to 1 for floats. */
function wholeRange({ sampleFormat, storedFormat, storedBits, bitsPerSample }: PixelLayout): Range {
  if (sampleFormat === 'uint') return [0, 2 ** bitsPerSample - 1];
  if (storedFormat === 'float') return [0, 1];
  const half = 2 ** (storedBits - 1);
  return storedFormat === 'int' ? [-half, half - 1] : [0, 2 * half - 1];
}

/** What a stored sample value becomes in the raster. */
function rasterValue(layout: PixelLayout, value: number): number {
  const { storedBits, bitsPerSample, sampleFormat, storedFormat, isInverted } = layout;
  if (sampleFormat === 'float') return value;
  const top = 2 ** bitsPerSample - 1;
  const plain = storedFormat === 'int' && layout.colorSpace !== 'cielab' ? value + (top + 1) / 2 : value;
  const clamped = Math.min(Math.max(Math.round(plain), 0), 2 ** storedBits - 1);
  const expanded = storedBits === bitsPerSample ? clamped : (expansion(storedBits)[clamped] ?? 0);
  return isInverted ? top - expanded : expanded;
}
