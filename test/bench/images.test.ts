import assert from 'node:assert/strict';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { memorySource } from '../../src/image/memory-source.ts';
import { openImage } from '../../src/image/open.ts';
import { skipUnless } from '../support/real-programs.ts';
import { scopeOf } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { halve } from './images/halve.ts';
import { makeImages } from './images/make-images.ts';
import { paint } from './images/paint.ts';
import { linkSessionImages } from './images/link-sessions.ts';
import { fileNameOf, levelCount, RECIPES, sideAt, type ImageName, type Recipe } from './images/recipes.ts';
import { writeJpeg } from './images/write-flat.ts';
import { writePyramid } from './images/write-pyramid.ts';
import { SESSION_FILES, sessionNameOf } from './workloads/sessions.ts';

const SIDE = 512;
const small = (name: ImageName): Recipe => ({ ...RECIPES[name], side: SIDE });

describe('writePyramid', () => {
  const pyramids = (Object.keys(RECIPES) as ImageName[]).filter((name) => small(name).format === undefined);
  for (const name of pyramids) {
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
      if (recipe.packing === 'jpeg' || recipe.packing === 'webp') {
        const stored = await read(1, SIDE / 2);
        const furthest = Array.from(stored, (value, at) => Math.abs(value - half[at]!)).reduce((a, b) =>
          Math.max(a, b),
        );
        assert.ok(furthest < 128, `${furthest} apart`);
      } else if (recipe.crop !== undefined) {
        const [full0, half0] = [reader.info.levels[0]!, reader.info.levels[1]!];
        assert.deepEqual([full0.width, half0.height], [sideAt(recipe, 0), sideAt(recipe, 1)]);
        const width = full0.width;
        const corner = (await read(0, width)).subarray(0, width * 3);
        assert.deepEqual(corner, full.subarray(0, width * 3), 'the first row, as far as it goes');
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

describe('writeJpeg', () => {
  it('writes a flat picture of the same size', async (test) => {
    const file = path.join(await tempFolder(scopeOf(test)), 'flat.jpg');
    await writeJpeg(file, small('flat-jpeg'));
    const { info } = await openImage(memorySource(await readFile(file)));
    const { width, height } = info.levels[0]!;
    assert.deepEqual([width, height, info.bands], [SIDE, SIDE, 3]);
  });
});

describe('linkSessionImages', () => {
  it('gives each picture a name of its own, and can do so again', async (test) => {
    const folder = await tempFolder(scopeOf(test));
    for (const name of new Set(SESSION_FILES)) await writeFile(path.join(folder, fileNameOf(name)), name);
    await linkSessionImages(folder);
    await linkSessionImages(folder);
    assert.equal((await readdir(path.join(folder, 'sessions'))).length, 50);
    assert.equal(await readFile(path.join(folder, sessionNameOf(49)), 'utf8'), SESSION_FILES[1]);
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

  it(
    'lets a program make another compression of what was painted',
    { skip: skipUnless('tiffcp') },
    async (test) => {
      const folder = await tempFolder(scopeOf(test));
      assert.equal((await makeImages(new Set(['rgb-packbits']), folder, () => undefined)).size, 0);
      assert.deepEqual(await readdir(folder), ['rgb-packbits.tif']);
      const { info } = await openImage(memorySource(await readFile(path.join(folder, 'rgb-packbits.tif'))));
      assert.deepEqual(new Set(info.levels.map(({ compression }) => compression)), new Set(['packbits']));
      assert.equal(info.levels.length, levelCount(RECIPES['rgb-packbits']));
    },
  );

  it('counts levels down to one tile', () => {
    assert.deepEqual([levelCount(small('rgb')), levelCount(RECIPES.rgb)], [2, 6]);
  });
});
