import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServerError } from '../../src/errors.ts';
import type { Raster, Size } from '../../src/image/raster.ts';
import { Chain, typeOf, type MakeSteps } from '../../src/processing/chain.ts';
import {
  binaryStep,
  cielabStep,
  colormapStep,
  equalizeStep,
  grayStep,
  shadeStep,
  twistStep,
} from '../../src/processing/color-steps.ts';
import { colormap } from '../../src/processing/colormap.ts';
import { contrast, contrastTo16Bit } from '../../src/processing/contrast.ts';
import { Convolution, namedKernel } from '../../src/processing/convolve.ts';
import { gamma } from '../../src/processing/gamma.ts';
import { invert } from '../../src/processing/invert.ts';
import { logarithm } from '../../src/processing/logarithm.ts';
import { lookupMemo } from '../../src/processing/lookup-memo.ts';
import { normalize } from '../../src/processing/normalize.ts';
import { eightBitRaster, floatRaster, type FloatRaster } from '../../src/processing/rasters.ts';
import { tablesStep } from '../../src/processing/table-steps.ts';
import { applyTone, type Tone } from '../../src/processing/tone.ts';
import {
  contrastStep,
  curveSteps,
  highByteStep,
  invertStep,
  keepBandsStep,
  normalizeStep,
  toneSteps,
} from '../../src/processing/tone-steps.ts';
import { bytes, everyByte, everyWord, floats, longs, noise, noiseBytes, noiseWords, sameRange } from './rasters-of.ts'; // prettier-ignore
import { keepBands } from './reference/bands.ts';
import { cielabToSrgb } from './reference/cielab.ts';
import { convolve } from './reference/convolve.ts';
import { gray } from './reference/gray.ts';
import { binary, equalize } from './reference/levels.ts';
import { shade } from './reference/shade.ts';
import { toByte } from './reference/to-byte.ts';
import { twist } from './reference/twist.ts';

/** Larger than a block, odd, and one pixel: blocks and vectors end in the middle. */
const SIZES: readonly Size[] = [
  { width: 173, height: 131 },
  { width: 5, height: 3 },
  { width: 1, height: 1 },
];

function noiseFloats(size: Size, bands: number, low = -0.25, high = 1.25): FloatRaster {
  const next = noise(size.width * 3 + size.height + bands);
  const data = new Float32Array(size.width * size.height * bands).map(() => low + next() * (high - low));
  return floatRaster(size, bands, data);
}

function noiseLongs(size: Size, bands: number): Raster {
  const next = noise(size.width + bands);
  const data = new Uint32Array(size.width * size.height * bands).map(() => next() * 2 ** 32);
  return { ...size, bands, bitsPerSample: 32, sampleFormat: 'uint', data };
}

const run = (raster: Raster, ...makers: readonly MakeSteps[]): Raster =>
  new Chain(typeOf(raster), makers).apply(raster);

/** Same shape and type; samples at most `tolerance` apart, in the unit of the samples. */
function assertNear(made: Raster, wanted: Raster, tolerance: number): void {
  const { data, ...shape } = made;
  const { data: expected, ...expectedShape } = wanted;
  assert.deepEqual(shape, expectedShape);
  assert.equal(data.constructor, expected.constructor);
  assert.equal(data.length, expected.length);
  for (let i = 0; i < data.length; i++) {
    const distance = Math.abs(data[i]! - expected[i]!);
    assert.ok(distance <= tolerance, `sample ${i}: ${data[i]}, not ${expected[i]}`);
  }
}

const kinds = (size: Size, bands: number): readonly Raster[] => [
  noiseBytes(size, bands),
  noiseWords(size, bands),
  noiseLongs(size, bands),
  noiseFloats(size, bands),
];

