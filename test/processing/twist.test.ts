import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServerError } from '../../src/errors.ts';
import { normalize } from '../../src/processing/normalize.ts';
import { twist, twistNormalized } from './reference/twist.ts';
import { bytes, floats, listOf, noise, noiseBytes, noiseWords, sameRange } from './rasters-of.ts';

const identity = (bands: number) =>
  Array.from({ length: bands }, (_, k) => Array.from({ length: bands }, (__, j) => (j === k ? 1 : 0)));

describe('twist', () => {
  const raster = floats(3, [1, 2, 3, 4, 5, 6]);

  it('multiplies each pixel by the matrix', () => {
    const swapped = twist(raster, [
      [0, 0, 1],
      [0, 1, 0],
      [1, 0, 0],
    ]);
    assert.deepEqual(swapped, floats(3, [3, 2, 1, 6, 5, 4]));
    assert.deepEqual(twist(raster, [[0.5, 0.25, 1]]), floats(1, [4, 9.25]));
    assert.deepEqual(twist(raster, [[1], [0, -1]]), floats(2, [1, -2, 4, -5]));
  });

  it('takes any shape: missing columns are 0, surplus ones ignored', () => {
    const rows = [[1, 0, 0, 99], [], [0, 1], [0, 0, 1], [1, 1, 1]];
    assert.deepEqual(twist(raster, rows), floats(5, [1, 0, 2, 3, 6, 4, 0, 5, 6, 15]));
  });

  it('leaves pixels alone by the identity, for 31 bands and for 3', () => {
    for (const bands of [3, 31]) {
      const next = noise(bands);
      const pixels = floats(
        bands,
        Array.from({ length: 4 * bands }, () => next()),
      );
      assert.deepEqual(twist(pixels, identity(bands)), pixels);
    }
  });

  it('wants a row', () => {
    assert.throws(() => twist(raster, []), ServerError);
  });
});

describe('twistNormalized', () => {
  const matrix = [
    [0.5, 0.1, 0.2, 0.3],
    [0, 2],
    [1, -1, 1],
  ];

  it('is normalize and twist in one', () => {
    const result = twistNormalized(bytes(3, [0, 255, 51, 102, 0, 255]), sameRange(3, 0, 255), [
      [1, 0.5, 0.5],
    ]);
    assert.deepEqual(listOf(result), [0.6, 0.9]);
    const cases = [
      {
        raster: noiseBytes({ width: 9, height: 5 }, 4),
        range: { min: [0, 10, 20, 7], max: [250, 240, 200, 7] },
      },
      {
        raster: noiseWords({ width: 9, height: 5 }, 4),
        range: { min: [0, 9, 8, 7], max: [65535, 60000, 50000, 7] },
      },
    ];
    for (const { raster, range } of cases) {
      for (const rows of [matrix, matrix.slice(1)]) {
        const inTwo = twist(normalize(raster, range), rows);
        const inOne = twistNormalized(raster, range, rows);
        assert.equal(inOne.bands, rows.length);
        inOne.data.forEach((v, i) =>
          assert.ok(Math.abs(v - inTwo.data[i]!) < 1e-6, `${v}, not ${inTwo.data[i]}`),
        );
      }
    }
  });

  it('clears NaN and infinities of floats', () => {
    const result = twistNormalized(floats(2, [NaN, 1, Infinity, 3]), sameRange(2, 0, 2), [[1, 1]]);
    assert.deepEqual(listOf(result), [0.5, 1.5]);
  });

  it('wants a range for each band, and a row', () => {
    assert.throws(() => twistNormalized(bytes(2, [1, 2]), sameRange(1, 0, 255), [[1]]), RangeError);
    assert.throws(() => twistNormalized(bytes(2, [1, 2]), sameRange(2, 0, 255), []), ServerError);
  });
});
