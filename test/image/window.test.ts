import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ImageInfo } from '../../src/image/info.ts';
import { checkLevel, checkTile, checkWindow } from '../../src/image/window.ts';

const LEVEL = { width: 100_000, height: 50, tileWidth: 256, tileHeight: 16, compression: 'none' };
const INFO: ImageInfo = {
  format: 'tiff',
  levels: [LEVEL],
  bands: 64,
  bitsPerSample: 8,
  sampleFormat: 'uint',
  colorSpace: 'multiband',
  sampleRange: { min: [0], max: [255] },
  metadata: {},
  pages: [{ name: '', scale: 1 }],
};
const address = { page: 0, level: 0 };

describe('checkLevel', () => {
  it('finds a level', () => assert.equal(checkLevel(INFO, address), LEVEL));
  for (const wrong of [
    { page: 1 },
    { page: -1 },
    { page: NaN },
    { level: 1 },
    { level: -1 },
    { level: 0.5 },
  ]) {
    it(`does not find ${JSON.stringify(wrong)}`, () => {
      assert.throws(() => checkLevel(INFO, { ...address, ...wrong }), { kind: 'not-found' });
    });
  }
});

describe('checkWindow', () => {
  it('allows windows up to the border', () => {
    checkWindow(INFO, { ...address, window: { x: 99_999, y: 49, width: 1, height: 1 } });
  });
  it('refuses windows over the border', () => {
    assert.throws(
      () => checkWindow(INFO, { ...address, window: { x: 99_999, y: 49, width: 2, height: 1 } }),
      { kind: 'bad-request' },
    );
  });
  it('refuses windows of too many samples', () => {
    assert.throws(
      () => checkWindow(INFO, { ...address, window: { x: 0, y: 0, width: 100_000, height: 50 } }),
      { kind: 'too-large' },
    );
  });
});

describe('checkTile', () => {
  it('allows tiles that are cropped by the border', () =>
    assert.equal(checkTile(INFO, { ...address, column: 390, row: 3 }), LEVEL));
  for (const [column, row] of [
    [391, 0],
    [0, 4],
    [-1, 0],
    [0, 0.5],
    [NaN, 0],
  ] as const) {
    it(`does not find tile ${column}, ${row}`, () =>
      assert.throws(() => checkTile(INFO, { ...address, column, row }), { kind: 'not-found' }));
  }
});