describe('steps of chains against plain loops', () => {
  for (const size of SIZES) {
    for (const bands of [1, 2, 3, 4, 5, 31]) {
      const of = `${size.width} x ${size.height}, ${bands} bands`;

      it(`normalize: ${of}`, () => {
        for (const raster of kinds(size, bands)) {
          const top = raster.sampleFormat === 'float' ? 1 : 2 ** raster.bitsPerSample - 1;
          const alike = sameRange(bands, 0, top);
          const each = {
            min: alike.min.map((_, band) => Math.round(band * top * 0.01)),
            max: alike.max.map((max, band) => (band === 1 ? Math.round(top * 0.01) : max - band)),
          };
          for (const range of [alike, each]) {
            const wanted = normalize(raster, range);
            const scale = wanted.data.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
            assertNear(run(raster, normalizeStep(range)), wanted, 4e-7 * scale);
          }
        }
      });

      it(`curves, negative and contrast: ${of}`, () => {
        const raster = noiseFloats(size, bands);
        for (const exponent of [0.2, 0.45, 1, 2.2, 7])
          assertNear(run(raster, ...curveSteps({ kind: 'gamma', exponent })), gamma(raster, exponent), 4e-6);
        assertNear(run(raster, ...curveSteps({ kind: 'logarithm' })), logarithm(raster), 1e-6);
        assert.deepEqual(run(raster, invertStep), invert(raster));
        for (const factor of [0.5, 1, 3]) {
          assertNear(run(raster, contrastStep(factor, 8)), contrast(raster, factor), 1);
          assertNear(run(raster, contrastStep(factor, 16)), contrastTo16Bit(raster, factor), 1);
        }
      });

      it(`bands: ${of}`, () => {
        for (const raster of kinds(size, bands)) {
          for (const count of [1, 3, 4, 9]) {
            assert.deepEqual(run(raster, keepBandsStep(count)), keepBands(raster, count));
          }
          if (raster.sampleFormat === 'uint') assert.deepEqual(run(raster, highByteStep), toByte(raster));
        }
      });

      it(`twist: ${of}`, () => {
        const raster = noiseFloats(size, bands);
        const next = noise(bands);
        for (const rows of [1, 2, 3, 4, 5, 9]) {
          const matrix = Array.from({ length: rows }, () =>
            Array.from({ length: bands }, () => next() - 0.5),
          );
          assertNear(run(raster, twistStep(matrix)), twist(raster, matrix), 1e-5);
        }
        assertNear(run(raster, twistStep([[1]])), twist(raster, [[1]]), 0);
      });

      it(`color map, shading: ${of}`, () => {
        const raster = noiseFloats(size, bands);
        for (const name of ['jet', 'hot', 'viridis'] as const)
          assertNear(run(raster, colormapStep(name)), colormap(raster, name), 2e-6);
        const light = { horizontal: 30, vertical: 40 };
        if (bands < 3) assert.throws(() => run(raster, shadeStep(light)), { kind: 'bad-request' });
        else assertNear(run(raster, shadeStep(light)), shade(raster, light), 1e-6);
      });

      it(`gray, black and white, equalized: ${of}`, () => {
        const raster = noiseBytes(size, bands);
        const counts = new Uint32Array(256).map((_, level) => (level * 7919) % 101);
        assert.deepEqual(run(raster, grayStep), gray(raster));
        assert.deepEqual(run(noiseWords(size, bands), grayStep), gray(noiseWords(size, bands)));
        assert.deepEqual(run(raster, binaryStep(99)), binary(raster, 99));
        assert.deepEqual(run(raster, equalizeStep(counts)), equalize(raster, counts));
      });

      it(`CIELAB: ${of}`, () => {
        const raster = noiseFloats(size, bands);
        const lab = {
          ...raster,
          data: raster.data.map((v, i) => (i % bands === 0 ? v * 100 : (v - 0.5) * 150)),
        };
        for (const stored of [noiseBytes(size, bands), noiseWords(size, bands), lab]) {
          if (bands < 3) assert.throws(() => run(stored, cielabStep), { kind: 'unsupported' });
          else assertNear(run(stored, cielabStep), cielabToSrgb(stored), 2e-5);
        }
      });

      it(`convolution: ${of}`, () => {
        const raster = noiseFloats(size, bands);
        const wide = Array.from({ length: 25 }, (_, i) => (i * 7) % 11);
        for (const kernel of [namedKernel('sobel')!, namedKernel('gaussian')!, wide, [2]]) {
          const made = new Convolution(typeOf(raster), [], kernel, []).apply(raster);
          assertNear(made, convolve(raster, kernel), 2e-5);
        }
        const stored = noiseWords(size, bands);
        const range = sameRange(bands, 0, 65535);
        const kernel = namedKernel('sharpen')!;
        const steps = [[normalizeStep(range)], kernel, [invertStep, contrastStep(1, 8)]] as const;
        const wanted = contrast(invert(convolve(normalize(stored, range), kernel)), 1);
        assertNear(new Convolution(typeOf(stored), ...steps).apply(stored), wanted, 1);
      });
    }
  }
});

