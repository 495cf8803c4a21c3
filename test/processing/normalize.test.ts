import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { normalize } from '../../src/processing/normalize.ts';
import { bytes, floats, listOf, longs, noiseBytes, sameRange, words } from './rasters-of.ts';

describe('normalize', () => {
  it('maps the range of 8 bits to 0 to 1 and goes on beyond it', () => {
    const raster = bytes(1, [0, 51], [102, 255]);
    assert.deepEqual(listOf(normalize(raster, sameRange(1, 0, 255))), [0, 0.2, 0.4, 1]);
    assert.deepEqual(listOf(normalize(raster, sameRange(1, 51, 102))), [-1, 0, 1, 4]);
  });

  it('has a range for each band', () => {
    const raster = bytes(2, [0, 10, 100, 20], [50, 15, 25, 30]);
    const result = normalize(raster, { min: [0, 10], max: [100, 30] });
    assert.deepEqual(listOf(result), [0, 0, 1, 0.5, 0.5, 0.25, 0.25, 1]);
    assert.deepEqual([result.bands, result.bitsPerSample, result.sampleFormat], [2, 32, 'float']);
  });

  it('takes 16 and 32 bits', () => {
    assert.deepEqual(listOf(normalize(words(1, [0, 13107, 65535]), sameRange(1, 0, 65535))), [0, 0.2, 1]);
    const max = 4294967295;
    assert.deepEqual(listOf(normalize(longs(1, [0, max / 5, max]), sameRange(1, 0, max))), [0, 0.2, 1]);
  });

  it('makes NaN and infinities 0', () => {
    const raster = floats(2, [NaN, 1, Infinity, 2], [3, -Infinity, 4, 0]);
    assert.deepEqual(listOf(normalize(raster, sameRange(2, 0, 4))), [0, 0.25, 0, 0.5, 0.75, 0, 1, 0]);
    assert.deepEqual(listOf(normalize(raster, { min: [2, 0], max: [4, 2] })), [0, 0.5, 0, 1, 0.5, 0, 1, 0]);
  });

  it('inverts a band whose minimum is above its maximum, and blackens one without extent', () => {
    assert.deepEqual(listOf(normalize(bytes(1, [0, 255]), sameRange(1, 255, 0))), [1, 0]);
    assert.deepEqual(listOf(normalize(bytes(1, [0, 7, 255]), sameRange(1, 7, 7))), [0, 0, 0]);
  });

  it('treats each of 31 bands by its own range', () => {
    const raster = noiseBytes({ width: 3, height: 2 }, 31);
    const min = Array.from({ length: 31 }, (_, band) => band);
    const max = min.map((v) => v + 100);
    const result = normalize(raster, { min, max });
    raster.data.forEach((v, i) => assert.equal(result.data[i], Math.fround((v - (i % 31)) / 100)));
  });

  it('refuses a range of too few bands', () => {
    assert.throws(() => normalize(bytes(2, [1, 2]), sameRange(1, 0, 255)), RangeError);
  });
});
