import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { halvedSizes, virtualLevel } from '../../src/image/levels.ts';

describe('halvedSizes', () => {
  const cases = [
    [
      [560, 420],
      ['560x420', '280x210', '140x105'],
    ],
    [
      [2000, 1333],
      ['2000x1333', '1000x666', '500x333', '250x166'],
    ],
    [[256, 256], ['256x256']],
    [
      [257, 1],
      ['257x1', '128x1'],
    ],
    [[1, 1], ['1x1']],
    [
      [1025, 3],
      ['1025x3', '512x1', '256x1'],
    ],
  ] as const;
  for (const [[width, height], sizes] of cases) {
    it(`halves ${width} × ${height}`, () => {
      assert.deepEqual(
        halvedSizes({ width, height }).map((size) => `${size.width}x${size.height}`),
        sizes,
      );
    });
  }
});

describe('virtualLevel', () => {
  it('has tiles of 256', () => {
    const level = { width: 3, height: 4, tileWidth: 256, tileHeight: 256, compression: 'jpeg', isCut: true };
    assert.deepEqual(virtualLevel({ width: 3, height: 4 }, 'jpeg'), level);
  });
});