describe('tones', () => {
  const linear: Tone = {
    range: sameRange(4, 10, 200),
    curve: { kind: 'linear' },
    invert: false,
    contrast: 1,
  };
  const tones: readonly Tone[] = [
    linear,
    { ...linear, curve: { kind: 'gamma', exponent: 0.5 }, contrast: 1.5 },
    { ...linear, curve: { kind: 'logarithm' }, invert: true },
    { ...linear, colormap: 'jet', contrast: 0.9 },
    { ...linear, range: { min: [0, 10, 30, 7], max: [100, 90, 255, 7] } },
  ];

  it('of integers are exactly those of the steps', () => {
    const find = lookupMemo(4);
    for (const tone of tones) {
      for (const bands of [1, 3, 4]) {
        for (const raster of [noiseBytes(SIZES[0]!, bands), noiseWords(SIZES[0]!, bands)])
          assert.deepEqual(run(raster, toneSteps(tone, find)), applyTone(raster, tone));
      }
      assert.deepEqual(run(everyByte(), toneSteps(tone, find)), applyTone(everyByte(), tone));
      assert.deepEqual(run(everyWord(), toneSteps(tone, find)), applyTone(everyWord(), tone));
    }
  });

  it('of floats and of 32-bit integers are within a level', () => {
    const find = lookupMemo(4);
    for (const tone of tones) {
      const wide = noiseFloats(SIZES[0]!, 3, -50, 300);
      assertNear(run(wide, toneSteps(tone, find)), applyTone(wide, tone), 1);
      const range = { min: [0, 0, 0], max: [2 ** 32 - 1, 2 ** 31, 2 ** 32 - 1] };
      const long = noiseLongs(SIZES[0]!, 3);
      assertNear(run(long, toneSteps({ ...tone, range }, find)), applyTone(long, { ...tone, range }), 1);
    }
  });

  it('give every 8-bit sample back, and every value of the ends', () => {
    const range = sameRange(1, 0, 255);
    const through = [normalizeStep(range), twistStep([[1]]), contrastStep(1, 8)];
    assert.deepEqual(run(everyByte(), ...through), everyByte());
    const twice = [normalizeStep(range), invertStep, invertStep, contrastStep(1, 8)];
    assert.deepEqual(run(everyByte(), ...twice), everyByte());
    const ends = floats(1, [0, 1]);
    for (const exponent of [0.1, 0.5, 2, 50])
      assert.deepEqual(
        run(ends, ...curveSteps({ kind: 'gamma', exponent }), contrastStep(1, 8)),
        bytes(1, [0, 255]),
      );
    assert.deepEqual(run(ends, ...curveSteps({ kind: 'logarithm' }), contrastStep(1, 8)), bytes(1, [0, 255]));
    assert.deepEqual(
      run(everyWord(), normalizeStep(sameRange(1, 0, 65535)), contrastStep(1, 16)),
      everyWord(),
    );
  });

  it('make 0 of NaN and infinities, and stay between the ends whatever comes', () => {
    const odd = floats(1, [NaN, Infinity, -Infinity, 1e38, -1e38, 1e-45, -0]);
    const normalized = run(odd, normalizeStep(sameRange(1, 0, 1)));
    assert.deepEqual([...normalized.data.subarray(0, 3)], [0, 0, 0]);
    for (const curve of [
      { kind: 'gamma', exponent: 0.5 },
      { kind: 'gamma', exponent: 9 },
      { kind: 'logarithm' },
    ] as const)
      assert.deepEqual(
        [...run(odd, normalizeStep(sameRange(1, 0, 1)), ...curveSteps(curve), contrastStep(1, 8)).data],
        [0, 0, 0, 255, 0, 0, 0],
      );
  });
});

