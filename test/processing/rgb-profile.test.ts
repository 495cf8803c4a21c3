/** Against libvips, which converts each picture by itself. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import type { Raster } from '../../src/image/raster.ts';
import { isSrgbProfile, profileKind } from '../../src/processing/profile-facts.ts';
import { profiledTiff } from '../../src/processing/raw-tiff.ts';
import { eightBitRaster } from '../../src/processing/rasters.ts';
import { readProfileTable, toSrgb } from '../../src/processing/rgb-profile.ts';

async function p3Profile(): Promise<Uint8Array> {
  const blank = sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } });
  const { icc } = await sharp(await blank.withIccProfile('p3').png().toBuffer()).metadata();
  return Uint8Array.from(icc!);
}

const SIZE = { width: 64, height: 64 };
let seed = 1;
const random = () => (seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff) >> 23;
const samples = Uint8Array.from({ length: SIZE.width * SIZE.height * 3 }, random);

describe('RGB by its profile', () => {
  it('is what libvips makes of it', async () => {
    const icc = await p3Profile();
    assert.equal(profileKind(icc), 'rgb');
    assert.equal(isSrgbProfile(icc), false);
    const picture = eightBitRaster(SIZE, 3, samples);
    const truth = await sharp(profiledTiff(picture, icc)).toColourspace('srgb').raw().toBuffer();
    const { data } = toSrgb(picture, await readProfileTable(icc, 'rgb'));
    const differences = [...data].map((value, i) => Math.abs(value - truth[i]!));
    const error = differences.reduce((sum, value) => sum + value * value, 0) / differences.length;
    assert.ok(10 * Math.log10(255 ** 2 / error) > 48, `${error}`);
    assert.notDeepEqual([...data], [...samples]);
  });

  it('of 16 bits is that of 8 bits, and alpha stays', async () => {
    const table = await readProfileTable(await p3Profile(), 'rgb');
    const eight = toSrgb(eightBitRaster({ width: 2, height: 1 }, 4, Uint8Array.of(10, 200, 30, 7, 255, 0, 128, 9)), table);
    const deep: Raster = { ...eight, bitsPerSample: 16, data: Uint16Array.of(2570, 51400, 7710, 1799, 65535, 0, 32896, 2313) };
    const sixteen = toSrgb(deep, table);
    for (const [i, value] of [...sixteen.data].entries()) assert.ok(Math.abs(value / 257 - eight.data[i]!) <= 0.51, `${i}`);
    assert.deepEqual([eight.data[3], eight.data[7]], [7, 9]);
    assert.deepEqual([sixteen.data[3], sixteen.data[7]], [1799, 2313]);
  }); // prettier-ignore
});

describe('gray by its profile', () => {
  it('goes through its table, between two of its entries too', () => {
    const colors = Uint8Array.from({ length: 256 }, (_, i) => 255 - i);
    const gray = toSrgb(eightBitRaster({ width: 3, height: 1 }, 1, Uint8Array.of(0, 100, 255)), { kind: 'gray', colors });
    assert.deepEqual([...gray.data], [255, 155, 0]);
    const deep: Raster = { width: 1, height: 1, bands: 1, bitsPerSample: 16, sampleFormat: 'uint', data: Uint16Array.of(128) };
    assert.equal(toSrgb(deep, { kind: 'gray', colors }).data[0], 65407);
  }); // prettier-ignore
});
