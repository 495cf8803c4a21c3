/** JPEG files of every kind that cjpeg writes have the pixels that djpeg tells (scripts/make-picture-fixtures.mjs). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { LevelStore, storeMemory } from '../../../src/image/flat/level-store.ts';
import { memorySource } from '../../../src/image/memory-source.ts';
import { openImage } from '../../../src/image/open.ts';
import type { ImageReader } from '../../../src/image/reader.ts';
import { assertClose } from '../../contract/reader-contract.ts';
import { fixture, openBytes, readLevel } from '../support/sources.ts';

const bytesOf = (name: string): Buffer => readFileSync(fixture(`flat/${name}.jpg`));
const rawPixels = (name: string): Promise<Buffer> =>
  sharp(fixture(`flat/${name}.png`))
    .raw()
    .toBuffer();

/** Levels decoded whole, and windows cut out of the compressed data. */
const STORES: readonly (readonly [string, number])[] = [
  ['decoded whole', 2 ** 24],
  ['cut out', 2 ** 12],
];
const openWith = (name: string, storeBytes: number): Promise<ImageReader> =>
  openImage(memorySource(bytesOf(name)), { levels: new LevelStore(storeMemory(storeBytes)) });

/** The picture, put together out of windows of odd sizes. */
async function readInWindows(reader: ImageReader): Promise<Uint8Array> {
  const { levels, bands } = reader.info;
  const { width, height } = levels[0]!;
  const target = new Uint8Array(width * height * bands);
  for (let y = 0; y < height; y += 77) {
    for (let x = 0; x < width; x += 101) {
      const window = { x, y, width: Math.min(101, width - x), height: Math.min(77, height - y) };
      const { data } = await reader.readWindow({ page: 0, level: 0, window });
      for (let row = 0; row < window.height; row++)
        target.set(
          data.subarray(row * window.width * bands, (row + 1) * window.width * bands),
          ((y + row) * width + x) * bands,
        );
    }
  }
  return target;
}

describe('JPEG has the pixels that djpeg tells', () => {
  for (const name of [
    'jpeg-444',
    'jpeg-422',
    'jpeg-420',
    'jpeg-440',
    'jpeg-411',
    'jpeg-rgb',
    'jpeg-odd-420',
    'jpeg-restart-mcu',
    'jpeg-restart-rows',
    'jpeg-arithmetic',
    'jpeg-arithmetic-progressive',
    'jpeg-one-column',
    'jpeg-one-row',
    'jpeg-one-pixel',
  ]) {
    for (const [how, storeBytes] of STORES) {
      it(`${name}, ${how}`, async () => {
        const reader = await openWith(name, storeBytes);
        assertClose(await readInWindows(reader), await rawPixels(`${name}.djpeg`), 0);
      });
    }
  }
});

describe('JPEG of inks is CMYK with 0 for no ink', () => {
  for (const [name, tolerance] of [
    ['jpeg-cmyk-adobe', 12],
    ['jpeg-cmyk-plain', 12],
    ['jpeg-ycck-adobe', 20],
  ] as const) {
    for (const [how, storeBytes] of STORES) {
      it(`${name}, ${how}`, async () => {
        const reader = await openWith(name, storeBytes);
        assert.deepEqual([reader.info.colorSpace, reader.info.bands], ['cmyk', 4]);
        assertClose(await readInWindows(reader), await rawPixels('scene-cmyk'), tolerance);
      });
    }
  }
});

describe('JPEG of one row or column', () => {
  it('has levels whose sides are never 0, each as bright as the picture', async () => {
    for (const [name, last] of [
      ['jpeg-one-column', [1, 150]],
      ['jpeg-one-row', [150, 1]],
    ] as const) {
      const reader = await openBytes(bytesOf(name));
      const { levels } = reader.info;
      const [width, height] = last;
      assert.deepEqual([levels.length, levels.at(-1)?.width, levels.at(-1)?.height], [2, width, height]);
      const mean = (data: ArrayLike<number>): number =>
        Array.from(data).reduce((sum, value) => sum + value, 0) / data.length;
      const [full, small] = [await readLevel(reader), await readLevel(reader, 1)];
      assert.ok(Math.abs(mean(full.data) - mean(small.data)) < 2);
    }
  });
});

describe('JPEG of the longest side that libjpeg writes', () => {
  for (const [name, width, height] of [
    ['jpeg-wide', 65_500, 20],
    ['jpeg-high', 20, 65_500],
  ] as const) {
    it(name, async () => {
      const reader = await openBytes(bytesOf(name));
      const { levels } = reader.info;
      assert.deepEqual([levels[0]?.width, levels[0]?.height], [width, height]);
      assert.ok(levels.at(-1)!.width <= 256 && levels.at(-1)!.height <= 256);
      const truth = await sharp(bytesOf(name), { limitInputPixels: false })
        .toColourspace('b-w')
        .raw()
        .toBuffer();
      const [x, y] = [Math.max(0, width - 250), Math.max(0, height - 250)];
      const window = { x, y, width: width - x, height: height - y };
      const { data } = await reader.readWindow({ page: 0, level: 0, window });
      const expected = Array.from(
        { length: data.length },
        (_, i) => truth[(y + Math.floor(i / window.width)) * width + x + (i % window.width)]!,
      );
      assertClose(data, expected, 0);
      for (let level = 1; level < levels.length; level++) {
        const raster = await readLevel(reader, level);
        assert.deepEqual([raster.width, raster.height], [levels[level]!.width, levels[level]!.height]);
        assert.ok(raster.data.every((sample) => sample > 20));
      }
    });
  }
});

describe('JPEG that is cut off', () => {
  it('is shown as far as it goes, and told to the log', async () => {
    const whole = bytesOf('jpeg-restart-rows');
    const messages: string[] = [];
    const source = memorySource(whole.subarray(0, Math.floor(whole.length * 0.7)));
    const reader = await openImage(source, { report: (message) => messages.push(message) });
    assert.match(messages.join(), /cut off/);
    const truth = await rawPixels('jpeg-restart-rows.djpeg');
    const top = await reader.readWindow({
      page: 0,
      level: 0,
      window: { x: 0, y: 0, width: 300, height: 64 },
    });
    assertClose(top.data, truth.subarray(0, top.data.length), 0);
    assert.equal((await readLevel(reader)).height, 200);
  });

  it('is not said of a whole one', async () => {
    const messages: string[] = [];
    for (const name of ['jpeg-restart-rows', 'jpeg-arithmetic', 'jpeg-one-pixel'])
      await openImage(memorySource(bytesOf(name)), { report: (message) => messages.push(message) });
    assert.deepEqual(messages, []);
  });
});
