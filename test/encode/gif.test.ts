import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeGif } from '../../src/encode/gif.ts';
import { paletteOf } from '../../src/encode/gif-palette.ts';
import { byteRaster } from '../../src/image/raster.ts';
import type { Raster } from '../../src/image/raster.ts';
import { asColors, decodedColors, meanDistance, scene } from './pictures.ts';

function painted(size: number, bands: number, paint: (pixel: number, band: number) => number): Raster {
  const data = Uint8Array.from({ length: size * size * bands }, (_, index) =>
    paint(Math.floor(index / bands), index % bands),
  );
  return byteRaster({ width: size, height: size }, bands, data);
}

describe('GIF', () => {
  it('is exact up to 256 colors', async () => {
    for (const colors of [1, 2, 3, 4, 5, 16, 17, 128, 129, 255, 256]) {
      const raster = painted(70, 3, (pixel, band) => ((pixel * 7919) % colors) * (band + 1));
      assert.deepEqual(
        (await decodedColors(await encodeGif(raster))).colors,
        [...raster.data],
        `${colors} colors`,
      );
    }
  });

  it('is exact for every gray', async () => {
    const raster = painted(200, 1, (pixel) => (pixel * pixel) >> 5);
    assert.deepEqual((await decodedColors(await encodeGif(raster))).colors, asColors(raster));
  });

  it('makes alpha all or nothing', async () => {
    const raster = painted(20, 4, (pixel, band) => (band === 3 ? (pixel * 13) % 256 : (pixel % 9) * 20));
    const { colors } = await decodedColors(await encodeGif(raster));
    for (let at = 0; at < colors.length; at += 4) {
      const isShown = raster.data[at + 3]! >= 128;
      assert.equal(colors[at + 3], isShown ? 255 : 0);
      if (isShown) assert.deepEqual(colors.slice(at, at + 3), [...raster.data.slice(at, at + 3)]);
    }
  });

  it('shows gray with alpha', async () => {
    const raster = painted(20, 2, (pixel, band) => (band === 1 ? (pixel % 2) * 255 : pixel % 200));
    const { colors } = await decodedColors(await encodeGif(raster));
    assert.equal(colors[3], 0);
    assert.deepEqual(colors.slice(4, 8), [1, 1, 1, 255]);
  });

  it('comes near to more colors than it holds, the same way each time', async () => {
    const raster = scene({ width: 120, height: 90 }, 3);
    assert.equal(paletteOf(raster), undefined);
    const file = await encodeGif(raster);
    const { colors, width, height } = await decodedColors(file);
    assert.deepEqual([width, height], [120, 90]);
    const shown = colors.length === 120 * 90 * 4 ? colors.filter((_, index) => index % 4 !== 3) : colors;
    assert.ok(meanDistance(shown, [...raster.data]) < 8);
    assert.deepEqual(file, await encodeGif(raster));
  });
});

describe('palette', () => {
  it('lists colors in the order of first use', () => {
    const raster = byteRaster({ width: 4, height: 1 }, 3, Uint8Array.of(9, 8, 7, 1, 2, 3, 9, 8, 7, 0, 0, 0));
    const { palette, indexes, transparent } = paletteOf(raster)!;
    assert.deepEqual([...palette], [9, 8, 7, 1, 2, 3, 0, 0, 0]);
    assert.deepEqual([...indexes], [0, 1, 0, 2]);
    assert.equal(transparent, undefined);
  });

  it('counts all transparent pixels as one color', () => {
    const raster = byteRaster(
      { width: 3, height: 1 },
      4,
      Uint8Array.of(1, 1, 1, 255, 2, 2, 2, 0, 3, 3, 3, 127),
    );
    const { indexes, transparent } = paletteOf(raster)!;
    assert.deepEqual([...indexes], [0, 1, 1]);
    assert.equal(transparent, 1);
  });
});
