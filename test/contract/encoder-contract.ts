/** What every encoder has to hold, run against each of them by test/encode/encoders.test.ts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import type { Embed, Encoding } from '../../src/encode/encoder.ts';
import { encode, ENCODERS } from '../../src/encode/encoders.ts';
import { ServerError } from '../../src/errors.ts';
import type { Raster } from '../../src/image/raster.ts';
import {
  asColors,
  decodedColors,
  meanDistance,
  photoMetadata,
  profileFor,
  RESOLUTION,
  scene,
} from '../encode/pictures.ts';

/** One encoding and what is to be expected of it. */
export interface EncoderCase {
  readonly encoding: Encoding;
  readonly bands: readonly number[];
  readonly bits: readonly (8 | 16)[];
  /** Largest mean distance of samples, of 255; 0 is lossless. */
  readonly tolerance: number;
  /** Bands of the file as sharp reads it, for bands of the raster. */
  readonly fileBands: (bands: number) => number;
  /** The metadata that a file of this format carries to sharp. */
  readonly carries: {
    readonly icc: boolean;
    readonly xmp: boolean;
    readonly exif: boolean;
    readonly density: boolean;
  };
  /** The same format at a setting that gives a larger file. */
  readonly larger?: Encoding | undefined;
}

const SIZE = { width: 67, height: 45 };
const SMALL_SIZES = [
  [1, 1],
  [1, 9],
  [9, 1],
  [17, 13],
  [64, 64],
] as const;

export function encoderContract(testCase: EncoderCase): void {
  const { encoding, tolerance } = testCase;
  const { limits } = ENCODERS[encoding.format];
  const run = async (raster: Raster, embed: Embed = {}): Promise<Uint8Array> =>
    encode(raster, encoding, embed);

  describe(`encoder ${describeEncoding(encoding)}`, () => {
    for (const bits of testCase.bits) {
      for (const bands of testCase.bands) {
        it(`holds ${bands} bands of ${bits} bits`, async () => {
          const raster = scene(SIZE, bands, bits);
          const before = raster.data.slice();
          const file = await run(raster);
          assert.deepEqual(raster.data, before, 'the raster was changed');
          const metadata = await sharp(file).metadata();
          assert.equal(metadata.channels, testCase.fileBands(bands));
          assert.equal(metadata.depth, bits === 16 ? 'ushort' : 'uchar');
          await assertSame(file, raster, tolerance);
        });
      }
    }

    for (const [width, height] of SMALL_SIZES) {
      it(`holds a picture of ${width} x ${height}`, async () => {
        for (const bands of testCase.bands) {
          const raster = scene({ width, height }, bands);
          const file = await run(raster);
          // So few pixels say nothing about the mean of a lossy format.
          await assertSame(file, raster, tolerance === 0 ? 0 : 60);
        }
      });
    }

    it('gives equal bytes for equal pixels and metadata', async () => {
      const raster = scene({ width: 300, height: 200 }, 3);
      const embed = { ...(await photoMetadata()), resolution: RESOLUTION };
      assert.deepEqual(await run(raster, embed), await run(raster, embed));
      assert.deepEqual(await run(raster), await run(raster));
    });

    it('writes no metadata that was not given', async () => {
      const { icc, xmp, exif, comments } = await sharp(await run(scene(SIZE, 3))).metadata();
      assert.deepEqual([icc, xmp, exif, comments], [undefined, undefined, undefined, undefined]);
    });

    it('carries the metadata that it has a place for, pixels unchanged', async () => {
      const raster = scene(SIZE, 3);
      const given = { ...(await photoMetadata()), resolution: RESOLUTION };
      const file = await run(raster, given);
      const { icc, xmp, exif, density } = await sharp(file).metadata();
      const { carries } = testCase;
      assert.deepEqual(icc && new Uint8Array(icc), carries.icc ? given.icc : undefined);
      assert.equal(xmp?.toString(), carries.xmp ? given.xmp : undefined);
      assert.equal(exif?.includes('A. Painter') ?? false, carries.exif);
      if (carries.density) assert.equal(density, RESOLUTION.x);
      assert.deepEqual((await decodedColors(file)).colors, (await decodedColors(await run(raster))).colors);
    });

    it('carries each kind of metadata without the others', async () => {
      const raster = scene(SIZE, 3);
      const { icc, xmp, exif } = await photoMetadata();
      for (const [kind, embed] of [
        ['icc', { icc }],
        ['xmp', { xmp }],
        ['exif', { exif }],
      ] as const) {
        // prettier-ignore
        const found = await sharp(await run(raster, embed)).metadata();
        const kinds = (['icc', 'xmp', 'exif'] as const).filter((name) => found[name] !== undefined);
        assert.deepEqual(kinds, testCase.carries[kind] ? [kind] : []);
      }
    });

    it('leaves out a profile of other colors', async () => {
      const { icc } = await photoMetadata();
      const file = await run(scene(SIZE, 3), { icc: profileFor(icc, 'CMYK') });
      assert.deepEqual(file, await run(scene(SIZE, 3)));
    });

    it('refuses what it cannot hold', async () => {
      const good = scene(SIZE, 3);
      const samples = good.width * good.height * 3;
      const float: Raster = {
        ...good,
        bitsPerSample: 32,
        sampleFormat: 'float',
        data: new Float32Array(samples),
      };
      const wide: Raster = { ...good, bitsPerSample: 32, data: new Uint32Array(samples) };
      const short: Raster = { ...good, bitsPerSample: 16, data: new Uint16Array(samples) };
      const tooMany = scene(SIZE, 9);
      const none: Raster = { ...good, width: 0, data: new Uint8Array(0) };
      const refused = [
        float,
        wide,
        none,
        ...(limits.bits.includes(16) ? [] : [short]),
        ...(limits.bands === 'any' ? [] : [tooMany]),
        ...(limits.maxSide < 100_000 ? [scene({ width: limits.maxSide + 1, height: 1 }, 3)] : []),
        ...(limits.maxSide < 100_000 ? [scene({ width: 1, height: limits.maxSide + 1 }, 3)] : []),
      ];
      for (const raster of refused) {
        await assert.rejects(
          run(raster),
          (error) => error instanceof ServerError && error.kind === 'unsupported',
        );
      }
    });

    it('takes a raster for what it says only when it has all its samples', async () => {
      const raster = { ...scene(SIZE, 3), height: SIZE.height + 1 };
      await assert.rejects(run(raster), (error) => error instanceof ServerError && error.kind === 'internal');
    });

    const { larger } = testCase;
    if (larger !== undefined) {
      it(`is smaller than ${describeEncoding(larger)}`, async () => {
        const raster = scene({ width: 200, height: 200 }, 3);
        const [small, large] = [await run(raster), await encode(raster, larger, {})];
        assert.ok(small.length < large.length, `${small.length} is not less than ${large.length}`);
      });
    }
  });
}

/** The settings in one line. */
export function describeEncoding(encoding: Encoding): string {
  return Object.values(encoding).join(' ');
}

async function assertSame(file: Uint8Array, raster: Raster, tolerance: number): Promise<void> {
  const bits = raster.bitsPerSample === 16 ? 16 : 8;
  const { width, height, colors } = await decodedColors(file, bits);
  assert.deepEqual({ width, height }, { width: raster.width, height: raster.height });
  const expected = asColors(raster);
  if (tolerance === 0) {
    assert.deepEqual(colors, expected);
    return;
  }
  assert.equal(colors.length, expected.length);
  const distance = meanDistance(colors, expected);
  assert.ok(distance <= tolerance, `mean distance ${distance}`);
}