describe('a chain', () => {
  it('without steps gives the raster itself', () => {
    const raster = noiseBytes({ width: 3, height: 2 }, 3);
    assert.equal(run(raster), raster);
    assert.equal(run(raster, highByteStep, keepBandsStep(3)), raster);
  });

  it('takes rasters that lie anywhere in their memory', () => {
    const whole = noiseFloats({ width: 7, height: 4 }, 2);
    const part = floatRaster({ width: 7, height: 2 }, 2, whole.data.subarray(14, 42));
    assert.deepEqual(run(part, invertStep), invert(part));
  });

  it('is not disturbed by another one between two of its uses', () => {
    const raster = noiseBytes({ width: 300, height: 200 }, 1);
    const table = (level: number) => binaryStep(level);
    const [one, other] = [new Chain(typeOf(raster), [table(50)]), new Chain(typeOf(raster), [table(200)])];
    const first = one.apply(raster);
    other.apply(raster);
    new Convolution(typeOf(raster), [normalizeStep(sameRange(1, 0, 255))], namedKernel('sobel')!, []).apply(
      raster,
    );
    assert.deepEqual(one.apply(raster), first);
  });

  it('looks once where tables follow each other, and shows the same', () => {
    const tone: Tone = {
      range: { min: [0, 900, 0, 0], max: [65_535, 40_000, 65_535, 9] },
      curve: { kind: 'gamma', exponent: 0.6 },
      invert: true,
      contrast: 1.3,
    };
    const raise = tablesStep((bands) =>
      Array.from({ length: bands }, (_, band) =>
        new Uint8Array(256).map((_, level) => (level * (band + 3)) / 4),
      ),
    );
    for (const bands of [1, 2, 4]) {
      for (const raster of [
        noiseWords({ width: 173, height: 131 }, bands),
        noiseBytes({ width: 9, height: 5 }, bands),
      ]) {
        const makers = [toneSteps(tone, lookupMemo(4)), binaryStep(99), raise];
        const apart = makers.reduce<Raster>((picture, make) => run(picture, make), raster);
        assert.deepEqual(run(raster, ...makers), apart);
        const { constants } = new Chain(typeOf(raster), makers);
        assert.ok(constants.length <= bands, `${constants.length} tables for ${bands} bands`);
      }
    }
  });

  it('says which step does not fit', () => {
    assert.throws(
      () => run(eightBitRaster({ width: 1, height: 1 }, 1, new Uint8Array(1)), invertStep),
      RangeError,
    );
    assert.throws(() => run(floats(1, [1]), grayStep, highByteStep), RangeError);
    assert.throws(() => run(floats(3, [1, 1, 1]), grayStep), RangeError);
    assert.throws(() => run(floats(1, [1]), binaryStep(3)), RangeError);
    assert.throws(() => run(longs(3, [1, 2, 3]), cielabStep), ServerError);
    assert.throws(() => twistStep([]), ServerError);
    assert.throws(() => run(bytes(2, [1, 2]), normalizeStep(sameRange(1, 0, 255))), RangeError);
    assert.throws(() => new Convolution(typeOf(floats(1, [1])), [], [1, 2], []), RangeError);
    assert.throws(() => new Convolution(typeOf(bytes(1, [1])), [], [1], []), RangeError);
  });
});
