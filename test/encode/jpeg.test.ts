import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { bareJpeg } from '../../src/encode/jpeg.ts';
import { encode } from '../../src/encode/encoders.ts';
import { compressByTurbo, jpegCompressor } from '../../src/encode/jpeg-turbo.ts';
import { loadTurboBinding } from '../../src/encode/turbo-binding.ts';
import type { Raster } from '../../src/image/raster.ts';
import { loadTurboCompressor } from '../../src/image/system/turbo-compressor.ts';
import { scene } from './pictures.ts';

const library = jpegCompressor();
const skip = library === undefined && 'libjpeg-turbo is not installed';
const SIZES = [{ width: 256, height: 256 }, { width: 1, height: 1 }, { width: 3, height: 70 }] as const; // prettier-ignore

function mostDifferent(a: Uint8Array, b: Uint8Array): number {
  assert.equal(a.length, b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

async function pixels(file: Uint8Array, { bands }: Raster): Promise<Uint8Array> {
  const picture = sharp(file);
  return (bands === 1 ? picture.toColourspace('b-w') : picture).raw().toBuffer();
}

describe('JPEG by libjpeg-turbo and by sharp', () => {
  for (const bands of [1, 3]) {
    for (const size of SIZES) {
      it(`show the same picture of ${size.width} x ${size.height}, ${bands} bands`, { skip }, async () => {
        const raster = scene(size, bands);
        const turbo = await bareJpeg(raster, 90, library);
        const other = await bareJpeg(raster, 90, undefined);
        const { format, width, height, channels, chromaSubsampling, isProgressive } =
          await sharp(turbo).metadata();
        assert.deepEqual(
          { format, width, height, channels, isProgressive },
          { format: 'jpeg', ...size, channels: bands, isProgressive: false },
        );
        assert.equal(chromaSubsampling, bands === 1 ? '4:4:4' : '4:2:0');
        const shown = await pixels(turbo, raster);
        assert.ok(mostDifferent(shown, await pixels(other, raster)) <= 4);
      });
    }
  }

  it('get smaller with lower quality, whole from 1 to 100', { skip }, async () => {
    const raster = scene({ width: 200, height: 100 }, 3);
    const lengths = await Promise.all(
      [0, 1, 50.4, 75, 100, 300].map(async (quality) => (await bareJpeg(raster, quality, library)).length),
    );
    assert.equal(lengths[0], lengths[1]);
    assert.equal(lengths[4], lengths[5]);
    assert.deepEqual(
      lengths,
      lengths.toSorted((a, b) => a - b),
    );
  });

  it('are files of their own memory, though the encoder uses its memory again', { skip }, async () => {
    const [black, white] = [0, 255].map((level) => ({
      ...scene({ width: 64, height: 64 }, 1),
      data: new Uint8Array(64 * 64).fill(level),
    }));
    assert.ok(black !== undefined && white !== undefined);
    for (const embed of [{}, { resolution: { x: 0, y: 0, unit: 'inch' } }] as const) {
      const first = await encode(black, { format: 'jpeg', quality: 75 }, embed);
      await encode(white, { format: 'jpeg', quality: 75 }, embed);
      assert.equal(mostDifferent(await pixels(first, black), black.data), 0);
    }
  });

  it('are made of a part of an array, too', { skip }, async () => {
    const whole = scene({ width: 40, height: 40 }, 3);
    const part = { ...whole, height: 20, data: whole.data.subarray(20 * 40 * 3) };
    const copied = { ...part, data: whole.data.slice(20 * 40 * 3) };
    assert.deepEqual(await bareJpeg(part, 75, library), await bareJpeg(copied, 75, library));
  });
});

describe('libjpeg-turbo through koffi and through the binding', () => {
  const [one, other] = [loadTurboCompressor(), loadTurboBinding()];
  const lacks = (one === undefined || other === undefined) && 'koffi or the binding is not installed';

  for (const bands of [1, 3]) {
    for (const size of [
      ...SIZES,
      { width: 255, height: 33 },
      { width: 17, height: 16 },
      { width: 2048, height: 40 },
    ]) {
      it(`make the same file of ${size.width} x ${size.height}, ${bands} bands`, { skip: lacks }, () => {
        assert.ok(one !== undefined && other !== undefined);
        for (const quality of [1, 75, 100]) {
          const raster = scene(size, bands);
          const file: Uint8Array = new Uint8Array(compressByTurbo(one, raster, quality));
          assert.deepEqual(file, new Uint8Array(compressByTurbo(other, raster, quality)));
        }
      });
    }
  }

  it('take pixels out of memory that threads share', { skip: lacks }, () => {
    assert.ok(one !== undefined);
    const raster = scene({ width: 64, height: 64 }, 1);
    const file = new Uint8Array(compressByTurbo(one, raster, 80));
    const shared = new Uint8Array(new SharedArrayBuffer(raster.data.length + 5), 5);
    shared.set(raster.data);
    assert.deepEqual(new Uint8Array(compressByTurbo(one, { ...raster, data: shared }, 80)), file);
  });

  it('refuse what would have the library read or write outside', { skip: lacks }, () => {
    assert.ok(one !== undefined);
    const [pixels, shape] = [new Uint8Array(64 * 64), { width: 64, height: 64, bands: 1 } as const];
    const output = new Uint8Array(one.boundOf(shape));
    assert.ok(one.compressInto(pixels, shape, { quality: 75, output }) > 100);
    const narrow = output.subarray(1);
    assert.throws(() => one.compressInto(pixels, shape, { quality: 75, output: narrow }), RangeError);
    const few = pixels.subarray(1);
    assert.throws(() => one.compressInto(few, shape, { quality: 75, output }), RangeError);
    const wide = { width: 70_000, height: 1, bands: 1 } as const;
    const room = { quality: 75, output: new Uint8Array(10 ** 6) };
    assert.throws(() => one.compressInto(new Uint8Array(70_000), wide, room), Error);
  });
});

describe('a binding that cannot be loaded', () => {
  it('is none', () => {
    assert.equal(
      loadTurboBinding(() => {
        throw new Error('no binary for this machine');
      }),
      undefined,
    );
  });
});
