import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Raster, Size } from '../../src/image/raster.ts';
import { crop } from './reference/crop.ts';
import { makeTaps, type Interpolation } from '../../src/processing/resample-taps.ts';
import { planResample, sourceRows } from '../../src/processing/resample-plan.ts';
import { resample, resampleRows } from '../../src/processing/resample.ts';
import { eightBitRaster } from '../../src/processing/rasters.ts';
import { bytes, floats, listOf, longs, noiseBytes, noiseWords, words } from './rasters-of.ts';

const ALL: readonly Interpolation[] = ['nearest', 'bilinear', 'cubic', 'lanczos'];
const SMOOTH = ALL.slice(1);

describe('resample', () => {
  it('interpolates between the centers of pixels', () => {
    const raster = bytes(1, [0, 100]);
    assert.deepEqual(resample(raster, { width: 4, height: 1 }, 'bilinear'), bytes(1, [0, 25, 75, 100]));
    assert.deepEqual(
      resample(raster, { width: 4, height: 2 }, 'nearest'),
      bytes(1, [0, 0, 100, 100], [0, 0, 100, 100]),
    );
    const corners = bytes(1, [0, 100], [200, 100]);
    assert.deepEqual(
      resample(corners, { width: 2, height: 4 }, 'bilinear'),
      bytes(1, [0, 100], [50, 100], [150, 100], [200, 100]),
    );
  });

  it('goes through the samples of a cubic, and of Lanczos a little beyond', () => {
    const step = floats(1, [0, 0, 0, 1, 1, 1]);
    const odd = resample(step, { width: 18, height: 1 }, 'cubic');
    assert.deepEqual(
      [1, 4, 7, 10, 13, 16].map((i) => odd.data[i]),
      [0, 0, 0, 1, 1, 1],
    );
    // Keys' kernel is 1/3 at a distance of 2/3 and -1/27 at one of 5/3.
    assert.ok(Math.abs(odd.data[8]! - 8 / 27) < 1e-6 && Math.abs(odd.data[9]! - 19 / 27) < 1e-6);
    assert.ok(odd.data[6]! < 0 && resample(step, { width: 18, height: 1 }, 'lanczos').data[6]! < 0);
  });

  it('averages what it makes smaller, so that fine stripes become gray', () => {
    const stripes = bytes(
      1,
      ...Array.from({ length: 40 }, () => Array.from({ length: 200 }, (_, x) => (x % 2) * 255)),
    );
    for (const interpolation of SMOOTH) {
      const { data } = resample(stripes, { width: 62, height: 13 }, interpolation);
      const inside = data.filter((_, i) => i % 62 > 3 && i % 62 < 58);
      assert.ok(
        inside.every((v) => v > 112 && v < 143),
        `${interpolation}: ${Math.min(...inside)}-${Math.max(...inside)}`,
      );
    }
  });

  it('rounds and clips integers, and neither for floats', () => {
    const sharpEdge = [0, 0, 0, 255, 255, 255];
    const overshoot = { width: 60, height: 1 };
    assert.ok(listOf(resample(floats(1, sharpEdge), overshoot, 'lanczos')).some((v) => v < -1));
    const made = listOf(resample(bytes(1, sharpEdge), overshoot, 'lanczos'));
    assert.deepEqual([Math.min(...made), Math.max(...made)], [0, 255]);
    const wide = listOf(
      resample(
        words(
          1,
          sharpEdge.map((v) => v * 257),
        ),
        overshoot,
        'lanczos',
      ),
    );
    assert.deepEqual([Math.min(...wide), Math.max(...wide)], [0, 65535]);
    assert.deepEqual(
      resample(longs(1, [0, 4294967295]), { width: 1, height: 1 }, 'bilinear'),
      longs(1, [2147483648]),
    );
  });

  it('keeps flat pictures flat, whatever the sizes and bands', () => {
    const flat = (size: Size, bands: number) =>
      eightBitRaster(size, bands, new Uint8Array(size.width * size.height * bands).fill(201));
    for (const bands of [1, 3, 4, 31]) {
      for (const to of [
        { width: 1, height: 1 },
        { width: 3, height: 50 },
        { width: 17, height: 2 },
        { width: 10, height: 5 },
      ]) {
        for (const interpolation of ALL) {
          assert.deepEqual(
            resample(flat({ width: 10, height: 7 }, bands), to, interpolation),
            flat(to, bands),
          );
        }
      }
    }
  });

  it('keeps a mirrored picture mirrored', () => {
    const rows = Array.from({ length: 4 }, (_, y) =>
      Array.from({ length: 9 }, (_, x) => (x * 37 + y * 91) % 256),
    );
    const mirrored = bytes(1, ...rows.map((row) => [...row].reverse()));
    for (const interpolation of SMOOTH) {
      for (const width of [5, 14]) {
        const one = resample(bytes(1, ...rows), { width, height: 4 }, interpolation);
        const other = resample(mirrored, { width, height: 4 }, interpolation);
        other.data.forEach((v, i) =>
          assert.ok(Math.abs(v - one.data[i - 2 * (i % width) + width - 1]!) <= 1),
        );
      }
    }
  });

  it('gives the raster itself for its own size', () => {
    const raster = noiseBytes({ width: 3, height: 2 }, 2);
    assert.equal(resample(raster, { width: 3, height: 2 }, 'lanczos'), raster);
  });

  it('makes the same of strips as of the whole', () => {
    const cases: readonly [Raster, Size][] = [
      [noiseBytes({ width: 20, height: 33 }, 3), { width: 13, height: 50 }],
      [noiseWords({ width: 20, height: 33 }, 1), { width: 25, height: 11 }],
      [floats(2, ...Array.from({ length: 9 }, (_, y) => [y, 1, y * y, 2])), { width: 3, height: 4 }],
    ];
    for (const [raster, to] of cases) {
      for (const interpolation of ALL) {
        const plan = planResample(raster, to, interpolation);
        const whole = resample(raster, to, interpolation);
        for (let top = 0; top < to.height; top += 3) {
          const output = { top, height: Math.min(3, to.height - top) };
          const needed = sourceRows(plan, output);
          const source = crop(raster, { x: 0, y: needed.top, width: raster.width, height: needed.height });
          const wanted = crop(whole, { x: 0, y: top, width: to.width, height: output.height });
          assert.deepEqual(resampleRows(source, needed.top, plan, output), wanted);
        }
      }
    }
  });
});

describe('makeTaps', () => {
  it('has weights that add up to 1, for pixels that there are', () => {
    for (const [from, to] of [
      [1, 1],
      [1, 9],
      [9, 1],
      [7, 5],
      [5, 7],
      [1000, 3],
      [3, 1000],
    ] as const) {
      for (const interpolation of ALL) {
        const { count, starts, weights } = makeTaps(from, to, interpolation);
        assert.deepEqual([starts.length, weights.length], [to, to * count]);
        starts.forEach((start, i) => {
          assert.ok(start >= 0 && start + count <= from);
          const sum = weights.subarray(i * count, (i + 1) * count).reduce((a, b) => a + b, 0);
          assert.ok(Math.abs(sum - 1) < 1e-12);
        });
      }
    }
  });

  it('takes two pixels between pixels, and as many as an output pixel reaches over', () => {
    assert.equal(makeTaps(100, 250, 'bilinear').count, 2);
    assert.equal(makeTaps(100, 250, 'cubic').count, 4);
    assert.equal(makeTaps(100, 250, 'lanczos').count, 6);
    assert.equal(makeTaps(100, 25, 'bilinear').count, 8);
    assert.equal(makeTaps(100, 25, 'nearest').count, 1);
  });
});
