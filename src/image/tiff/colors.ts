/** What the bands of a TIFF mean: color spaces by PhotometricInterpretation, and where the alpha is. */
import { ServerError } from '../../errors.ts';
import type { ColorSpace } from '../info.ts';
import { PHOTOMETRIC } from './subfile.ts';
import type { Subfile } from './subfile.ts';

/** Samples of a pixel before the extra ones. */
export const COLOR_SAMPLES: Readonly<Record<number, number>> = {
  [PHOTOMETRIC.whiteIsZero]: 1,
  [PHOTOMETRIC.blackIsZero]: 1,
  [PHOTOMETRIC.rgb]: 3,
  [PHOTOMETRIC.palette]: 1,
  [PHOTOMETRIC.separated]: 4,
};

/** Color spaces that are known by name only. */
const UNKNOWN_COLORS: Readonly<Record<number, string>> = {
  [PHOTOMETRIC.colorFilterArray]: 'a color filter array (raw sensor data)',
  [PHOTOMETRIC.logL]: 'LogL samples',
  [PHOTOMETRIC.logLuv]: 'LogLuv samples',
  [PHOTOMETRIC.linearRaw]: 'linear raw sensor data',
  [PHOTOMETRIC.depth]: 'a depth map',
};

/** Of JPEG, WebP, JPEG 2000. */
const PICTURES: readonly number[] = [7, 34927, 50001, 33003, 33004, 33005, 34712];

/** @throws {ServerError} `unsupported`, naming what is not. */
export function colorSpaceOf(subfile: Subfile): ColorSpace {
  const { photometric, samplesPerPixel: samples } = subfile;
  switch (photometric) {
    case PHOTOMETRIC.whiteIsZero:
    case PHOTOMETRIC.blackIsZero:
    case PHOTOMETRIC.mask:
      return grayOf(subfile);
    case PHOTOMETRIC.rgb:
      return samples >= 3 ? 'rgb' : 'multiband';
    case PHOTOMETRIC.palette:
      return 'rgb';
    case PHOTOMETRIC.separated:
      return samples >= 4 && subfile.inkSet === 1 ? 'cmyk' : 'multiband';
    case PHOTOMETRIC.cielab:
    case PHOTOMETRIC.icclab:
    case PHOTOMETRIC.itulab:
      if (samples < 3) throw unsupported('CIELAB without color');
      return 'cielab';
    case PHOTOMETRIC.ycbcr:
      checkYcbcr(subfile);
      return 'rgb';
    default:
      throw unsupported(UNKNOWN_COLORS[photometric] ?? `photometric interpretation ${photometric}`);
  }
}

function grayOf({ samplesPerPixel, extraSamples, bitsPerSample }: Subfile): ColorSpace {
  if (samplesPerPixel === 1) return bitsPerSample === 1 ? 'bilevel' : 'gray';
  return samplesPerPixel === 2 && isAlpha(extraSamples[0]) ? 'gray' : 'multiband';
}

/** Whether luma and chroma are stored as samples: decoders of pictures make RGB of them themselves. */
export function hasStoredChroma({ photometric, compression }: Subfile): boolean {
  return photometric === PHOTOMETRIC.ycbcr && !PICTURES.includes(compression);
}

function checkYcbcr(subfile: Subfile): void {
  const { samplesPerPixel, isPlanar, ycbcr, sampleFormat } = subfile;
  if (samplesPerPixel !== 3) throw unsupported(`YCbCr of ${samplesPerPixel} samples`);
  if (!hasStoredChroma(subfile)) {
    if (isPlanar) throw unsupported('JPEG-compressed YCbCr in separate planes');
    return;
  }
  const { horizontal = 0, vertical = 0 } = ycbcr ?? {};
  const isPossible = [1, 2, 4].includes(horizontal) && [1, 2, 4].includes(vertical);
  if (!isPossible) throw unsupported(`YCbCr subsampled by ${horizontal} and ${vertical}`);
  if (isPlanar && horizontal * vertical > 1) throw unsupported('subsampled YCbCr in separate planes');
  if (sampleFormat !== 'uint') throw unsupported('YCbCr of samples that are not unsigned');
}

/** The sample that is the alpha: the first extra one, where ExtraSamples says so. */
export function alphaOf({ photometric, samplesPerPixel, extraSamples }: Subfile): number | undefined {
  const colors = COLOR_SAMPLES[photometric];
  return colors !== undefined && samplesPerPixel > colors && isAlpha(extraSamples[0]) ? colors : undefined;
}

/** ExtraSamples 1 and 2: associated and unassociated alpha. */
function isAlpha(extraSample: number | undefined): boolean {
  return extraSample === 1 || extraSample === 2;
}

function unsupported(what: string): ServerError {
  return new ServerError('unsupported', `TIFF with ${what} is not supported`);
}
