/** Whether the pixels of a subfile can be decoded: told when the file is opened, not at its first tile. */
import { ServerError } from '../../errors.ts';
import { compressionOf } from './compression.ts';
import { pixelLayout } from './pixel-layout.ts';
import type { PixelLayout } from './pixel-layout.ts';
import type { Subfile } from './subfile.ts';

/** Bytes of one tile or strip, decoded; it is in memory whole. */
const MAX_SEGMENT_BYTES = 2 ** 28;

/**
 * How the pixels of a subfile are delivered.
 *
 * @throws {ServerError} `unsupported`, naming what is not; `too-large` for tiles beyond any memory.
 */
export function checkReadable(subfile: Subfile): PixelLayout {
  const { name, decode, isPicture, isBilevel, takesPredictor } = compressionOf(subfile.compression);
  if (decode === undefined) throw unsupported(`the compression "${name}"`);
  const layout = pixelLayout(subfile);
  if (isPicture === true) checkPicture(name, subfile, layout);
  if (isBilevel === true && layout.storedBits !== 1)
    throw unsupported(`samples of ${layout.storedBits} bits in "${name}" compression`);
  // ITU-T T.4 and T.6 know one bit a pixel; of more, hundreds of bands would come out of a few bytes.
  if (isBilevel === true && !subfile.isPlanar && subfile.samplesPerPixel !== 1)
    throw unsupported(`${subfile.samplesPerPixel} samples a pixel in "${name}" compression`);
  if (takesPredictor === true) checkPredictor(subfile);
  if (segmentBytes(subfile, layout) > MAX_SEGMENT_BYTES) {
    throw new ServerError('too-large', 'the tiles or strips of this TIFF are too large');
  }
  return layout;
}

/** Whether `checkReadable` would answer. */
export function isReadable(subfile: Subfile): boolean {
  try {
    checkReadable(subfile);
    return true;
  } catch (error) {
    if (error instanceof ServerError) return false;
    throw error;
  }
}

/** Rows of uncompressed strips are read one by one. */
function segmentBytes({ grid, compression }: Subfile, { bands, bitsPerSample }: PixelLayout): number {
  const rows = grid.kind === 'strips' && compressionOf(compression).name === 'none' ? 1 : grid.height;
  return (grid.width * rows * bands * bitsPerSample) / 8;
}

/** What pictures inside a TIFF can have; JPEG 2000 is the one that is not named. */
const POSSIBLE: Readonly<
  Record<string, { readonly samples: readonly number[]; readonly bits: readonly number[] }>
> = {
  jpeg: { samples: [1, 3, 4], bits: [8] },
  webp: { samples: [3, 4], bits: [8] },
  'webp (old number)': { samples: [3, 4], bits: [8] },
};
const POSSIBLE_JP2 = { samples: [1, 2, 3, 4], bits: [8, 16] };

function checkPicture(name: string, subfile: Subfile, { storedBits, storedFormat }: PixelLayout): void {
  const samples = subfile.isPlanar ? 1 : subfile.samplesPerPixel;
  const possible = POSSIBLE[name] ?? POSSIBLE_JP2;
  if (!possible.bits.includes(storedBits) || !possible.samples.includes(samples))
    throw unsupported(`${samples} samples of ${storedBits} bits in "${name}" compression`);
  if (storedBits > 8 && storedFormat !== 'uint')
    throw unsupported(`samples that are not unsigned in "${name}" compression`);
}

function checkPredictor({ predictor, bitsPerSample = 0, sampleFormat }: Subfile): void {
  const possible: Readonly<Record<number, boolean>> = {
    1: true,
    2: [8, 16, 32, 64].includes(bitsPerSample),
    3: sampleFormat === 'float' && [16, 24, 32, 64].includes(bitsPerSample),
  };
  if (possible[predictor] !== true)
    throw unsupported(`predictor ${predictor} on samples of ${bitsPerSample} bits`);
}

function unsupported(what: string): ServerError {
  return new ServerError('unsupported', `TIFF with ${what} is not supported`);
}
