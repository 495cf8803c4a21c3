/** Windows cut out of large JPEG files: the same pixels as of a whole decoding. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import type { JpegOptions } from 'sharp';
import { LevelStore, storeMemory } from '../../../src/image/flat/level-store.ts';
import { memorySource } from '../../../src/image/memory-source.ts';
import { openImage } from '../../../src/image/open.ts';
import type { Rectangle } from '../../../src/image/raster.ts';
import { assertClose } from '../../contract/reader-contract.ts';
import { countingSource } from '../support/sources.ts';

const WIDTH = 1_237;
const HEIGHT = 883;

/** So little that no level is kept whole. */
const openSmall = (file: Uint8Array) =>
  openImage(memorySource(file), { levels: new LevelStore(storeMemory(2 ** 17)) });

function picture(bands: 1 | 3 | 4) {
  let seed = 12345;
  const samples = Uint8Array.from({ length: WIDTH * HEIGHT * bands }, (_, i) => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
    const [x, y] = [Math.floor(i / bands) % WIDTH, Math.floor(i / bands / WIDTH)];
    return 128 + 90 * Math.sin(x / 20 + (i % bands)) * Math.cos(y / 30) + (seed >> 26);
  });
  return sharp(samples, { raw: { width: WIDTH, height: HEIGHT, channels: bands } });
}

function crop(data: Uint8Array, bands: number, width: number, window: Rectangle): number[] {
  const samples: number[] = [];
  for (let y = window.y; y < window.y + window.height; y++) {
    const start = (y * width + window.x) * bands;
    samples.push(...data.subarray(start, start + window.width * bands));
  }
  return samples;
}

const WINDOWS: readonly Rectangle[] = [
  { x: 0, y: 0, width: 256, height: 256 },
  { x: 512, y: 256, width: 256, height: 256 },
  { x: 1_024, y: 768, width: WIDTH - 1_024, height: HEIGHT - 768 },
  { x: 0, y: 500, width: WIDTH, height: 3 },
  { x: 777, y: 0, width: 1, height: HEIGHT },
  { x: WIDTH - 1, y: HEIGHT - 1, width: 1, height: 1 },
  { x: 0, y: 0, width: WIDTH, height: HEIGHT },
];

/** Restart markers, which libvips does not write: DRI and an encoder that sharp has no switch for are in the corpus. */
const KINDS: readonly (readonly [string, 1 | 3 | 4, JpegOptions])[] = [
  ['4:2:0', 3, { quality: 75 }],
  ['4:4:4', 3, { quality: 90, chromaSubsampling: '4:4:4' }],
  ['gray', 1, { quality: 80 }],
  ['tables made for the picture', 3, { quality: 40, mozjpeg: false, optimiseCoding: true }],
  ['highest quality', 3, { quality: 100 }],
];

describe('windows of a large JPEG', () => {
  for (const [name, bands, options] of KINDS) {
    it(`${name}: are those of a whole decoding`, async () => {
      const source = bands === 1 ? picture(1).toColourspace('b-w') : picture(bands);
      const file = await source.jpeg(options).toBuffer();
      const plain = sharp(file);
      const truth = await (bands === 1 ? plain.toColourspace('b-w') : plain).raw().toBuffer();
      const reader = await openSmall(file);
      for (const window of WINDOWS) {
        const raster = await reader.readWindow({ page: 0, level: 0, window });
        assertClose(raster.data, crop(truth, bands, WIDTH, window), 0);
      }
    });
  }

  it('at reduced sizes are those of a whole decoding', async () => {
    // Sides that are multiples of MCUs: then libvips, too, takes only what its decoder reduces.
    const even = picture(3).extract({ left: 0, top: 0, width: 1_232, height: 880 });
    const file = await even.jpeg({ quality: 85 }).toBuffer();
    const reader = await openSmall(file);
    for (const level of [1, 2]) {
      const { width, height } = reader.info.levels[level]!;
      const whole = { width, height };
      const truth = await sharp(file).resize(whole.width, whole.height, { fit: 'fill' }).raw().toBuffer();
      for (const window of [
        { x: 0, y: 0, width, height },
        { x: 100, y: 60, width: 120, height: 90 },
      ]) {
        const { data } = await reader.readWindow({ page: 0, level, window });
        const expected = crop(truth, 3, whole.width, window);
        assertClose(data, expected, 0);
      }
    }
  });

  it('read little of the file once places are known', async () => {
    const file = await picture(3).jpeg({ quality: 85 }).toBuffer();
    const { source, counts } = countingSource(memorySource(file));
    const reader = await openImage(source, { levels: new LevelStore(storeMemory(2 ** 17)) });
    const tile = (x: number) =>
      reader.readWindow({ page: 0, level: 0, window: { x, y: 300, width: 64, height: 64 } });
    await tile(600);
    counts.bytes = 0;
    await tile(0);
    assert.ok(counts.bytes < file.length / 5, `${counts.bytes} of ${file.length}`);
  });

  it('of a file that is cut off: what is there, and gray', async () => {
    const file = await picture(3).jpeg({ quality: 75 }).toBuffer();
    const truth = await sharp(file).raw().toBuffer();
    const messages: string[] = [];
    const reader = await openImage(memorySource(file.subarray(0, file.length / 2)), {
      levels: new LevelStore(storeMemory(2 ** 17)),
      report: (message) => messages.push(message),
    });
    assert.match(messages.join(), /cut off/);
    const there = { x: 300, y: 100, width: 256, height: 256 };
    const top = await reader.readWindow({ page: 0, level: 0, window: there });
    assertClose(top.data, crop(truth, 3, WIDTH, there), 0);
    const missing = { x: 300, y: 700, width: 256, height: 100 };
    const bottom = await reader.readWindow({ page: 0, level: 0, window: missing });
    assertClose(bottom.data, Array<number>(missing.width * missing.height * 3).fill(128), 2);
    const whole = { x: 0, y: 0, width: WIDTH, height: HEIGHT };
    assert.equal((await reader.readWindow({ page: 0, level: 0, window: whole })).height, HEIGHT);
  });
});
