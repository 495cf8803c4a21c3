import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { colormap } from '../../src/processing/colormap.ts';
import { COLORMAP_NAMES, COLORMAPS, type ColormapName } from '../../src/processing/colormap-tables.ts';
import { contrast } from '../../src/processing/contrast.ts';
import { floats, listOf } from './rasters-of.ts';

const colorOf = (name: ColormapName, v: number) => listOf(colormap(floats(1, [v]), name));

describe('colormap', () => {
  const corners: readonly [ColormapName, number, readonly number[]][] = [
    ['hot', 0, [0, 0, 0]],
    ['hot', 1 / 6, [0.5, 0, 0]],
    ['hot', 1 / 3, [1, 0, 0]],
    ['hot', 0.5, [1, 0.5, 0]],
    ['hot', 2 / 3, [1, 1, 0]],
    ['hot', 5 / 6, [1, 1, 0.5]],
    ['hot', 1, [1, 1, 1]],
    ['cold', 0, [0, 0, 0]],
    ['cold', 1 / 3, [0, 0, 1]],
    ['cold', 2 / 3, [0, 1, 1]],
    ['cold', 1, [1, 1, 1]],
    ['jet', 0, [0, 0, 0.5]],
    ['jet', 1 / 8, [0, 0, 1]],
    ['jet', 3 / 8, [0, 1, 1]],
    ['jet', 0.5, [0.5, 1, 0.5]],
    ['jet', 5 / 8, [1, 1, 0]],
    ['jet', 7 / 8, [1, 0, 0]],
    ['jet', 1, [0.5, 0, 0]],
    ['red', 0.25, [0.25, 0, 0]],
    ['green', 0.25, [0, 0.25, 0]],
    ['blue', 0.25, [0, 0, 0.25]],
    ['gray', 0.25, [0.25, 0.25, 0.25]],
  ];
  for (const [name, v, color] of corners) {
    it(`${name} is ${color.join(' ')} at ${v.toFixed(3)}`, () => assert.deepEqual(colorOf(name, v), color));
  }

  // Entries of the tables that their authors published, 0 to 1.
  const published: readonly [ColormapName, number, readonly number[]][] = [
    ['viridis', 0, [0.267004, 0.004874, 0.329415]],
    ['viridis', 127, [0.128729, 0.563265, 0.551229]],
    ['viridis', 255, [0.993248, 0.906157, 0.143936]],
    ['magma', 127, [0.709962, 0.212797, 0.477201]],
    ['inferno', 127, [0.729909, 0.212759, 0.333861]],
    ['plasma', 127, [0.794549, 0.27577, 0.473117]],
    ['turbo', 127, [0.63323, 0.99195, 0.23937]],
  ];
  for (const [name, entry, color] of published) {
    it(`${name} is as published at ${entry} of 255`, () => {
      const made = colorOf(name, entry / 255);
      made.forEach((v, band) => assert.ok(Math.abs(v - color[band]!) < 1 / 255, `${made.join(' ')}`));
    });
  }

  it('takes the first band and gives three', () => {
    const result = colormap(floats(2, [0.5, 0.9], [0.25, 0.1]), 'green');
    assert.deepEqual(result, floats(3, [0, 0.5, 0], [0, 0.25, 0]));
  });

  it('takes the colors of the ends beyond them, and the first for NaN', () => {
    for (const name of COLORMAP_NAMES) {
      const [first, last] = [colorOf(name, 0), colorOf(name, 1)];
      assert.deepEqual([colorOf(name, -1), colorOf(name, NaN)], [first, first]);
      assert.deepEqual([colorOf(name, 1.5), colorOf(name, Infinity)], [last, last]);
    }
  });

  it('has colors from 0 to 1 in all maps, and whole levels at their ends', () => {
    for (const name of COLORMAP_NAMES) {
      assert.ok(COLORMAPS[name].length >= 2);
      assert.ok(COLORMAPS[name].flat().every((v) => v >= 0 && v <= 1));
    }
    assert.deepEqual(listOf(contrast(colormap(floats(1, [0, 1]), 'turbo'), 1)), [48, 18, 59, 122, 4, 3]);
  });
});
