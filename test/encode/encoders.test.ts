import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Encoding, OutputFormat } from '../../src/encode/encoder.ts';
import { encode, ENCODERS } from '../../src/encode/encoders.ts';
import { describeEncoding, encoderContract } from '../contract/encoder-contract.ts';
import type { EncoderCase } from '../contract/encoder-contract.ts';
import { scene } from './pictures.ts';

const ALL = { icc: true, xmp: true, exif: true, density: true };
const NONE = { icc: false, xmp: false, exif: false, density: false };
const sameBands = (bands: number): number => bands;
const colorBands = (bands: number): number => (bands <= 2 ? bands + 2 : bands);

const jpeg: EncoderCase = {
  encoding: { format: 'jpeg', quality: 75 },
  bands: [1, 3],
  bits: [8],
  tolerance: 5,
  fileBands: sameBands,
  carries: ALL,
  larger: { format: 'jpeg', quality: 95 },
};
const png: EncoderCase = {
  encoding: { format: 'png', level: 1 },
  bands: [1, 2, 3, 4],
  bits: [8, 16],
  tolerance: 0,
  fileBands: sameBands,
  carries: ALL,
  larger: { format: 'png', level: 0 },
};
const webp: EncoderCase = {
  encoding: { format: 'webp', quality: 'lossless' },
  bands: [1, 2, 3, 4],
  bits: [8],
  tolerance: 0,
  fileBands: colorBands,
  carries: { ...ALL, density: false },
};
const avif: EncoderCase = {
  ...webp,
  encoding: { format: 'avif', quality: 'lossless', codec: 'auto' },
};
// Sharp's libvips reads no EXIF from TIFF: test/encode/tiff.test.ts does.
const tiff: EncoderCase = {
  ...png,
  encoding: { format: 'tiff', compression: 'deflate', quality: 9 },
  carries: { ...ALL, exif: false },
  larger: { format: 'tiff', compression: 'none', quality: 1 },
};
const lossy = { bits: [8], tolerance: 6 } as const;

const CASES: readonly EncoderCase[] = [
  jpeg,
  png,
  { ...png, encoding: { format: 'png', level: 0 }, larger: undefined },
  { ...png, encoding: { format: 'png', level: 9 }, larger: { format: 'png', level: 2 } },
  webp,
  {
    ...webp,
    ...lossy,
    encoding: { format: 'webp', quality: 50 },
    larger: { format: 'webp', quality: 90 },
    bands: [1, 3],
  },
  avif,
  {
    ...avif,
    ...lossy,
    encoding: { format: 'avif', quality: 50, codec: 'auto' },
    larger: { format: 'avif', quality: 90, codec: 'auto' },
  },
  { ...webp, encoding: { format: 'gif' }, bands: [1], carries: NONE },
  tiff,
  ...(['none', 'lzw'] as const).map((compression): EncoderCase => ({
    ...tiff,
    encoding: { format: 'tiff', compression, quality: 1 },
    larger: undefined,
  })),
  {
    ...tiff,
    ...lossy,
    encoding: { format: 'tiff', compression: 'jpeg', quality: 75 },
    larger: { format: 'tiff', compression: 'jpeg', quality: 95 },
  },
  {
    ...tiff,
    ...lossy,
    encoding: { format: 'tiff', compression: 'webp', quality: 50 },
    larger: { format: 'tiff', compression: 'webp', quality: 90 },
    fileBands: colorBands,
    bands: [1, 3],
  },
];

CASES.forEach(encoderContract);

describe('the table of encoders', () => {
  it('has no format that the contract does not test', () => {
    const tested = new Set<OutputFormat>(CASES.map(({ encoding }) => encoding.format));
    assert.deepEqual([...tested].sort(), Object.keys(ENCODERS).sort());
  });

  it('takes the longest side that its limits name', async () => {
    const encodings: readonly Encoding[] = [
      { format: 'jpeg', quality: 75 },
      { format: 'webp', quality: 50 },
      { format: 'avif', quality: 50, codec: 'auto' },
      { format: 'gif' },
    ];
    for (const encoding of encodings) {
      const width = ENCODERS[encoding.format].limits.maxSide;
      const file = await encode(scene({ width, height: 1 }, 1), encoding, {});
      assert.ok(file.length > 0, describeEncoding(encoding));
    }
  });

  it('names what a format holds when it refuses', async () => {
    const cases: readonly [Encoding, number, string][] = [
      [{ format: 'jpeg', quality: 75 }, 4, 'JPEG holds 1 or 3 bands, not 4'],
      [{ format: 'png', level: 1 }, 5, 'PNG holds 1, 2, 3 or 4 bands, not 5'],
    ];
    for (const [encoding, bands, message] of cases) {
      await assert.rejects(async () => encode(scene({ width: 4, height: 4 }, bands), encoding, {}), {
        kind: 'unsupported',
        message,
      });
    }
  });

  it('takes every codec of AVIF for the one there is', async () => {
    const raster = scene({ width: 30, height: 20 }, 3);
    const [auto, ...others] = await Promise.all(
      (['auto', 'aom', 'rav1e', 'svt'] as const).map(async (codec) =>
        encode(raster, { format: 'avif', quality: 50, codec }, {}),
      ),
    );
    for (const other of others) assert.deepEqual(other, auto);
  });

  it('takes a quality of 0 for the lowest that sharp has', async () => {
    const raster = scene({ width: 30, height: 20 }, 3);
    const encodings = (quality: number): readonly Encoding[] => [
      { format: 'webp', quality },
      { format: 'avif', quality, codec: 'auto' },
      { format: 'tiff', compression: 'jpeg', quality },
      { format: 'tiff', compression: 'webp', quality },
    ];
    const lowest = encodings(1);
    for (const [index, encoding] of encodings(0).entries()) {
      assert.deepEqual(await encode(raster, encoding, {}), await encode(raster, lowest[index]!, {}));
    }
  });
});
