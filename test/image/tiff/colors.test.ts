/** Colors, alpha and values that are not there, by pixels computed by hand. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServerError } from '../../../src/errors.ts';
import { buildTiff, pictureTags } from '../support/build-tiff.ts';
import type { PictureSpec, TagSpec, TiffOptions } from '../support/build-tiff.ts';
import { openBytes, readLevel } from '../support/sources.ts';

const numbers = (tag: TagSpec['tag'], type: TagSpec['type'], ...values: number[]): TagSpec => ({
  tag,
  type,
  values,
});
const noData = (values: string): TagSpec => ({ tag: 'GDALNoData', type: 'ascii', values });
const SIGNED = numbers('SampleFormat', 'short', 2);
const FLOAT = numbers('SampleFormat', 'short', 3);
const ALPHA = numbers('ExtraSamples', 'short', 2);
const ASSOCIATED = numbers('ExtraSamples', 'short', 1);

/** One row of one strip. */
async function pixels(
  bytes: ArrayLike<number>,
  spec: Partial<PictureSpec> & { readonly width: number },
  options?: TiffOptions,
): Promise<number[]> {
  const tags = pictureTags({ height: 1, rowsPerStrip: 1, ...spec });
  const file = buildTiff([{ tags, segments: [Uint8Array.from(bytes)], segmentKind: 'strips' }], options);
  return [...(await readLevel(await openBytes(file))).data];
}

const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

describe('signed samples', () => {
  it('keep their values', async () => {
    assert.deepEqual(
      await pixels([0, 1, 127, 128, 255], { width: 5, extra: [SIGNED] }),
      [0, 1, 127, -128, -1],
    );
    const words = bytesOf(Int16Array.of(-32_768, -1, 32_767));
    assert.deepEqual(await pixels(words, { width: 3, bits: 16, extra: [SIGNED] }), [-32_768, -1, 32_767]);
    assert.deepEqual(
      await pixels(
        [0xff, 0xfe, 0x7f, 0xff],
        { width: 2, bits: 16, extra: [SIGNED] },
        { isLittleEndian: false },
      ),
      [-2, 32_767],
    );
    assert.deepEqual(await pixels([0x7f, 0x80], { width: 4, bits: 4, extra: [SIGNED] }), [7, -1, -8, 0]);
    assert.deepEqual(
      await pixels([0x7f, 0xf8, 0x00], { width: 2, bits: 12, extra: [SIGNED] }),
      [2_047, -2_048],
    );
  });

  it('of inks have 0 in the middle', async () => {
    assert.deepEqual(
      await pixels([0x80, 0, 0x7f, 0xff], { width: 1, bands: 4, photometric: 5, extra: [SIGNED] }),
      [0, 128, 255, 127],
    );
  });

  it('of indexes are none', async () => {
    const extra = [SIGNED, numbers('ColorMap', 'short', ...Array.from({ length: 768 }, (_, i) => i * 60))];
    const colors = await pixels([200], { width: 1, photometric: 3, extra });
    assert.deepEqual(colors, [200 * 60, 456 * 60, 712 * 60].map((value) => value >> 8)); // prettier-ignore
  });
});

