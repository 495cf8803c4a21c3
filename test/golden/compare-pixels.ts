/** Whether two pictures show the same, as closely as their making allows. */
import sharp from 'sharp';
import type { Tolerance } from './vectors.ts';

/** Bounds on the difference of 8-bit samples. */
interface Limit {
  /** Least peak signal-to-noise ratio in dB. */
  readonly psnr: number;
  /** Largest difference of any sample. */
  readonly largest?: number;
}

const LIMITS: Readonly<Record<Tolerance, Limit>> = {
  exact: { psnr: 48, largest: 2 },
  process: { psnr: 42, largest: 6 },
  resize: { psnr: 24 },
  lossy: { psnr: 26 },
};

/** Decoders of lossy files differ by rounding, which a largest difference would punish. */
const FROM_LOSSY: Limit = { psnr: 30 };

interface Pixels {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

export interface PixelComparison {
  readonly tolerance: Tolerance;
  /** The picture was made from a file that was compressed with loss. */
  readonly isSourceLossy: boolean;
}

/**
 * What is wrong with the encoded picture `got`, compared with the file `wanted`; empty when nothing is.
 * Only color is compared: alpha is taken away, a gray picture may be spelled in three bands.
 */
export async function comparePixels(
  got: Buffer,
  wanted: string,
  { tolerance, isSourceLossy }: PixelComparison,
): Promise<string> {
  const right = await decode(wanted);
  let pixels: Pixels;
  try {
    pixels = await decode(got, right.channels);
  } catch (thrown) {
    return `a picture that cannot be decoded: ${(thrown as Error).message}`;
  }
  const shape = ({ width, height, channels }: Pixels) => `${width}x${height} with ${channels} bands`;
  if (shape(pixels) !== shape(right)) return `${shape(pixels)}, not ${shape(right)}`;
  const strict = LIMITS[tolerance];
  const limit = isSourceLossy && strict.largest !== undefined ? FROM_LOSSY : strict;
  return complaint(difference(pixels.data, right.data), limit);
}

/** Plain sRGB or gray; `wantedBands` 3 spreads gray over three bands. */
async function decode(input: Buffer | string, wantedBands = 0): Promise<Pixels> {
  const plain = sharp(input, { failOn: 'none' }).toColourspace('srgb').removeAlpha();
  const { data, info } = await plain.raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (channels === 1 && wantedBands === 3) return { data: spread(data), width, height, channels: 3 };
  return { data, width, height, channels };
}

function spread(gray: Buffer): Buffer {
  const rgb = Buffer.alloc(gray.length * 3);
  for (let at = 0; at < gray.length; at++) rgb.fill(gray[at]!, at * 3, at * 3 + 3);
  return rgb;
}

interface Difference {
  readonly psnr: number;
  readonly largest: number;
}

/** Of samples in equal number. */
export function difference(got: Uint8Array, wanted: Uint8Array): Difference {
  let squares = 0;
  let largest = 0;
  for (let at = 0; at < got.length; at++) {
    const distance = Math.abs(got[at]! - wanted[at]!);
    squares += distance * distance;
    if (distance > largest) largest = distance;
  }
  const psnr = squares === 0 ? Infinity : 10 * Math.log10((255 * 255 * got.length) / squares);
  return { psnr, largest };
}

function complaint({ psnr, largest }: Difference, limit: Limit): string {
  const isFar = limit.largest !== undefined && largest > limit.largest;
  if (psnr >= limit.psnr && !isFar) return '';
  const bound = limit.largest === undefined ? '' : ` (at most ${limit.largest})`;
  return `pixels differ: PSNR ${psnr.toFixed(1)} dB (at least ${limit.psnr}), largest difference ${largest}${bound}`;
}
