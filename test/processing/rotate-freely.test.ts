import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rotateFreely } from '../../src/processing/rotate-freely.ts';
import { rotate } from '../../src/processing/rotate.ts';
import { bytes, floats, listOf, noiseBytes, noiseWords, words } from './rasters-of.ts';

const opaque = bytes(3, [10, 20, 30, 10, 20, 30], [10, 20, 30, 10, 20, 30]);

describe('rotateFreely', () => {
  it('moves pixels only for quarter turns', () => {
    for (const raster of [noiseBytes({ width: 5, height: 3 }, 3), noiseWords({ width: 4, height: 6 }, 1)]) {
      for (const degrees of [90, 180, 270] as const) {
        assert.deepEqual(rotateFreely(raster, degrees, 'white'), rotate(raster, degrees));
      }
      assert.deepEqual(rotateFreely(raster, 360, 'white'), raster);
    }
  });

  it('turns clockwise', () => {
    // A bright right half comes to the lower right, as it does by a quarter turn to the lower half.
    const raster = bytes(
      1,
      ...Array.from({ length: 20 }, () => [...Array<number>(10).fill(0), ...Array<number>(10).fill(200)]),
    );
    const turned = rotateFreely(raster, 45, 'transparent');
    const at = (x: number, y: number) => turned.data[(y * turned.width + x) * 2];
    assert.deepEqual([at(20, 20), at(8, 8)], [200, 0]);
  });

  it('makes the smallest whole box that holds the picture', () => {
    const sizeAt = (degrees: number) => {
      const { width, height } = rotateFreely(noiseBytes({ width: 30, height: 20 }, 1), degrees, 'white');
      return [width, height];
    };
    // 30 cos 30° + 20 sin 30° = 35.98, 30 sin 30° + 20 cos 30° = 32.32
    assert.deepEqual(sizeAt(30), [36, 33]);
    assert.deepEqual(sizeAt(150), [36, 33]);
    assert.deepEqual(sizeAt(45), [36, 36]);
    assert.deepEqual(sizeAt(0), [30, 20]);
  });

  it('makes corners transparent and edges smooth, without another color in them', () => {
    const turned = rotateFreely(opaque, 45, 'transparent');
    assert.deepEqual([turned.width, turned.height, turned.bands], [3, 3, 4]);
    assert.deepEqual(listOf(turned).slice(16, 20), [10, 20, 30, 255]);
    for (let i = 0; i < turned.data.length; i += 4) {
      const [red, green, blue, alpha] = turned.data.subarray(i, i + 4);
      assert.deepEqual([red, green, blue], alpha === 0 ? [0, 0, 0] : [10, 20, 30]);
    }
    assert.ok(turned.data[3]! < 128 && turned.data[7]! > 0 && turned.data[7]! < 255);
  });

  it('makes corners white where alpha has no place', () => {
    const black = Array<number>(6).fill(0);
    const turned = rotateFreely(words(1, black, black, black, black, black, black), 45, 'white');
    assert.deepEqual([turned.bands, turned.width, turned.data[0], turned.data[40]], [1, 9, 65535, 0]);
    const many = rotateFreely(noiseBytes({ width: 4, height: 4 }, 5), 45, 'transparent');
    assert.deepEqual([many.bands, ...many.data.subarray(0, 5)], [5, 255, 255, 255, 255, 255]);
  });

  it('weighs colors by alpha', () => {
    // Red, seen; green, hidden: nothing green may come out.
    const row = [200, 0, 0, 255, 0, 200, 0, 0];
    for (const corners of ['transparent', 'white'] as const) {
      const turned = rotateFreely(bytes(4, [...row, ...row], [...row, ...row]), 10, corners);
      assert.equal(turned.bands, 4);
      for (let i = 0; i < turned.data.length; i += 4) {
        const [red = 0, green = 0, blue = 0] = turned.data.subarray(i, i + 3);
        assert.ok(
          corners === 'white' ? green === blue : green === 0 && blue === 0,
          `${red} ${green} ${blue}`,
        );
      }
    }
  });

  it('keeps a flat picture flat inside', () => {
    const flat = bytes(3, ...Array.from({ length: 12 }, () => Array<number>(36).fill(77)));
    for (let degrees = 1; degrees < 360; degrees += 17) {
      const { data, width, height } = rotateFreely(flat, degrees, 'transparent');
      const middle = (Math.floor(height / 2) * width + Math.floor(width / 2)) * 4;
      assert.deepEqual([...data.subarray(middle, middle + 4)], [77, 77, 77, 255]);
    }
  });

  it('takes pictures of a single pixel, row or column', () => {
    for (const size of [
      { width: 1, height: 1 },
      { width: 9, height: 1 },
      { width: 1, height: 9 },
    ]) {
      assert.ok(rotateFreely(noiseBytes(size, 3), 33, 'transparent').data.some((v) => v > 0));
    }
    assert.throws(() => rotateFreely(floats(1, [1]), 33, 'white'), RangeError);
  });
});