describe('values that are not there (GDAL_NODATA)', () => {
  it('are NaN in signed, wide and floating-point samples', async () => {
    const words = bytesOf(Int16Array.of(-9_999, 5, 0));
    assert.deepEqual(await pixels(words, { width: 3, bits: 16, extra: [SIGNED, noData('-9999')] }), [
      NaN,
      5,
      0,
    ]);
    const plain = bytesOf(Uint16Array.of(65_535, 5, 0));
    assert.deepEqual(await pixels(plain, { width: 3, bits: 16, extra: [noData('65535')] }), [NaN, 5, 0]);
    const floats = bytesOf(Float32Array.of(-3.4028234663852886e38, 1.5, -3.4e38));
    const most = noData('-3.40282e+38');
    assert.deepEqual(await pixels(floats, { width: 3, bits: 32, extra: [FLOAT, most] }), [
      NaN,
      1.5,
      Math.fround(-3.4e38),
    ]);
    const infinite = bytesOf(Float32Array.of(-Infinity, 0.1));
    assert.deepEqual(await pixels(infinite, { width: 2, bits: 32, extra: [FLOAT, noData('-inf')] }), [
      -Infinity,
      Math.fround(0.1),
    ]);
  });

  it('stay what they are in 8 bits, and without a number', async () => {
    assert.deepEqual(await pixels([0, 255], { width: 2, extra: [noData('255')] }), [0, 255]);
    const words = bytesOf(Uint16Array.of(7, 8));
    assert.deepEqual(await pixels(words, { width: 2, bits: 16, extra: [noData('none')] }), [7, 8]);
  });

  it('fill sparse tiles', async () => {
    const tags = pictureTags({ width: 16, height: 16, bits: 16, extra: [noData('3')] });
    const { data } = await readLevel(await openBytes(buildTiff([{ tags, segments: [undefined] }])));
    assert.ok(data.every((sample) => Number.isNaN(sample)));
  });
});

describe('alpha', () => {
  it('is taken out of associated colors, with other samples behind it', async () => {
    const extra = [numbers('ExtraSamples', 'short', 1, 0)];
    assert.deepEqual(
      await pixels([50, 100, 0, 128, 9], { width: 1, bands: 5, photometric: 2, extra }),
      [100, 199, 0, 128, 9],
    );
    assert.deepEqual(await pixels([60, 100], { width: 1, bands: 2, extra: [ASSOCIATED] }), [153, 100]);
  });

  it('that is not associated changes nothing', async () => {
    assert.deepEqual(await pixels([50, 100], { width: 1, bands: 2, extra: [ALPHA] }), [50, 100]);
  });

  it('of a palette is its fourth band; other samples of it are left out', async () => {
    const map = numbers('ColorMap', 'short', ...Array.from({ length: 768 }, (_, i) => (i % 256) * 257));
    const spec = { width: 2, bands: 2, photometric: 3 };
    assert.deepEqual(
      await pixels([7, 255, 9, 0], { ...spec, extra: [ALPHA, map] }),
      [7, 7, 7, 255, 9, 9, 9, 0],
    );
    assert.deepEqual(await pixels([7, 255, 9, 0], { ...spec, extra: [map] }), [7, 7, 7, 9, 9, 9]);
  });

  it('of CMYK is its fifth band; other inks are left out', async () => {
    const spec = { width: 1, bands: 6, photometric: 5 };
    const extra = numbers('ExtraSamples', 'short', 2, 0);
    assert.deepEqual(await pixels([1, 2, 3, 4, 5, 6], { ...spec, extra: [extra] }), [1, 2, 3, 4, 5]);
    assert.deepEqual(await pixels([1, 2, 3, 4, 5, 6], spec), [1, 2, 3, 4]);
  });
});

describe('0 is white', () => {
  it('in every depth of unsigned samples', async () => {
    const white = (bits: number, bytes: number[], width: number): Promise<number[]> =>
      pixels(bytes, { width, bits, photometric: 0 });
    assert.deepEqual(await white(1, [0b01000000], 2), [255, 0]);
    assert.deepEqual(await white(2, [0b00011011], 4), [255, 170, 85, 0]);
    assert.deepEqual(await white(4, [0x0f], 2), [255, 0]);
    assert.deepEqual(await white(12, [0, 0x0f, 0xff], 2), [65_535, 0]);
    assert.deepEqual(await white(32, [0, 0, 0, 0, 255, 255, 255, 255], 2), [4_294_967_295, 0]);
  });

  it('leaves floats and signed samples what they are', async () => {
    assert.deepEqual(
      await pixels(bytesOf(Float32Array.of(0, 0.25)), { width: 2, bits: 32, photometric: 0, extra: [FLOAT] }),
      [0, 0.25],
    );
    assert.deepEqual(await pixels([255], { width: 1, photometric: 0, extra: [SIGNED] }), [-1]);
  });
});

