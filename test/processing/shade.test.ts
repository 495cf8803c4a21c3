import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServerError } from '../../src/errors.ts';
import { shade } from './reference/shade.ts';
import { floats, listOf } from './rasters-of.ts';

describe('shade', () => {
  // n = -2 (rgb - 0.5): these pixels look left, right, up and into the picture.
  const normals = floats(3, [1, 0.5, 0.5, 0, 0.5, 0.5], [0.5, 0, 0.5, 0.5, 0.5, 1]);

  it('is half of the cosine between the light and the normal', () => {
    // From 12 o'clock, in the picture's plane: s is (0, 1, 0).
    assert.deepEqual(listOf(shade(normals, { horizontal: 0, vertical: 0 })), [0, 0, 0.5, 0]);
    // From 3 o'clock: (1, 0, 0).
    assert.deepEqual(listOf(shade(normals, { horizontal: 90, vertical: 0 })), [0, 0.5, 0, 0]);
    // (sin 90, cos 90, -sin 90) brought to unit length: (0.7071, 0, -0.7071).
    assert.deepEqual(listOf(shade(normals, { horizontal: 90, vertical: 90 })), [0, 0.35355, 0, 0.35355]);
  });

  it('gives one band, and keeps black black', () => {
    const result = shade(floats(4, [0, 0, 0, 1, 0.01, 0, 0, 1]), { horizontal: 45, vertical: 0 });
    assert.equal(result.bands, 1);
    assert.deepEqual(listOf(result, 4), [0, 0.7]);
  });

  it('clips to 0 to 1 whatever comes in', () => {
    const result = shade(floats(3, [-9, -9, -9, 9, 9, 9, NaN, 0, 1]), { horizontal: 30, vertical: -20 });
    assert.deepEqual(listOf(result), [1, 0, 0]);
  });

  it('wants three bands', () => {
    const isBadRequest = (error: unknown) => error instanceof ServerError && error.kind === 'bad-request';
    assert.throws(() => shade(floats(2, [0, 1]), { horizontal: 0, vertical: 0 }), isBadRequest);
  });
});
