/** PNG, WebP, GIF and AVIF: what their headers say, and their pixels as libvips decodes them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import type { Sharp } from 'sharp';
import { LevelStore, storeMemory } from '../../../src/image/flat/level-store.ts';
import { memorySource } from '../../../src/image/memory-source.ts';
import { openImage } from '../../../src/image/open.ts';
import { assertClose } from '../../contract/reader-contract.ts';
import { openBytes, readLevel } from '../support/sources.ts';

const WIDTH = 617;
const HEIGHT = 420;
const XMP = '<x:xmpmeta xmlns:x="adobe:ns:meta/"/>';

function samplesOf(bands: 1 | 2 | 3 | 4) {
  return Uint8Array.from({ length: WIDTH * HEIGHT * bands }, (_, i) => {
    const [band, x, y] = [i % bands, Math.floor(i / bands) % WIDTH, Math.floor(i / bands / WIDTH)];
    if (bands % 2 === 0 && band === bands - 1) return x < 300 ? 255 : x % 256;
    return (x + y * (band + 1)) % 251;
  });
}

function picture(bands: 1 | 2 | 3 | 4): Sharp {
  const raw = sharp(samplesOf(bands), { raw: { width: WIDTH, height: HEIGHT, channels: bands } });
  return bands < 3 ? raw.toColourspace('b-w') : raw;
}

function deep(bands: 1 | 3 | 4): Sharp {
  const samples = Uint16Array.from({ length: WIDTH * HEIGHT * bands }, (_, i) => (i * 7) % 65_536);
  const raw = sharp(samples, { raw: { width: WIDTH, height: HEIGHT, channels: bands } });
  const space = bands === 1 ? 'grey16' : 'rgb16';
  return raw.pipelineColourspace(space).toColourspace(space);
}

interface Case {
  readonly name: string;
  readonly file: () => Promise<Buffer>;
  readonly bands: number;
  readonly bits?: 16;
  readonly format: string;
}

const CASES: readonly Case[] = [
  { name: 'PNG, gray', file: () => picture(1).png().toBuffer(), bands: 1, format: 'png' },
  { name: 'PNG, gray with alpha', file: () => picture(2).png().toBuffer(), bands: 2, format: 'png' },
  { name: 'PNG, RGB', file: () => picture(3).png().toBuffer(), bands: 3, format: 'png' },
  { name: 'PNG, RGBA', file: () => picture(4).png().toBuffer(), bands: 4, format: 'png' },
  { name: 'PNG, palette', file: () => picture(3).png({ palette: true }).toBuffer(), bands: 3, format: 'png' },
  { name: 'PNG, palette with alpha', file: () => picture(4).png({ palette: true }).toBuffer(), bands: 4, format: 'png' },
  { name: 'PNG, interlaced', file: () => picture(3).png({ progressive: true }).toBuffer(), bands: 3, format: 'png' },
  { name: 'PNG, 16-bit gray', file: () => deep(1).png().toBuffer(), bands: 1, bits: 16, format: 'png' },
  { name: 'PNG, 16-bit RGB', file: () => deep(3).png().toBuffer(), bands: 3, bits: 16, format: 'png' },
  { name: 'PNG, 16-bit RGBA', file: () => deep(4).png().toBuffer(), bands: 4, bits: 16, format: 'png' },
  { name: 'WebP', file: () => picture(3).webp().toBuffer(), bands: 3, format: 'webp' },
  { name: 'WebP with alpha', file: () => picture(4).webp().toBuffer(), bands: 4, format: 'webp' },
  { name: 'WebP, lossless', file: () => picture(3).webp({ lossless: true }).toBuffer(), bands: 3, format: 'webp' },
  { name: 'WebP, lossless with alpha', file: () => picture(4).webp({ lossless: true }).toBuffer(), bands: 4, format: 'webp' },
  { name: 'GIF', file: () => picture(3).gif().toBuffer(), bands: 3, format: 'gif' },
  { name: 'GIF with a transparent color', file: () => picture(4).gif().toBuffer(), bands: 4, format: 'gif' },
  { name: 'AVIF', file: () => picture(3).avif({ effort: 0 }).toBuffer(), bands: 3, format: 'avif' },
  { name: 'AVIF with alpha', file: () => picture(4).avif({ effort: 0 }).toBuffer(), bands: 4, format: 'avif' },
  { name: 'AVIF, gray', file: () => picture(1).avif({ effort: 0 }).toBuffer(), bands: 3, format: 'avif' },
]; // prettier-ignore

async function truthOf(file: Uint8Array, { bands, bits }: Case) {
  if (bands === 2) return samplesOf(2);
  const space = bits === 16 ? (bands === 1 ? 'grey16' : 'rgb16') : bands < 3 ? 'b-w' : 'srgb';
  const opened = sharp(file);
  const { data, info } = await (bits === 16 ? opened.pipelineColourspace(space) : opened)
    .toColourspace(space)
    .raw({ depth: bits === 16 ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  assert.equal(info.channels, bands);
  const bytes = Uint8Array.from(data);
  return bits === 16 ? new Uint16Array(bytes.buffer) : bytes;
}

for (const test of CASES) {
  describe(test.name, () => {
    it('gives the picture, in windows and in bands of rows too', async () => {
      const file = await test.file();
      const reader = await openBytes(file);
      const { format, bands, bitsPerSample, levels } = reader.info;
      assert.deepEqual(
        { format, bands, bitsPerSample, width: levels[0]?.width, height: levels[0]?.height },
        { format: test.format, bands: test.bands, bitsPerSample: test.bits ?? 8, width: WIDTH, height: HEIGHT },
      ); // prettier-ignore
      const truth = await truthOf(file, test);
      assertClose((await readLevel(reader)).data, truth, 0);
      // So little memory that nothing is kept whole.
      const poor = await openImage(memorySource(file), { levels: new LevelStore(storeMemory(2 ** 16)) });
      const window = { x: 100, y: 250, width: 33, height: 9 };
      const expected = [];
      for (let y = 250; y < 259; y++) {
        const start = (y * WIDTH + 100) * test.bands;
        expected.push(...truth.subarray(start, start + 33 * test.bands));
      }
      assertClose((await poor.readWindow({ page: 0, level: 0, window })).data, expected, 0);
    });

    it('gives smaller levels', async () => {
      const reader = await openBytes(await test.file());
      for (const [level, { width, height }] of reader.info.levels.entries()) {
        const raster = await readLevel(reader, level);
        assert.deepEqual([raster.width, raster.height], [width, height]);
      }
      const full = await readLevel(reader, 0);
      const half = await readLevel(reader, 1);
      const at = (x: number, y: number, band: number) => full.data[(y * WIDTH + x) * test.bands + band]!;
      for (const [x, y] of [[0, 0], [200, 100], [307, 209]] as const) {
        const [left, top] = [2 * x, 2 * y];
        const sum = at(left, top, 0) + at(left + 1, top, 0) + at(left, top + 1, 0) + at(left + 1, top + 1, 0);
        assert.equal(half.data[(y * 308 + x) * test.bands], Math.floor((sum + 2) / 4));
      } // prettier-ignore
    });

    it('fails with an error of ours where it is cut off', async () => {
      const file = await test.file();
      for (const part of [0, 0.01, 0.05, 0.3, 0.6, 0.9]) {
        const cut = file.subarray(0, Math.floor(part * file.length));
        const reading = openBytes(cut).then((reader) => readLevel(reader));
        const outcome = await reading.then(() => 'read', (error: Error) => error.name); // prettier-ignore
        assert.ok(outcome === 'ServerError' || (outcome === 'read' && part > 0.5), `${part}: ${outcome}`);
      }
    });
  });
}

describe('metadata of', () => {
  const withAll = (format: 'png' | 'webp' | 'avif') =>
    picture(3)
      .withIccProfile('p3')
      .withXmp(XMP)
      .withExif({ IFD0: { Artist: 'A. Painter', Orientation: '6' } })
      .withMetadata({ density: 300, orientation: 6 })
      .toFormat(format, { effort: 1 })
      .toBuffer();

  for (const format of ['png', 'webp', 'avif'] as const) {
    it(`${format}: profile, XMP, EXIF, density`, async () => {
      const file = await withAll(format);
      const truth = await sharp(file).metadata();
      const { info } = await openBytes(file);
      const stored = (await openImage(memorySource(file), { isOriented: false })).info;
      assert.deepEqual(info.icc && Buffer.from(info.icc), truth.icc);
      assert.equal(info.metadata.xmp, truth.xmp?.toString());
      assert.equal(info.metadata.creator, 'A. Painter');
      const exif = truth.exif!;
      const start = exif.subarray(0, 4).toString() === 'Exif' ? 6 : 0;
      assert.deepEqual(stored.exif && Buffer.from(stored.exif), exif.subarray(start));
      const perInch = (info.resolution?.x ?? 0) * (info.resolution?.unit === 'cm' ? 2.54 : 1);
      assert.ok(Math.abs(perInch - 300) < 0.5, JSON.stringify(info.resolution));
      assert.equal(info.orientation, undefined);
      assert.equal(stored.orientation, format === 'avif' ? undefined : 6);
    });
  }
});

describe('a header that lies', () => {
  it('of PNG about its size is refused before anything is allocated', async () => {
    const file = await picture(3).png().toBuffer();
    file.writeUInt32BE(30_000, 16);
    file.writeUInt32BE(30_000, 20);
    await assert.rejects(openBytes(file), { kind: 'damaged', message: /few bytes/ });
    file.writeUInt32BE(0, 16);
    await assert.rejects(openBytes(file), { kind: 'damaged', message: /no size/ });
  });

  it('of GIF about its size is refused', async () => {
    const file = await picture(3).gif().toBuffer();
    file.writeUInt16LE(65_535, 6);
    file.writeUInt16LE(65_535, 8);
    await assert.rejects(openBytes(file), { kind: 'too-large' });
  });

  it('of JPEG XL and HEIC is named', async () => {
    await assert.rejects(openBytes(Buffer.from('\xff\x0a..', 'latin1')), { kind: 'unsupported', message: /JPEG XL/ });
    await assert.rejects(openBytes(Buffer.from('\0\0\0\x18ftypheic....')), { kind: 'unsupported', message: /HEIC/ });
  }); // prettier-ignore
});
