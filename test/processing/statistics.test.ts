import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  BINS,
  countBins,
  mergeSummaries,
  percentile,
  summarizeBands,
} from '../../src/processing/statistics.ts';
import { readStatistics } from '../../src/render/statistics.ts';
import { openFixture } from '../support/fixtures.ts';

const floats = (bands: number, values: number[]) => ({ width: values.length / bands, height: 1, bands, bitsPerSample: 32, sampleFormat: 'float', data: Float32Array.from(values) }) as const; // prettier-ignore

describe('statistics of bands', () => {
  it('leave out NaN and infinities', () => {
    const raster = floats(2, [1, 10, NaN, 20, 3, Infinity]);
    assert.deepEqual(summarizeBands(raster), [
      { min: 1, max: 3, sum: 4, count: 2 },
      { min: 10, max: 20, sum: 30, count: 2 },
    ]);
  });

  it('of parts merge to those of the whole', () => {
    const [one, two, whole] = [[1, 5], [2, 9], [1, 5, 2, 9]].map((values) => summarizeBands(floats(1, values))[0]!); // prettier-ignore
    assert.deepEqual(mergeSummaries(one!, two!), whole);
  });

  it('count every finite sample in one bin', () => {
    const counts = new Float64Array(BINS);
    countBins(floats(1, [-5, 0, 0.5, 1, 99, NaN]), 0, { min: 0, max: 1 }, counts);
    assert.deepEqual([counts[0], counts[128], counts[255]], [2, 1, 2]);
  });

  it('have percentiles that are values for bytes and lie inside bins for others', () => {
    const bytes = new Float64Array(BINS);
    for (const v of [10, 20, 30, 40]) bytes[v] = 25;
    const range = { min: 0, max: 256 };
    assert.deepEqual([0.01, 0.25, 0.26, 0.5, 0.99].map((share) => percentile(bytes, range, share)), [10, 10, 20, 20, 40]); // prettier-ignore
    const even = new Float64Array(BINS).fill(1);
    assert.equal(percentile(even, { min: 0, max: 1024 }, 0.5), 512);
    assert.ok(Number.isNaN(percentile(new Float64Array(BINS), range, 0.5)));
  });
});

describe('statistics of an image', () => {
  const NEVER = { throwIfAborted: () => {} };

  it('are those of all its samples, on the smallest level', async () => {
    const reader = await openFixture('rgb-none-128.tif');
    const { width, height, bands } = await readStatistics(reader, 0, { cancellation: NEVER });
    const { data } = await reader.readWindow({ page: 0, level: 2, window: { x: 0, y: 0, width, height } });
    const green = data.filter((_, i) => i % 3 === 1) as Uint8Array;
    const sorted = [...green].sort((a, b) => a - b);
    assert.deepEqual([width, height, bands.length], [100, 75, 3]);
    assert.deepEqual([bands[1]?.min, bands[1]?.max], [sorted[0], sorted.at(-1)]);
    assert.equal(bands[1]?.mean, green.reduce((sum, v) => sum + v, 0) / green.length);
    assert.equal(bands[1]?.percentiles['50'], sorted[sorted.length / 2 - 1]);
    assert.equal(
      bands[1]?.histogram.reduce((sum, count) => sum + count, 0),
      green.length,
    );
  });

  it('of floats leave out what is no number', async () => {
    const { bands } = await readStatistics(await openFixture('float-nan.tif'), 0, { cancellation: NEVER });
    const counted = bands[0]!.histogram.reduce((sum, count) => sum + count, 0);
    assert.ok(counted > 0 && counted < 560 * 420);
    assert.ok(bands[0]!.min !== null && bands[0]!.max !== null && bands[0]!.min < bands[0]!.max);
  });
});
