import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { placeInside, watermark, watermarkBlocks, type Watermark } from '../../src/processing/watermark.ts';
import { bytes, listOf, noise } from './rasters-of.ts';

const CORNER = [{ x: 0, y: 0 }];
const add = (picture: Watermark['picture'], opacity = 1): Watermark => ({ picture, opacity, blend: 'add' });
const over = (picture: Watermark['picture'], opacity = 1): Watermark => ({ picture, opacity, blend: 'over' });

describe('watermark', () => {
  const canvas = bytes(1, [100, 100, 100], [100, 100, 100], [200, 200, 200]);
  const dot = bytes(1, [60]);

  it('adds light by opacity, clipped', () => {
    assert.deepEqual(
      watermark(canvas, add(dot, 0.5), [{ x: 1, y: 1 }]),
      bytes(1, [100, 100, 100], [100, 130, 100], [200, 200, 200]),
    );
    assert.deepEqual(
      watermark(canvas, add(dot), [{ x: 2, y: 2 }]),
      bytes(1, [100, 100, 100], [100, 100, 100], [200, 200, 255]),
    );
    assert.deepEqual(watermark(canvas, add(dot, 0), CORNER), canvas);
  });

  it('covers by opacity', () => {
    assert.deepEqual(listOf(watermark(bytes(1, [200, 20]), over(bytes(1, [100, 100])), CORNER)), [100, 100]);
    assert.deepEqual(
      listOf(watermark(bytes(1, [200, 20]), over(bytes(1, [100, 100]), 0.25), CORNER)),
      [175, 40],
    );
  });

  it('counts by alpha', () => {
    const mark = bytes(4, [100, 50, 10, 255, 100, 50, 10, 51, 100, 50, 10, 0]);
    const white = bytes(3, [0, 0, 200, 0, 0, 200, 0, 0, 200]);
    assert.deepEqual(listOf(watermark(white, add(mark), CORNER)), [100, 50, 210, 20, 10, 202, 0, 0, 200]);
    assert.deepEqual(listOf(watermark(white, over(mark), CORNER)), [100, 50, 10, 20, 10, 162, 0, 0, 200]);
    assert.deepEqual(listOf(watermark(bytes(1, [10]), add(bytes(2, [100, 51])), CORNER)), [30]);
  });

  it('goes as luma into gray, as gray into colors, and leaves alpha and further bands', () => {
    const red = bytes(3, [100, 0, 0]);
    assert.deepEqual(listOf(watermark(bytes(1, [0]), add(red), CORNER)), [30]);
    assert.deepEqual(listOf(watermark(bytes(2, [0, 9]), add(red), CORNER)), [30, 9]);
    assert.deepEqual(listOf(watermark(bytes(4, [1, 2, 3, 9]), add(dot), CORNER)), [61, 62, 63, 9]);
    assert.deepEqual(listOf(watermark(bytes(5, [1, 2, 3, 8, 9]), add(red), CORNER)), [101, 2, 3, 8, 9]);
  });

  it('is cropped by every edge, and may be at several places', () => {
    const cross = bytes(1, [1, 2], [3, 4]);
    const ends = [
      { x: -1, y: -1 },
      { x: 2, y: 2 },
      { x: -9, y: 0 },
      { x: 0, y: 9 },
    ];
    assert.deepEqual(
      watermark(canvas, add(cross), ends),
      bytes(1, [104, 100, 100], [100, 100, 100], [200, 200, 201]),
    );
  });

  it('does not touch the raster that comes in, a Buffer neither', () => {
    const raster = { ...bytes(1, [1, 2]), data: Buffer.from([1, 2]) };
    watermark(raster, add(bytes(1, [9, 9])), CORNER);
    assert.deepEqual([...raster.data], [1, 2]);
  });
});

describe('watermarkBlocks', () => {
  it('covers the picture without overlap', () => {
    assert.deepEqual(watermarkBlocks({ width: 5, height: 3 }, { width: 3, height: 2 }), [
      { x: 0, y: 0, width: 3, height: 2 },
      { x: 3, y: 0, width: 2, height: 2 },
      { x: 0, y: 2, width: 3, height: 1 },
      { x: 3, y: 2, width: 2, height: 1 },
    ]);
  });
});

describe('placeInside', () => {
  const area = { x: 10, y: 20, width: 8, height: 4 };

  it('reaches from one corner to the other', () => {
    assert.deepEqual(placeInside(area, { width: 3, height: 4 }, [0, 0]), { x: 10, y: 20 });
    assert.deepEqual(placeInside(area, { width: 3, height: 4 }, [0.999, 0.999]), { x: 15, y: 20 });
  });

  it('never lets a mark out that fits', () => {
    const next = noise(5);
    for (let i = 0; i < 200; i++) {
      const mark = { width: 1 + Math.floor(next() * 8), height: 1 + Math.floor(next() * 4) };
      const { x, y } = placeInside(area, mark, [next(), next()]);
      assert.ok(x >= 10 && y >= 20 && x + mark.width <= 18 && y + mark.height <= 24);
    }
  });

  it('puts a larger one at the corner', () => {
    assert.deepEqual(placeInside(area, { width: 100, height: 5 }, [0.9, 0.9]), { x: 10, y: 20 });
  });
});
