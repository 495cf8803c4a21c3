import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ColorSpace, LevelInfo } from '../../../src/image/info.ts';
import type { Raster, Rectangle } from '../../../src/image/raster.ts';
import { makePack, planPack } from '../../../src/image/virtual/pack.ts';

const level = (width: number, height: number, factor: number): LevelInfo => ({
  ...{ width, height, tileWidth: 256, tileHeight: 256, compression: 'none' },
  virtual: { from: 0, factor },
});

const LEVELS = [level(40, 20, 2), level(20, 10, 4), level(10, 5, 8)];

describe('planPack', () => {
  it('puts as many of the smallest levels together as fit, the largest on top', () => {
    assert.deepEqual(planPack(LEVELS, 3, 10_000), {
      levels: [
        { width: 40, height: 20, top: 0 },
        { width: 20, height: 10, top: 20 },
        { width: 10, height: 5, top: 30 },
      ],
      factor: 2,
      size: { width: 40, height: 35 },
    });
    assert.equal(planPack(LEVELS, 3, 40 * 35 * 3)?.factor, 2);
    assert.equal(planPack(LEVELS, 3, 40 * 35 * 3 - 1)?.factor, 4);
  });

  it('is none where not even the smallest fits', () => {
    assert.equal(planPack(LEVELS, 3, 149), undefined);
    assert.equal(planPack([], 3, 10_000), undefined);
  });
});

/** A pack of the levels of a picture whose samples are given, read in pieces as they are asked for. */
async function packed(full: Raster, colorSpace: ColorSpace, sides: readonly (readonly [number, number])[]) {
  const members = sides.map(([width, height], i) => level(width, height, 2 ** (i + 1)));
  const pack = planPack(members, 16, 1e6);
  if (pack === undefined) throw new Error('no pack');
  const read = ({ x, y, width, height }: Rectangle): Promise<Raster> => {
    const data = full.data.slice(0, width * height * full.bands);
    for (let row = 0; row < height; row++) {
      const from = ((y + row) * full.width + x) * full.bands;
      data.set(full.data.subarray(from, from + width * full.bands), row * width * full.bands);
    }
    return Promise.resolve({ ...full, width, height, data });
  };
  const stored = { ...level(full.width, full.height, 1), tileWidth: 16, tileHeight: 16 };
  const raster = await makePack(pack, { level: stored, bands: full.bands, colorSpace, read });
  return pack.levels.map(({ width, height, top }) =>
    Array.from({ length: height }, (_, y) => {
      const start = (top + y) * raster.width * raster.bands;
      return [...raster.data.subarray(start, start + width * raster.bands)];
    }),
  );
}

describe('makePack', () => {
  it('gives means of what is stored, not of rounded means', async () => {
    // Each square of two has the mean 0.5, rounded up to 1; all four have 0.5 still.
    const data = Uint8Array.of(1, 0, 1, 0, 0, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0);
    const full: Raster = { width: 4, height: 4, bands: 1, bitsPerSample: 8, sampleFormat: 'uint', data };
    assert.deepEqual(await packed(full, 'gray', [[2, 2], [1, 1]]), [[[1, 1], [0, 0]], [[0]]]); // prettier-ignore
  });

  it('divides by what there is at edges that are rounded up, and leaves out what is rounded down', async () => {
    const data = Uint8Array.from({ length: 15 }, (_, i) => i * 10);
    const full: Raster = { width: 5, height: 3, bands: 1, bitsPerSample: 8, sampleFormat: 'uint', data };
    assert.deepEqual(await packed(full, 'gray', [[3, 2], [2, 1]]), [[[30, 50, 65], [105, 125, 140]], [[65, 90]]]); // prettier-ignore
    assert.deepEqual(await packed(full, 'gray', [[2, 1], [1, 1]]), [[[30, 50]], [[40]]]); // prettier-ignore
  });

  it('does not count floats that are no numbers', async () => {
    const data = Float32Array.of(1, NaN, NaN, NaN, NaN, NaN, NaN, 4);
    const full: Raster = { width: 4, height: 2, bands: 1, bitsPerSample: 32, sampleFormat: 'float', data };
    assert.deepEqual(await packed(full, 'gray', [[2, 1], [1, 1]]), [[[1, 4]], [[2.5]]]); // prettier-ignore
    const none: Raster = { ...full, data: new Float32Array(8).fill(NaN) };
    assert.deepEqual(await packed(none, 'gray', [[2, 1], [1, 1]]), [[[NaN, NaN]], [[NaN]]]); // prettier-ignore
  });

  it('keeps the sign of a and b, and bands apart', async () => {
    const data = Uint8Array.of(100, 250, 2, 100, 2, 254, 200, 254, 2, 200, 6, 254);
    const full: Raster = { width: 2, height: 2, bands: 3, bitsPerSample: 8, sampleFormat: 'uint', data };
    assert.deepEqual(await packed(full, 'cielab', [[1, 1]]), [[[150, 0, 0]]]);
  });
});
