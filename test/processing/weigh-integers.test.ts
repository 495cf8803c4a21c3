import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Raster, Size } from '../../src/image/raster.ts';
import { canBeFixed, fixedTaps } from '../../src/processing/fixed-taps.ts';
import { planResample } from '../../src/processing/resample-plan.ts';
import { makeTaps } from '../../src/processing/resample-taps.ts';
import { areIntegersFor, weighIntegers } from '../../src/processing/weigh-integers.ts';
import { weighRows } from '../../src/processing/weigh-rows.ts';
import { floats, longs, noiseBytes, noiseWords } from './rasters-of.ts';

const SMOOTH = ['bilinear', 'cubic', 'lanczos'] as const;

/** From and to: a row at a time and a few pixels, odd and even numbers of taps, pieces of several rows and of one. */
const SIZES: readonly (readonly [Size, Size])[] = [
  [{ width: 1, height: 1 }, { width: 5, height: 3 }],
  [{ width: 7, height: 5 }, { width: 3, height: 9 }],
  [{ width: 33, height: 21 }, { width: 20, height: 14 }],
  [{ width: 90, height: 61 }, { width: 31, height: 17 }],
  [{ width: 300, height: 220 }, { width: 7, height: 2 }],
  [{ width: 3000, height: 90 }, { width: 1601, height: 50 }],
  [{ width: 40, height: 30 }, { width: 1300, height: 400 }],
]; // prettier-ignore

describe('weighing in whole numbers', () => {
  for (const { name, noise, tolerance } of [
    { name: '8 bits', noise: noiseBytes, tolerance: 1 },
    { name: '16 bits', noise: noiseWords, tolerance: 16 },
  ]) {
    it(`gives what weighing in floats gives, ${name}`, () => {
      for (const [from, to] of SIZES) {
        for (const bands of [1, 3, 4]) {
          const raster = noise(from, bands);
          for (const interpolation of SMOOTH) {
            const plan = planResample(from, to, interpolation);
            assert.equal(areIntegersFor(plan, raster), true);
            const made = weighIntegers({ top: 0, raster }, plan, { top: 0, height: to.height });
            const wanted = weighRows({ top: 0, raster }, plan, { top: 0, height: to.height });
            assert.deepEqual({ ...made, data: [] }, { ...wanted, data: [] });
            assert.equal(made.data.constructor, wanted.data.constructor);
            const off = made.data.findIndex((v, i) => Math.abs(v - wanted.data[i]!) > tolerance);
            const where = `${interpolation}, ${bands} bands, ${from.width} to ${to.width}, sample ${off}`;
            assert.equal(off, -1, `${where}: ${made.data[off]}, not ${wanted.data[off]}`);
          }
        }
      }
    });
  }

  it('keeps black black and white white', () => {
    const size = { width: 50, height: 40 };
    for (const value of [0, 255]) {
      for (const interpolation of SMOOTH) {
        const plan = planResample(size, { width: 33, height: 71 }, interpolation);
        const raster: Raster = { ...noiseBytes(size, 3), data: new Uint8Array(6000).fill(value) };
        const { data } = weighIntegers({ top: 0, raster }, plan, { top: 0, height: 71 });
        assert.ok(data.every((v) => v === value));
      }
    }
    const flat = { ...noiseWords(size, 1), data: new Uint16Array(2000).fill(65_535) };
    const plan = planResample(size, { width: 70, height: 13 }, 'lanczos');
    assert.ok(weighIntegers({ top: 0, raster: flat }, plan, { top: 0, height: 13 }).data.every((v) => v === 65_535));
  }); // prettier-ignore

  it('is not for floats, 32 bits, other numbers of bands, nor for thousands of pixels in one', () => {
    const plan = planResample({ width: 4, height: 1 }, { width: 2, height: 1 }, 'bilinear');
    assert.equal(areIntegersFor(plan, floats(1, [0, 0.25, 0.5, 1])), false);
    assert.equal(areIntegersFor(plan, longs(1, [0, 1, 2, 3])), false);
    assert.equal(areIntegersFor(plan, noiseBytes({ width: 4, height: 1 }, 2)), false);
    assert.equal(areIntegersFor(plan, noiseBytes({ width: 4, height: 1 }, 31)), false);
    const [from, to] = [{ width: 4000, height: 2 }, { width: 1, height: 1 }];
    assert.equal(areIntegersFor(planResample(from, to, 'bilinear'), noiseBytes(from, 1)), false);
    const tall = { width: 2000, height: 1000 };
    assert.equal(areIntegersFor(planResample(tall, to, 'bilinear'), noiseBytes(tall, 3)), false, '6 MB at once');
  }); // prettier-ignore
});

describe('taps in whole numbers', () => {
  it('add up to 1, and there are as many as the kernels take', () => {
    for (const interpolation of SMOOTH) {
      for (const [from, to] of [[900, 600], [7, 100], [1000, 3]] as const) {
        const taps = makeTaps(from, to, interpolation);
        const { length, weights } = fixedTaps(taps, { multiple: 8, positions: to + 2 });
        assert.ok(length % 8 === 0 && length >= taps.count && length < taps.count + 8);
        assert.equal(weights.length, length * (to + 2));
        for (let i = 0; i < to; i++) {
          const run = weights.subarray(i * length, (i + 1) * length);
          assert.equal(run.reduce((a, b) => a + b, 0), 16_384);
          assert.ok(run.subarray(taps.count).every((v) => v === 0));
          for (let k = 0; k < taps.count; k++)
            assert.ok(Math.abs(run[k]! / 16_384 - taps.weights[i * taps.count + k]!) < 1 / 16_384);
        }
        assert.ok(weights.subarray(length * to).every((v) => v === 0));
      }
    }
  }); // prettier-ignore

  it('are not for more taps than 14 bits can tell apart', () => {
    assert.equal(canBeFixed(makeTaps(512, 1, 'bilinear')), true);
    assert.equal(canBeFixed(makeTaps(513 * 4, 1, 'bilinear')), false);
  });
});
