import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Raster, Size } from '../../src/image/raster.ts';
import { eightBitRaster } from '../../src/processing/rasters.ts';
import { resample } from '../../src/processing/resample.ts';
import { resize } from '../../src/processing/resize.ts';
import { floats, noiseBytes } from './rasters-of.ts';

/** A smooth picture: interpolations of all kinds agree on it. */
function waves(size: Size, bands: number): Raster {
  const data = Uint8Array.from({ length: size.width * size.height * bands }, (_, i) => {
    const [x, y, band] = [Math.floor(i / bands) % size.width, Math.floor(i / bands / size.width), i % bands];
    return 128 + 100 * Math.sin(x / 9 + band) * Math.cos(y / 7);
  });
  return eightBitRaster(size, bands, data);
}

describe('resize', () => {
  const from = { width: 90, height: 60 };

  it('makes the same as resample, but for a few levels', async () => {
    for (const raster of [waves(from, 1), waves(from, 3)]) {
      for (const to of [
        { width: 60, height: 40 },
        { width: 90, height: 31 },
        { width: 120, height: 80 },
      ]) {
        const made = await resize(raster, to, 'bilinear');
        const own = resample(raster, to, 'bilinear');
        assert.deepEqual({ ...made, data: [] }, { ...own, data: [] });
        assert.equal(made.data.constructor, Uint8Array);
        made.data.forEach((v, i) =>
          assert.ok(Math.abs(v - own.data[i]!) <= 3, `sample ${i}: ${v}, ${own.data[i]}`),
        );
      }
    }
  });

  it('keeps 16 bits', async () => {
    for (const bands of [1, 3]) {
      const narrow = waves(from, bands);
      const raster: Raster = {
        ...narrow,
        bitsPerSample: 16,
        data: Uint16Array.from(narrow.data, (v) => v * 257 + 1),
      };
      const made = await resize(raster, { width: 45, height: 31 }, 'bilinear');
      const own = resample(raster, { width: 45, height: 31 }, 'bilinear');
      assert.deepEqual({ ...made, data: [] }, { ...own, data: [] });
      assert.equal(made.data.constructor, Uint16Array);
      assert.ok(made.data.some((v) => v % 257 > 5));
      made.data.forEach((v, i) =>
        assert.ok(Math.abs(v - own.data[i]!) <= 600, `sample ${i}: ${v}, ${own.data[i]}`),
      );
    }
  });

  it('weighs colors under alpha like others, so that they stay for clients that ignore alpha', async () => {
    const raster = noiseBytes({ width: 12, height: 9 }, 4);
    assert.deepEqual(
      await resize(raster, { width: 5, height: 5 }, 'bilinear'),
      resample(raster, { width: 5, height: 5 }, 'bilinear'),
    );
  });

  it('does what libvips does not: floats, many bands, picking', async () => {
    const to = { width: 3, height: 2 };
    for (const raster of [floats(1, [0, 0.25, 0.5, 1]), noiseBytes({ width: 9, height: 9 }, 31)]) {
      assert.deepEqual(await resize(raster, to, 'bilinear'), resample(raster, to, 'bilinear'));
    }
    const raster = noiseBytes({ width: 9, height: 9 }, 3);
    const picked = await resize(raster, to, 'nearest');
    assert.deepEqual(picked, resample(raster, to, 'nearest'));
    assert.equal(await resize(raster, raster, 'bilinear'), raster);
  });
});
