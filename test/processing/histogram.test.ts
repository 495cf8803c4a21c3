import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { otsuThreshold } from '../../src/processing/binary.ts';
import { equalizationTable } from '../../src/processing/equalize.ts';
import { extent, histogram, stretchBounds, type Histogram } from '../../src/processing/histogram.ts';
import { bytes, everyByte, listOf, noise, noiseBytes, sameRange } from './rasters-of.ts';
import { binary, equalize } from './reference/levels.ts';

/** Counts from pairs of level and number of pixels. */
function counts(...pairs: readonly (readonly [number, number])[]): Histogram {
  const result = new Uint32Array(256);
  for (const [level, pixels] of pairs) result[level] = pixels;
  return result;
}

describe('histogram', () => {
  it('counts levels of one band', () => {
    assert.deepEqual(histogram(bytes(1, [0, 7], [7, 255])), counts([0, 1], [7, 2], [255, 1]));
  });

  it('takes the rounded mean of several bands', () => {
    assert.deepEqual(histogram(bytes(3, [1, 1, 2, 1, 2, 2])), counts([1, 1], [2, 1]));
    assert.deepEqual(histogram(bytes(2, [1, 2, 255, 255])), counts([2, 1], [255, 1]));
  });

  it('counts every pixel once, also of 31 bands', () => {
    const total = histogram(noiseBytes({ width: 20, height: 10 }, 31)).reduce((a, b) => a + b, 0);
    assert.equal(total, 200);
  });
});

describe('extent', () => {
  it('is the first and last level with pixels', () => {
    assert.deepEqual(extent(counts([5, 1], [9, 3], [250, 2])), { first: 5, last: 250 });
    assert.equal(extent(counts()), undefined);
  });
});

describe('stretchBounds', () => {
  const used = counts([5, 1], [200, 2]);

  it('gives samples of integers: a level of 16 bits is 256 of them', () => {
    assert.deepEqual(stretchBounds(used, sameRange(2, 0, 255), 'uint'), { min: [5, 5], max: [200, 200] });
    assert.deepEqual(stretchBounds(used, sameRange(1, 0, 65535), 'uint'), { min: [1280], max: [51200] });
    assert.deepEqual(stretchBounds(used, sameRange(1, 0, 4095), 'uint'), { min: [80], max: [3200] });
  });

  it('gives samples of floats within their range', () => {
    assert.deepEqual(stretchBounds(used, sameRange(1, 0, 255), 'float'), { min: [5], max: [200] });
    assert.deepEqual(stretchBounds(used, sameRange(1, -100, 410), 'float'), { min: [-90], max: [300] });
  });

  it('keeps the range of a picture of one level, and of none', () => {
    const range = sameRange(1, 3, 77);
    assert.equal(stretchBounds(counts([9, 4]), range, 'uint'), range);
    assert.equal(stretchBounds(counts(), range, 'uint'), range);
  });
});

describe('equalize', () => {
  it('maps levels by how many pixels are not brighter', () => {
    const table = equalizationTable(counts([10, 1], [20, 2], [30, 1]));
    // 255 / 4 * (cdf - 1/4) for cdf 1, 3 and 4.
    assert.deepEqual(
      [table[9], table[10], table[20], table[29], table[30], table[255]],
      [0, 48, 175, 175, 239, 239],
    );
  });

  it('is the formula of the specification for any histogram', () => {
    const next = noise(3);
    const pixels = Uint32Array.from({ length: 256 }, () => Math.max(0, Math.floor(next() * 900) - 300));
    const total = pixels.reduce((a, b) => a + b, 0);
    const cdfMin = pixels.find((count) => count > 0)! / total;
    const table = equalizationTable(pixels);
    for (let level = 0; level < 256; level++) {
      const cdf = pixels.slice(0, level + 1).reduce((a, b) => a + b, 0);
      assert.equal(table[level], Math.max(0, Math.round((255 / total) * (cdf - cdfMin))));
    }
  });

  it('never falls, ends in white for large pictures, and evens out what it is made of', () => {
    const raster = noiseBytes({ width: 64, height: 64 }, 3);
    const dim = { ...raster, data: raster.data.map((v) => v >> 2) };
    const made = equalize(dim, histogram(dim));
    const table = equalizationTable(histogram(dim));
    table.forEach((level, i) => assert.ok(i === 0 || level >= table[i - 1]!));
    assert.equal(table[255], 255);
    made.data.forEach((v, i) => assert.equal(v, table[dim.data[i]!]));
  });

  it('leaves levels alone without a histogram', () => {
    assert.deepEqual(equalize(everyByte(), counts()), everyByte());
  });
});

/** Otsu's threshold as it is defined: least sum of the variances within both parts, tried for every level. */
function plainOtsu(pixels: Histogram): number {
  const spread = (from: number, to: number): number => {
    const levels = Array.from(pixels.subarray(from, to), (count, i) => ({ count, level: from + i }));
    const total = levels.reduce((sum, { count }) => sum + count, 0);
    const mean = levels.reduce((sum, { count, level }) => sum + count * level, 0) / total;
    return total === 0 ? 0 : levels.reduce((sum, { count, level }) => sum + count * (level - mean) ** 2, 0);
  };
  let best = { threshold: 0, within: Infinity };
  for (let threshold = 0; threshold < 255; threshold++) {
    const within = spread(0, threshold + 1) + spread(threshold + 1, 256);
    if (within < best.within - 1e-6) best = { threshold, within };
  }
  return best.threshold;
}

describe('otsuThreshold', () => {
  it('parts two heaps', () => {
    assert.equal(otsuThreshold(counts([10, 5], [11, 5], [200, 5], [201, 5])), 11);
    assert.equal(otsuThreshold(counts([0, 1], [255, 1000])), 0);
  });

  it('is the plain definition for histograms of all kinds', () => {
    for (let seed = 1; seed < 12; seed++) {
      const next = noise(seed);
      const pixels = Uint32Array.from({ length: 256 }, () =>
        Math.max(0, Math.floor((next() - seed / 15) * 1000)),
      );
      assert.equal(otsuThreshold(pixels), plainOtsu(pixels), `seed ${seed}`);
    }
  });

  it('is 0 for one level and for none', () => {
    assert.equal(otsuThreshold(counts([77, 9])), 0);
    assert.equal(otsuThreshold(counts()), 0);
  });
});

describe('binary', () => {
  it('makes what is below the threshold black, the rest white', () => {
    assert.deepEqual(binary(bytes(1, [0, 127], [128, 255]), 128), bytes(1, [0, 0], [255, 255]));
  });

  it('leaves alpha alone, and the raster that comes in', () => {
    const raster = bytes(2, [100, 7, 200, 9]);
    assert.deepEqual(binary(raster, 150), bytes(2, [0, 7, 255, 9]));
    assert.deepEqual(listOf(raster), [100, 7, 200, 9]);
  });

  it('does not write into a Buffer that comes in', () => {
    const raster = { ...bytes(1, [1, 2]), data: Buffer.from([100, 200]) };
    binary(raster, 150);
    assert.deepEqual([...raster.data], [100, 200]);
  });
});
