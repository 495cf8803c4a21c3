import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { contrast, contrastTo16Bit } from '../../src/processing/contrast.ts';
import { invert } from '../../src/processing/invert.ts';
import { logarithm } from '../../src/processing/logarithm.ts';
import { normalize } from '../../src/processing/normalize.ts';
import { toByte } from './reference/to-byte.ts';
import { bytes, everyByte, everyWord, floats, listOf, longs, sameRange, words } from './rasters-of.ts';

const normalBytes = () => normalize(everyByte(), sameRange(1, 0, 255));
const normalWords = () => normalize(everyWord(), sameRange(1, 0, 65535));

describe('logarithm', () => {
  it('is ln(1 + 255 v) / ln(256), 0 below 0', () => {
    // 1 + 255 v is 1, 16 and 256 here, and ln 16 is half of ln 256.
    assert.deepEqual(listOf(logarithm(floats(1, [0, 15 / 255], [1, -0.5]))), [0, 0.5, 1, 0]);
  });

  it('never falls', () => {
    const { data } = logarithm(normalWords());
    data.forEach((v, i) => assert.ok(i === 0 || v >= data[i - 1]!));
  });
});

describe('invert', () => {
  it('is 1 - v', () => {
    assert.deepEqual(
      listOf(invert(floats(2, [0, 1, 0.25, -1], [2, 0.5, 0.125, 1]))),
      [1, 0, 0.75, 2, -1, 0.5, 0.875, 0],
    );
  });

  it('is 255 - v in bytes, and twice is nothing', () => {
    assert.deepEqual(listOf(contrast(invert(normalBytes()), 1)), listOf(everyByte()).reverse());
    assert.deepEqual(contrast(invert(invert(normalBytes())), 1), everyByte());
  });
});

describe('contrast', () => {
  it('truncates and clips', () => {
    assert.deepEqual(
      listOf(contrast(floats(1, [0.5, 1, 1.1], [-0.1, 0.999, 0]), 1)),
      [127, 255, 255, 0, 254, 0],
    );
    assert.deepEqual(listOf(contrast(floats(1, [0.5, 0.8]), 1.5)), [191, 255]);
    assert.deepEqual(listOf(contrast(floats(1, [0.5, 1]), 0)), [0, 0]);
  });

  it('makes NaN black and infinities black and white', () => {
    assert.deepEqual(listOf(contrast(floats(1, [NaN, Infinity, -Infinity]), 1)), [0, 255, 0]);
  });

  it('gives every 8-bit and 16-bit sample back', () => {
    assert.deepEqual(contrast(normalBytes(), 1), everyByte());
    assert.deepEqual(contrastTo16Bit(normalWords(), 1), everyWord());
  });

  it('makes v * 255 / 65535 of 16 bits, truncated', () => {
    contrast(normalWords(), 1).data.forEach((level, v) => assert.equal(level, Math.floor((v * 255) / 65535)));
  });

  it('truncates and clips to 16 bits', () => {
    const raster = floats(1, [0.5, 2, -1, NaN]);
    assert.deepEqual(listOf(contrastTo16Bit(raster, 1)), [32767, 65535, 0, 0]);
    assert.deepEqual(listOf(contrastTo16Bit(raster, 0.5)), [16383, 65535, 0, 0]);
  });
});

describe('toByte', () => {
  it('takes the high byte of integers', () => {
    assert.deepEqual(toByte(words(1, [0, 255], [256, 65535])), bytes(1, [0, 0], [1, 255]));
    assert.deepEqual(toByte(longs(2, [0, 0x00ffffff, 0x01000000, 0xffffffff])), bytes(2, [0, 0, 1, 255]));
  });

  it('gives 8 bits as they are, and has nothing for floats', () => {
    const raster = bytes(1, [1, 2]);
    assert.equal(toByte(raster), raster);
    assert.throws(() => toByte(floats(1, [0.5])), RangeError);
  });
});