describe('kinds of CIELAB', () => {
  it('ICCLab has a* and b* from the middle', async () => {
    assert.deepEqual(await pixels([255, 128, 0], { width: 1, bands: 3, photometric: 9 }), [255, 0, 128]);
    const words = bytesOf(Uint16Array.of(0xff00, 0x8000, 0x8100));
    assert.deepEqual(
      await pixels(words, { width: 1, bands: 3, bits: 16, photometric: 9 }),
      [65_535, 0, 0x0100],
    );
  });

  it('ITULab has the ranges of Decode', async () => {
    const spec = { width: 1, bands: 3, photometric: 10 };
    // a* of 0 to 255 is -85 to 85, b* is -75 to 125: code 96 is 0.29.
    assert.deepEqual(await pixels([255, 255, 96], spec), [255, 85, 0]);
    assert.deepEqual(await pixels([0, 0, 0], spec), [0, 256 - 85, 256 - 75]);
    const decode = numbers('Decode', 'srational', 0, 50, -10, 10, -20, 20);
    assert.deepEqual(await pixels([255, 0, 255], { ...spec, extra: [decode] }), [128, 246, 20]);
  });
});

describe('YCbCr that is not JPEG', () => {
  it('follows its coefficients and reference', async () => {
    const one = numbers('YCbCrSubSampling', 'short', 1, 1);
    const spec = { width: 1, bands: 3, photometric: 6 };
    // BT.601: R = Y + 1.402 Cr, G = Y - 0.344 Cb - 0.714 Cr, B = Y + 1.772 Cb, around 128.
    assert.deepEqual(await pixels([100, 138, 148], { ...spec, extra: [one] }), [128, 82, 118]);
    const bt709 = numbers('YCbCrCoefficients', 'rational', 0.2126, 0.7152, 0.0722);
    assert.deepEqual(await pixels([100, 138, 148], { ...spec, extra: [one, bt709] }), [131, 89, 119]);
    const video = numbers('ReferenceBlackWhite', 'rational', 16, 235, 128, 240, 128, 240);
    assert.deepEqual(await pixels([235, 128, 128], { ...spec, extra: [one, video] }), [255, 255, 255]);
    assert.deepEqual(await pixels([16, 128, 128], { ...spec, extra: [one, video] }), [0, 0, 0]);
  });

  it('is read by rows that share chroma when it is not compressed', async () => {
    const tags = pictureTags({
      width: 2,
      height: 4,
      bands: 3,
      photometric: 6,
      rowsPerStrip: 4,
      extra: [numbers('YCbCrSubSampling', 'short', 2, 2)],
    });
    const units = Uint8Array.of(10, 20, 30, 40, 128, 128, 50, 60, 70, 80, 128, 128);
    const reader = await openBytes(buildTiff([{ tags, segments: [units], segmentKind: 'strips' }]));
    const window = { x: 0, y: 1, width: 2, height: 2 };
    const { data } = await reader.readWindow({ page: 0, level: 0, window });
    assert.deepEqual([...data], [30, 30, 30, 40, 40, 40, 50, 50, 50, 60, 60, 60]);
  });
});

describe('damage', () => {
  it('names compression, directory and tile for the log', async () => {
    const spec = { width: 32, height: 16, compression: 8 };
    const file = buildTiff([
      { tags: pictureTags(spec), segments: [Uint8Array.of(0x78, 0x9c, 3, 0), Uint8Array.of(1)] },
    ]);
    await assert.rejects(
      async () =>
        (await openBytes(file)).readWindow({
          page: 0,
          level: 0,
          window: { x: 20, y: 0, width: 4, height: 4 },
        }),
      (error) => {
        assert.ok(error instanceof ServerError);
        const { column, row, plane, segments, compression, directory } = error.facts;
        assert.deepEqual([column, row, plane, segments, compression], [1, 0, 0, 'tiles', 'deflate']);
        assert.ok(Number(directory) > 0);
        return true;
      },
    );
  });
});
