import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gamma } from '../../src/processing/gamma.ts';
import { everyWord, floats, listOf, sameRange } from './rasters-of.ts';
import { normalize } from '../../src/processing/normalize.ts';

describe('gamma', () => {
  it('raises samples to a power', () => {
    assert.deepEqual(listOf(gamma(floats(1, [0.25, 0.5], [1, 4]), 0.5)), [0.5, 0.70711, 1, 2]);
    assert.deepEqual(listOf(gamma(floats(1, [0.25, 0.5], [1, 4]), 2)), [0.0625, 0.25, 1, 16]);
    assert.deepEqual(listOf(gamma(floats(1, [0.25, 0.5], [1, 4]), -1)), [4, 2, 1, 0.25]);
  });

  it('counts what is below 0 as 0', () => {
    assert.deepEqual(listOf(gamma(floats(1, [-1, -0.001, -0, 0]), 0.45)), [0, 0, 0, 0]);
    assert.deepEqual(listOf(gamma(floats(1, [-1, 0]), 0)), [1, 1]);
    assert.deepEqual(listOf(gamma(floats(1, [-1, 0]), -1)), [Infinity, Infinity]);
  });

  it('is right to single precision for all 16-bit samples', () => {
    const samples = normalize(everyWord(), sameRange(1, 0, 65535));
    for (const exponent of [0.1, 0.45, 1, 1.5, 2.2, -0.7, 5, 8]) {
      const result = gamma(samples, exponent);
      for (let i = 1; i < 65536; i++) {
        const exact = Math.pow(samples.data[i]!, exponent);
        assert.ok(Math.abs(result.data[i]! - exact) <= 6e-7 * exact, `${samples.data[i]} ^ ${exponent}`);
      }
    }
  });

  it('takes exponents of any size', () => {
    assert.deepEqual(listOf(gamma(floats(1, [0.5, 1, -1, 2]), 20), 9), [9.54e-7, 1, 0, 1048576]);
  });
});
