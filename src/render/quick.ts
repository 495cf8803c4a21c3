/** Which pictures are made where they are asked for, because that takes no more than a millisecond or two. */
import type { Encoding } from '../encode/encoder.ts';
import { levelOf } from '../geometry.ts';
import { infoOfPage, type ImageInfo, type LevelInfo } from '../image/info.ts';
import type { Rectangle } from '../image/raster.ts';
import type { RenderPlan } from './plan.ts';
import type { Step } from './steps.ts';

/** Decoded bytes of all tiles that the window touches: an RGB tile of 256 has 192 KB, one of 16-bit gray 128. */
const MAX_BYTES = 320 * 1024;

/** Of floats and of steps that compute with them every sample costs several times as much. */
const MAX_FLOAT_SAMPLES = 80_000;

/** Decoders that run in this thread and take a few nanoseconds a byte. */
const QUICK_COMPRESSIONS: ReadonlySet<string> = new Set([
  'none',
  'packbits',
  'lzw',
  'deflate',
  'jpeg',
  'zstd',
  'lerc',
  'webp',
  'ccitt-g4',
  'ccitt-g3',
  'ccitt-rle',
]);

/** One pass, each sample or pixel by itself. */
const QUICK_STEPS: ReadonlySet<Step['kind']> = new Set<Step['kind']>([
  'tone',
  'normalize',
  'shade',
  'curve',
  'invert',
  'contrast',
  'to-8-bit',
  'keep-bands',
  'gray',
  'mirror',
  'colormap',
  'binary',
  'equalize',
  'cielab-to-srgb',
]);

/** Steps whose result is computed rather than looked up. */
const MAX_QUICK_STEPS = 5;

/** Multiplications for each pixel: a kernel of 3 x 3 on three bands, or three outputs of four bands. */
const MAX_WEIGHTS = 27;

/** Pixels of another size than they were decoded in: a thumbnail of the smallest level. */
const MAX_RESAMPLED = 90_000;

/** Whether `plan` is cheap enough for a thread that listens. What is not known to be cheap is not. */
export function isQuick(plan: RenderPlan, image: ImageInfo): boolean {
  const info = infoOfPage(image, plan.source.page);
  const level = levelOf(info, plan.level);
  // A strip is decoded whole for any part of it, a virtual level is made of many tiles.
  if (level.virtual !== undefined || level.isCut === true) return false;
  const { window, steps, encoding } = plan;
  if (info.format !== 'tiff' || !isQuickEncoding(encoding)) return false;
  if (!QUICK_COMPRESSIONS.has(level.compression) || steps.length > MAX_QUICK_STEPS) return false;
  if (!steps.every((step) => isQuickStep(step, info))) return false;
  return isSmall(info, touchedPixels(level, window)) && (!needsHistogram(steps) || hasQuickHistogram(info));
}

/** PNG at the level of runs takes as long as the rest of the picture; higher ones take several times as much. */
function isQuickEncoding(encoding: Encoding): boolean {
  return encoding.format === 'jpeg' || (encoding.format === 'png' && encoding.level <= 1);
}

function isQuickStep(step: Step, { bands, bitsPerSample }: ImageInfo): boolean {
  switch (step.kind) {
    case 'resample':
      return step.width * step.height <= MAX_RESAMPLED && bands <= 4 && bitsPerSample <= 16;
    case 'rotate':
      return step.degrees % 90 === 0;
    case 'convolve':
      return step.kernel.length * bands <= MAX_WEIGHTS;
    case 'twist':
      return step.matrix.length * bands <= MAX_WEIGHTS;
    default:
      return QUICK_STEPS.has(step.kind);
  }
}

function isSmall({ bands, bitsPerSample, sampleFormat }: ImageInfo, pixels: number): boolean {
  const samples = pixels * bands;
  const isFloat = sampleFormat === 'float' || bitsPerSample > 16;
  return samples * Math.ceil(bitsPerSample / 8) <= MAX_BYTES && (!isFloat || samples <= MAX_FLOAT_SAMPLES);
}

const needsHistogram = (steps: readonly Step[]): boolean =>
  steps.some((step) =>
    step.kind === 'tone' || step.kind === 'normalize'
      ? step.range.isStretched
      : step.kind === 'binary' || step.kind === 'equalize',
  );

/** It is made of the first tile of the smallest level, once. */
function hasQuickHistogram(info: ImageInfo): boolean {
  const { virtual, isCut, compression, tileWidth, tileHeight } = levelOf(info, info.levels.length - 1);
  const isStored = virtual === undefined && isCut !== true && QUICK_COMPRESSIONS.has(compression);
  return isStored && isSmall(info, tileWidth * tileHeight);
}

function touchedPixels({ tileWidth, tileHeight }: LevelInfo, { x, y, width, height }: Rectangle): number {
  const columns = Math.floor((x + width - 1) / tileWidth) - Math.floor(x / tileWidth) + 1;
  const rows = Math.floor((y + height - 1) / tileHeight) - Math.floor(y / tileHeight) + 1;
  return columns * tileWidth * rows * tileHeight;
}
