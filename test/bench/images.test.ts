import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { memorySource } from '../../src/image/memory-source.ts';
import { openImage } from '../../src/image/open.ts';
import { scopeOf } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { halve } from './images/halve.ts';
import { makeImages } from './images/make-images.ts';
import { paint } from './images/paint.ts';
import { levelCount, RECIPES, type ImageName, type Recipe } from './images/recipes.ts';
import { writePyramid } from './images/write-pyramid.ts';

const SIDE = 512;
const small = (name: ImageName): Recipe => ({ ...RECIPES[name], side: SIDE });

describe('writePyramid', () => {
  for (const name of Object.keys(RECIPES) as ImageName[]) {
    it(`writes ${name} so that it is read as it was painted`, async (test) => {
      const file = path.join(await tempFolder(scopeOf(test)), 'small.tif');
      const recipe = small(name);
      await writePyramid(file, recipe);
      const reader = await openImage(memorySource(await readFile(file)));
      assert.equal(reader.info.levels.length, 2);
      assert.equal(reader.info.bands, recipe.bands);
      const full = paint(recipe);
      const half = halve(full, SIDE, recipe);
      const read = async (level: number, side: number) =>
        (await reader.readWindow({ page: 0, level, window: { x: 0, y: 0, width: side, height: side } })).data;
      if (recipe.packing === 'jpeg') {
        const stored = await read(1, SIDE / 2);
        const furthest = Array.from(stored, (value, at) => Math.abs(value - half[at]!)).reduce((a, b) =>
          Math.max(a, b),
        );
        assert.ok(furthest < 100, `${furthest} apart`);
      } else {
        assert.deepEqual(await read(0, SIDE), full);
        assert.deepEqual(await read(1, SIDE / 2), half);
      }
      reader.close();
    });
  }
});

describe('paint', () => {
  it('uses most of the range, and is not the same in any two tiles', () => {
    for (const name of ['rgb', 'gray16', 'float', 'bands31'] as const) {
      const samples = paint(small(name));
      const scale = { uint8: 255, uint16: 65_535, float32: 1 }[RECIPES[name].sample];
      const sorted = samples.slice().sort();
      const [min, max] = [sorted[0]!, sorted.at(-1)!];
      assert.ok(min < 0.25 * scale && max > 0.6 * scale && max <= scale, `${name}: ${min} to ${max}`);
    }
    const samples = paint(small('rgb'));
    assert.notDeepEqual(samples.slice(0, 256 * 3), samples.slice(256 * 3, 512 * 3));
  });
});

describe('halve', () => {
  it('gives the mean of four', () => {
    const recipe: Recipe = { ...RECIPES.rgb, bands: 2 };
    const samples = Uint8Array.of(0, 10, 4, 20, 8, 30, 12, 40);
    assert.deepEqual(halve(samples, 2, recipe), Uint8Array.of(6, 25));
  });
});

describe('makeImages', () => {
  it('makes what is not there, and leaves alone what is', async (test) => {
    const folder = path.join(await tempFolder(scopeOf(test)), 'new');
    const lines: string[] = [];
    await makeImages(new Set(['gray16']), folder, (line) => lines.push(line));
    const file = path.join(folder, 'gray16.tif');
    const { mtimeMs, size } = await stat(file);
    assert.ok(size > 2 * RECIPES.gray16.side ** 2);
    await makeImages(new Set(['gray16']), folder, (line) => lines.push(line));
    assert.equal((await stat(file)).mtimeMs, mtimeMs);
    assert.equal(lines.length, 1);
  });

  it('counts levels down to one tile', () => {
    assert.deepEqual([levelCount(small('rgb')), levelCount(RECIPES.rgb)], [2, 6]);
  });
});
