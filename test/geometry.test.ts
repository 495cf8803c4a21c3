import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  fitInside, largestLevelWithin, levelForOutput, levelOfResolution, levelScale, limitSide, tileAtWindow, tileGrid,
  tileOfNumber, tileWindow, windowAtLevel,
} from '../src/geometry.ts'; // prettier-ignore
import { imageInfo } from './support/image-info.ts';

/** 2000 × 1333 with three levels rounded down: what vips writes. */
const PYRAMID = imageInfo({ sizes: [[2000, 1333], [1000, 666], [500, 333], [250, 166]] }); // prettier-ignore
/** Steps of four, as microscopes write them. */
const STEEP = imageInfo({ sizes: [[4096, 4000], [1024, 1000], [256, 250]] }); // prettier-ignore
const UNEVEN = imageInfo({ sizes: [[900, 600], [300, 200]] }); // prettier-ignore

describe('levels', () => {
  it('has the power of two that a rounded size stands for, else the measured ratio', () => {
    assert.deepEqual(
      [0, 1, 2, 3].map((level) => levelScale(PYRAMID, level).x),
      [1, 2, 4, 8],
    );
    assert.deepEqual(
      [0, 1, 2].map((level) => levelScale(STEEP, level)),
      [1, 4, 16].map((x) => ({ x, y: x })),
    );
    assert.deepEqual(levelScale(UNEVEN, 1), { x: 3, y: 3 });
  });

  it('takes 1-pixel levels for what their place says', () => {
    const tall = imageInfo({ sizes: [[3, 7], [1, 3], [1, 1]] }); // prettier-ignore
    assert.deepEqual(levelScale(tall, 1), { x: 2, y: 2 });
  });

  it('converts resolutions, which count from the smallest', () => {
    assert.equal(levelOfResolution(PYRAMID, 0), 3);
    assert.equal(levelOfResolution(PYRAMID, 3), 0);
    assert.equal(levelOfResolution(PYRAMID, 4), -1);
  });

  it('finds the largest level within a limit', () => {
    assert.equal(largestLevelWithin(PYRAMID, 5000), 0);
    assert.equal(largestLevelWithin(PYRAMID, 300), 3);
    assert.equal(largestLevelWithin(PYRAMID, 10), 3);
  });
});

describe('tiles', () => {
  const level = PYRAMID.levels[0]!;

  it('numbers them from the left of the top row and crops them at the edges', () => {
    assert.deepEqual(tileGrid(level), { columns: 8, rows: 6 });
    assert.deepEqual(tileOfNumber(level, 9), { column: 1, row: 1 });
    assert.deepEqual(tileWindow(level, { column: 7, row: 5 }), { x: 1792, y: 1280, width: 208, height: 53 });
  });

  it('has none outside the grid', () => {
    for (const number of [-1, 48, 1.5, NaN]) assert.equal(tileOfNumber(level, number), undefined);
  });

  it('knows a window that is exactly a tile, and every other', () => {
    assert.deepEqual(tileAtWindow(level, { x: 1792, y: 1280, width: 208, height: 53 }), {
      column: 7,
      row: 5,
    });
    assert.equal(tileAtWindow(level, { x: 1792, y: 1280, width: 207, height: 53 }), undefined);
    assert.equal(tileAtWindow(level, { x: 1, y: 0, width: 256, height: 256 }), undefined);
  });
});

describe('regions', () => {
  it('lie inside their level', () => {
    const whole = { x: 0, y: 0, width: 2000, height: 1333 };
    assert.deepEqual(windowAtLevel(PYRAMID, 3, whole), { x: 0, y: 0, width: 250, height: 166 });
    const corner = { x: 1999.9, y: 1332.9, width: 0.1, height: 0.1 };
    assert.deepEqual(windowAtLevel(PYRAMID, 3, corner), { x: 249, y: 165, width: 1, height: 1 });
  });

  it('are taken from the smallest level that is large enough', () => {
    const whole = { x: 0, y: 0, width: 2000, height: 1333 };
    const table: readonly (readonly [width: number, height: number, level: number])[] = [
      [2000, 1333, 0],
      [1001, 667, 0],
      // The level has 666 rows because its size was rounded down; it is the picture of 667.
      [1000, 667, 1],
      [500, 333, 2],
      [250, 166, 3],
      [1, 1, 3],
      [4000, 2666, 0],
    ];
    for (const [width, height, level] of table)
      assert.equal(levelForOutput(PYRAMID, whole, { width, height }), level);
  });
});

describe('sizes', () => {
  it('fit into a box and keep the aspect', () => {
    assert.deepEqual(fitInside({ width: 2000, height: 1333 }, { width: 300, height: 300 }), {
      width: 300,
      height: 200,
    });
    assert.deepEqual(fitInside({ width: 512, height: 384 }, { width: 300, height: 200 }), {
      width: 267,
      height: 200,
    });
    assert.deepEqual(fitInside({ width: 2000, height: 1333 }, { width: Infinity, height: 300 }), {
      width: 450,
      height: 300,
    });
    assert.deepEqual(fitInside({ width: 10000, height: 1 }, { width: 10, height: 10 }), {
      width: 10,
      height: 1,
    });
  });

  it('are limited by their longer side', () => {
    const region = { width: 2000, height: 1333 };
    assert.deepEqual(limitSide({ width: 1000, height: 667 }, region, 300), { width: 300, height: 200 });
    assert.deepEqual(limitSide({ width: 300, height: 200 }, region, 300), { width: 300, height: 200 });
    assert.deepEqual(limitSide({ width: 100, height: 1000 }, { width: 10, height: 100 }, 500), {
      width: 50,
      height: 500,
    });
    assert.deepEqual(limitSide(region, region, Infinity), region);
  });
});
