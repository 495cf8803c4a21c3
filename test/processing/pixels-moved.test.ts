import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { extractBands, keepBands } from './reference/bands.ts';
import { crop } from './reference/crop.ts';
import { flipVertical } from './reference/flip.ts';
import { gray } from './reference/gray.ts';
import { byteRaster } from '../../src/image/raster.ts';
import { flipHorizontal, rotate } from '../../src/processing/rotate.ts';
import { bytes, floats, listOf, noiseBytes, noiseWords, words } from './rasters-of.ts';

const letters = bytes(1, [1, 2, 3], [4, 5, 6]);
const colors = bytes(3, [1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12]);

describe('flip', () => {
  it('mirrors', () => {
    assert.deepEqual(flipHorizontal(letters), bytes(1, [3, 2, 1], [6, 5, 4]));
    assert.deepEqual(flipVertical(letters), bytes(1, [4, 5, 6], [1, 2, 3]));
    assert.deepEqual(flipHorizontal(colors), bytes(3, [4, 5, 6, 1, 2, 3], [10, 11, 12, 7, 8, 9]));
  });

  it('twice is nothing, for all samples and bands', () => {
    for (const raster of [noiseBytes({ width: 5, height: 4 }, 3), noiseWords({ width: 1, height: 7 }, 31)]) {
      assert.deepEqual(flipHorizontal(flipHorizontal(raster)), raster);
      assert.deepEqual(flipVertical(flipVertical(raster)), raster);
    }
  });
});

describe('rotate', () => {
  it('turns clockwise', () => {
    assert.deepEqual(rotate(letters, 90), bytes(1, [4, 1], [5, 2], [6, 3]));
    assert.deepEqual(rotate(letters, 180), bytes(1, [6, 5, 4], [3, 2, 1]));
    assert.deepEqual(rotate(letters, 270), bytes(1, [3, 6], [2, 5], [1, 4]));
    assert.deepEqual(rotate(colors, 90), bytes(3, [7, 8, 9, 1, 2, 3], [10, 11, 12, 4, 5, 6]));
  });

  it('adds up, over the blocks in which it works', () => {
    for (const raster of [
      noiseBytes({ width: 67, height: 33 }, 3),
      noiseWords({ width: 32, height: 70 }, 2),
    ]) {
      assert.deepEqual(rotate(rotate(raster, 90), 90), rotate(raster, 180));
      assert.deepEqual(rotate(rotate(raster, 180), 90), rotate(raster, 270));
      assert.deepEqual(rotate(rotate(raster, 90), 270), raster);
      assert.deepEqual(rotate(raster, 180), flipHorizontal(flipVertical(raster)));
    }
  });
});

describe('crop', () => {
  it('cuts a window out', () => {
    assert.deepEqual(crop(letters, { x: 1, y: 0, width: 2, height: 2 }), bytes(1, [2, 3], [5, 6]));
    assert.deepEqual(crop(colors, { x: 1, y: 1, width: 1, height: 1 }), bytes(3, [10, 11, 12]));
    assert.deepEqual(crop(floats(1, [0.5, 1]), { x: 0, y: 0, width: 1, height: 1 }), floats(1, [0.5]));
  });

  it('gives the raster itself for all of it, and nothing outside', () => {
    assert.equal(crop(letters, { x: 0, y: 0, width: 3, height: 2 }), letters);
    assert.throws(() => crop(letters, { x: 1, y: 0, width: 3, height: 2 }), RangeError);
    assert.throws(() => crop(letters, { x: 0, y: -1, width: 1, height: 1 }), RangeError);
  });
});

describe('bands', () => {
  it('keeps the first ones', () => {
    assert.deepEqual(keepBands(colors, 1), bytes(1, [1, 4], [7, 10]));
    assert.deepEqual(keepBands(colors, 2), bytes(2, [1, 2, 4, 5], [7, 8, 10, 11]));
    assert.equal(keepBands(colors, 3), colors);
    assert.equal(keepBands(letters, 3), letters);
  });

  it('takes any in any order, out of 31 too', () => {
    assert.deepEqual(
      extractBands(colors, [2, 0, 2, 1]),
      bytes(4, [3, 1, 3, 2, 6, 4, 6, 5], [9, 7, 9, 8, 12, 10, 12, 11]),
    );
    const many = noiseWords({ width: 4, height: 3 }, 31);
    const picked = extractBands(many, [30, 7]);
    assert.deepEqual([picked.data[10], picked.data[11]], [many.data[5 * 31 + 30], many.data[5 * 31 + 7]]);
  });

  it('has no other bands', () => {
    for (const index of [3, -1, 0.5, NaN]) assert.throws(() => extractBands(colors, [index]), RangeError);
  });
});

describe('gray', () => {
  it('weighs red, green and blue, truncated', () => {
    assert.deepEqual(
      gray(bytes(3, [255, 0, 0, 0, 255, 0], [0, 0, 255, 100, 150, 200])),
      bytes(1, [76, 149], [29, 140]),
    );
    assert.deepEqual(gray(words(3, [65535, 0, 0, 0, 65535, 0])), words(1, [19594, 38469]));
  });

  it('leaves grays as bright as they are', () => {
    for (let v = 0; v < 256; v++) assert.deepEqual(listOf(gray(bytes(3, [v, v, v]))), [v]);
    for (let v = 0; v < 65536; v += 257) assert.deepEqual(listOf(gray(words(3, [v, v, v]))), [v]);
  });

  it('keeps alpha, and leaves other rasters alone', () => {
    assert.deepEqual(gray(bytes(4, [255, 255, 255, 9, 0, 0, 0, 7])), bytes(2, [255, 9, 0, 7]));
    assert.equal(gray(letters), letters);
    const many = bytes(5, [1, 2, 3, 4, 5]);
    assert.equal(gray(many), many);
    assert.throws(() => gray(floats(3, [0, 0.5, 1])), RangeError);
  });
});

describe('rotate, of sizes that squares of pixels do not fit into', () => {
  for (const bands of [1, 2, 3, 4, 5])
    for (const [width, height] of [
      [1, 1],
      [3, 70],
      [8, 8],
      [33, 17],
      [64, 31],
      [100, 9],
      [40, 300],
    ] as const)
      // prettier-ignore
      it(`moves every pixel of ${width} x ${height}, ${bands} bands`, () => {
        const data = Uint8Array.from({ length: width * height * bands }, (_, i) => (i * 131 + (i >> 8)) & 255);
        const raster = byteRaster({ width, height }, bands, data);
        for (const degrees of [90, 270] as const) {
          const turned = rotate(raster, degrees);
          assert.deepEqual([turned.width, turned.height], [height, width]);
          for (let y = 0; y < height; y++)
            for (let x = 0; x < width; x++) {
              const [column, row] = degrees === 90 ? [height - 1 - y, x] : [y, width - 1 - x];
              const [from, to] = [(y * width + x) * bands, (row * height + column) * bands];
              for (let band = 0; band < bands; band++)
                if (turned.data[to + band] !== data[from + band]) assert.fail(`${x}, ${y}, ${band}`);
            }
        }
      });
});
