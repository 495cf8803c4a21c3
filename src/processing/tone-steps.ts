/** Steps of chains that look at one sample at a time. */
import type { SampleRange } from './normalize.ts';
import {
  BYTE,
  FLOAT,
  type MakeSteps,
  makeSteps,
  requireFloats,
  sampleType,
  type SampleType,
  WORD,
} from './chain.ts';
import { CONTRAST_SLACK } from './contrast.ts';
import type { FindLookup } from './lookup-memo.ts';
import type { PixelKernels } from './pixel-kernels.ts';
import type { Tone, ToneCurve } from './tone.ts';
import { lookupStep } from './table-steps.ts';
import { colormapStep } from './color-steps.ts';

/**
 * (v - min) / (max - min) for each band, in floats; NaN and infinities become 0, and so does a band without extent. Within
 * two roundings of single precision of `normalize`.
 */
export function normalizeStep(range: SampleRange): MakeSteps {
  return (input) => {
    const { bands } = input;
    if (range.min.length < bands || range.max.length < bands) {
      throw new RangeError(`a sample range of ${range.min.length} bands for a raster of ${bands}`);
    }
    const min = range.min.slice(0, bands);
    const factors = min.map((low, band) => (range.max[band] === low ? 0 : 1 / (range.max[band]! - low)));
    const isAlike = min.every((low, band) => low === min[0] && factors[band] === factors[0]);
    const period = isAlike ? 1 : bands;
    // Vectors of four: the samples of four pixels, whose bands come round again.
    const repeated = (values: readonly number[]) =>
      new Float32Array(4 * period).map((_, i) => values[i % period]!);
    return [
      {
        output: sampleType(bands, FLOAT),
        constants: [repeated(min), repeated(factors)],
        run: (kernels, { from, to, pixels, constants: [offsets, scales] }) =>
          kernels[normalizerOf(input)](from, to, pixels * bands, offsets!, scales!, period),
      },
    ];
  };
}

function normalizerOf({ bitsPerSample, sampleFormat }: SampleType) {
  if (sampleFormat === 'float') return 'normalizeFloat';
  return ({ 8: 'normalize8', 16: 'normalize16', 32: 'normalize32' } as const)[bitsPerSample];
}

/** A step over samples of floats, whatever their bands. */
function floatStep(
  run: (kernels: PixelKernels, from: number, to: number, count: number) => void,
  output: Pick<SampleType, 'bitsPerSample' | 'sampleFormat'> = FLOAT,
): MakeSteps {
  return (input) => {
    requireFloats(input);
    const { bands } = input;
    return [
      {
        output: sampleType(bands, output),
        constants: [],
        run: (kernels, { from, to, pixels }) => run(kernels, from, to, pixels * bands),
      },
    ];
  };
}

/** Gamma within 1e-6 of `gamma` relatively, the logarithm within 1e-6 of `logarithm`; nothing for a linear curve. */
export function curveSteps(curve: ToneCurve): readonly MakeSteps[] {
  switch (curve.kind) {
    case 'linear':
      return [];
    case 'gamma': {
      const { exponent } = curve;
      const ofZero = Math.pow(0, exponent);
      return [floatStep((kernels, from, to, count) => kernels.gamma(from, to, count, exponent, ofZero))];
    }
    case 'logarithm':
      return [floatStep((kernels, from, to, count) => kernels.logarithm(from, to, count))];
  }
}

/** 1 - v. */
export const invertStep: MakeSteps = floatStep((kernels, from, to, count) => kernels.invert(from, to, count));

/** Floats to integers of `depth` bits: clamp(v * white * factor), truncated; NaN becomes 0. As `contrast`. */
export function contrastStep(factor: number, depth: 8 | 16): MakeSteps {
  const white = depth === 8 ? 255 : 65_535;
  const [scale, slack] = [white * factor, white * CONTRAST_SLACK];
  return depth === 8
    ? floatStep((kernels, from, to, count) => kernels.contrast8(from, to, count, scale, slack), BYTE)
    : floatStep((kernels, from, to, count) => kernels.contrast16(from, to, count, scale, slack), WORD);
}

/** From stored samples to 8 bits: through tables where samples have few values, else step by step. */
export function toneSteps(tone: Tone, findLookup: FindLookup): MakeSteps {
  const floatSteps: readonly MakeSteps[] = [
    ...(tone.colormap === undefined ? [] : [keepBandsStep(1)]),
    normalizeStep(tone.range),
    ...curveSteps(tone.curve),
    ...(tone.invert ? [invertStep] : []),
    ...(tone.colormap === undefined ? [] : [colormapStep(tone.colormap)]),
    contrastStep(tone.contrast, 8),
  ];
  return (input) => {
    const { bands, bitsPerSample } = input;
    return bitsPerSample === 32
      ? makeSteps(input, floatSteps)
      : [lookupStep(input, findLookup({ bitsPerSample, bands }, tone))];
  };
}

/** The high byte of integers. */
export const highByteStep: MakeSteps = ({ bands, bitsPerSample, sampleFormat }) => {
  if (sampleFormat === 'float') throw new RangeError('float samples have no high byte');
  if (bitsPerSample === 8) return [];
  const narrow = bitsPerSample === 16 ? 'highByte16' : 'highByte32';
  return [
    {
      output: sampleType(bands, BYTE),
      constants: [],
      run: (kernels, { from, to, pixels }) => kernels[narrow](from, to, pixels * bands),
    },
  ];
};

/** The first `count` bands of any samples. */
export function keepBandsStep(count: number): MakeSteps {
  return (input) => {
    const { bands, bitsPerSample } = input;
    if (count >= bands) return [];
    return [
      {
        output: sampleType(count, input),
        constants: [],
        run: (kernels, { from, to, pixels }) =>
          kernels.pick(from, bands, to, count, pixels, bitsPerSample / 8),
      },
    ];
  };
}
