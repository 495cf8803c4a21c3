import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { ServerError } from '../../src/errors.ts';
import { cmykByTable, readInkTable } from '../../src/processing/cmyk-profile.ts';
import { cmykToRgb } from '../../src/processing/cmyk.ts';
import { profiledTiff } from '../../src/processing/raw-tiff.ts';
import { bytes, floats, listOf, noiseBytes, words } from './rasters-of.ts';

const isUnsupported = (error: unknown) => error instanceof ServerError && error.kind === 'unsupported';

/** The profile of CMYK that libvips brings along. */
async function cmykProfile(): Promise<Uint8Array> {
  const blank = sharp({ create: { width: 1, height: 1, channels: 3, background: 'white' } });
  const file = await blank.toColourspace('cmyk').withIccProfile('cmyk').tiff().toBuffer();
  const { icc } = await sharp(file).metadata();
  assert.ok(icc);
  return icc;
}

const byVips = async (file: Uint8Array) => sharp(file).toColourspace('srgb').raw().toBuffer();

describe('cmykToRgb', () => {
  it('is (1 - c)(1 - k)', () => {
    const inks = bytes(4, [0, 0, 0, 0, 255, 0, 0, 0], [0, 255, 51, 51, 10, 20, 30, 255]);
    assert.deepEqual(cmykToRgb(inks), bytes(3, [255, 255, 255, 0, 255, 255], [204, 0, 163, 0, 0, 0]));
  });

  it('takes 16 bits and leaves bands after the fourth', () => {
    const inks = words(5, [0, 65535, 13107, 13107, 99]);
    assert.deepEqual(cmykToRgb(inks), words(4, [52428, 0, 41942, 99]));
  });

  it('refuses other rasters', () => {
    assert.throws(() => cmykToRgb(bytes(3, [1, 2, 3])), isUnsupported);
    assert.throws(() => cmykToRgb(floats(4, [0, 0, 0, 0])), isUnsupported);
  });
});

describe('cmykByTable', () => {
  it('is what libvips makes by the profile, but for small differences', async () => {
    const icc = await cmykProfile();
    const table = await readInkTable(icc);
    assert.ok(table);
    const inks = noiseBytes({ width: 64, height: 64 }, 4);
    const wanted = await byVips(profiledTiff(inks, icc));
    const made = cmykByTable(inks, table);
    assert.equal(made.bands, 3);
    const squares = made.data.reduce((sum, v, i) => sum + (v - wanted[i]!) ** 2, 0);
    assert.ok(10 * Math.log10(65025 / (squares / wanted.length)) > 50);
  });

  it('is exactly that at the mixtures of the table', async () => {
    const icc = await cmykProfile();
    const table = await readInkTable(icc);
    assert.ok(table);
    const inks = bytes(4, [0, 0, 0, 0, 255, 0, 0, 0], [17, 34, 51, 68, 255, 255, 255, 255]);
    assert.deepEqual([...cmykByTable(inks, table).data], [...(await byVips(profiledTiff(inks, icc)))]);
  });

  it('takes 16 bits and leaves bands after the fourth', async () => {
    const table = await readInkTable(await cmykProfile());
    assert.ok(table);
    const narrow = listOf(cmykByTable(bytes(4, [17, 34, 51, 68]), table));
    const wide = cmykByTable(words(5, [17 * 257, 34 * 257, 51 * 257, 68 * 257, 4711]), table);
    assert.deepEqual(listOf(wide), [...narrow.map((v) => v * 257), 4711]);
  });

  it('refuses other rasters and profiles', async () => {
    assert.throws(() => cmykByTable(bytes(3, [1, 2, 3]), new Uint8Array(196608)), isUnsupported);
    assert.throws(() => cmykByTable(floats(4, [0, 0, 0, 0]), new Uint8Array(196608)), isUnsupported);
    const ofRgb = Buffer.alloc(128);
    ofRgb.write('RGB ', 16, 'latin1');
    assert.equal(await readInkTable(ofRgb), undefined);
  });
});

describe('profiledTiff', () => {
  it('is a TIFF with these inks and this profile', async () => {
    const icc = (await cmykProfile()).subarray(0);
    for (const profile of [icc, Buffer.concat([icc, Buffer.alloc(1)])]) {
      const file = sharp(profiledTiff(noiseBytes({ width: 5, height: 3 }, 4), profile));
      const { width, height, space, channels, depth, icc: embedded } = await file.metadata();
      assert.deepEqual([width, height, space, channels, depth], [5, 3, 'cmyk', 4, 'uchar']);
      assert.deepEqual(embedded && Buffer.compare(embedded, profile), 0);
    }
  });
});
