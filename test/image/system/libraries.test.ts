import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import zlib from 'node:zlib';
import type { JpegOptions, Sharp } from 'sharp';
import { bindFirst } from '../../../src/image/system/koffi.ts';
import { loadLibdeflate } from '../../../src/image/system/libdeflate.ts';
import { loadLibwebp } from '../../../src/image/system/libwebp.ts';
import { loadTurbojpeg } from '../../../src/image/system/libturbojpeg.ts';
import { inflate } from '../../../src/image/tiff/inflate.ts';
import { sharp } from '../../../src/image/lazy-sharp.ts';

const deflateLibrary = loadLibdeflate();
const jpegLibrary = loadTurbojpeg();
const webpLibrary = loadLibwebp();

const TEXT = Uint8Array.from({ length: 50_000 }, (_, i) => (i * i) >> 7);

describe(
  'libdeflate',
  { skip: deflateLibrary === undefined && 'libdeflate or koffi is not installed' },
  () => {
    const { inflateInto } = deflateLibrary ?? { inflateInto: () => undefined };
    const deflated = zlib.deflateRawSync(TEXT);

    it('inflates what fits, and says how much that is', () => {
      const output = new Uint8Array(TEXT.length + 10).fill(7);
      assert.equal(inflateInto(deflated, output), TEXT.length);
      assert.deepEqual(output.subarray(0, TEXT.length), TEXT);
      assert.deepEqual(output.subarray(TEXT.length), new Uint8Array(10).fill(7));
    });

    it('writes into a part of an array and reads from one', () => {
      const [input, output] = [new Uint8Array(deflated.length + 6), new Uint8Array(TEXT.length + 20)];
      input.set(deflated, 3);
      assert.equal(inflateInto(input.subarray(3), output.subarray(10, 10 + TEXT.length)), TEXT.length);
      assert.deepEqual(output.slice(10, 10 + TEXT.length), TEXT);
      assert.ok(output.subarray(0, 10).every((byte) => byte === 0));
    });

    for (const [what, input, room] of [
      ['more than there is room for', deflated, TEXT.length - 1],
      ['data that ends early', deflated.subarray(0, 1000), TEXT.length],
      ['no data', new Uint8Array(0), 100],
      ['what is none', new Uint8Array(100).fill(0xff), 100],
    ] as const)
      it(`does not inflate ${what}`, () => assert.equal(inflateInto(input, new Uint8Array(room)), undefined));
  },
);

describe('inflating tiles', () => {
  const whole = zlib.deflateSync(TEXT);
  for (const [what, input, length] of [
    ['whole', whole, TEXT.length],
    ['without its checksum', whole.subarray(0, -4), TEXT.length],
    ['cut off', whole.subarray(0, 2_000), TEXT.length],
    ['of more pixels than asked for', whole, 1_000],
    ['of fewer pixels than asked for', whole, TEXT.length + 999],
  ] as const) {
    it(`gives the same with and without libdeflate: ${what}`, () => {
      const plain = inflate(input, length, () => undefined);
      assert.ok(plain.length > 0);
      assert.deepEqual(plain, TEXT.subarray(0, plain.length));
      assert.deepEqual(inflate(input, length), plain);
    });
  }
});

describe('libwebp', { skip: webpLibrary === undefined && 'libwebp or koffi is not installed' }, () => {
  const [width, height] = [40, 30];
  const samples = Uint8Array.from({ length: width * height * 4 }, (_, i) => (i * 7) % 251);
  const rgba = sharp(samples, { raw: { width, height, channels: 4 } });
  const { decodeInto } = webpLibrary ?? { decodeInto: () => false };

  it('decodes exactly what was stored without loss', async () => {
    const file = await rgba.clone().webp({ lossless: true, exact: true }).toBuffer();
    const output = new Uint8Array(samples.length);
    assert.ok(decodeInto(file, output, { width, height, bands: 4 }));
    assert.deepEqual(output, samples);
    const colors = new Uint8Array(width * height * 3);
    assert.ok(decodeInto(file, colors, { width, height, bands: 3 }));
    assert.deepEqual(colors, samples.filter((_, i) => i % 4 !== 3));
  }); // prettier-ignore

  it('decodes as sharp does what was stored with loss', async () => {
    const file = await rgba.clone().removeAlpha().webp({ quality: 60 }).toBuffer();
    const output = new Uint8Array(width * height * 3);
    assert.ok(decodeInto(file, output, { width, height, bands: 3 }));
    assert.deepEqual(output, new Uint8Array(await sharp(file).raw().toBuffer()));
  });

  it('does not decode another size, a broken file, or none', async () => {
    const file = await rgba.clone().webp().toBuffer();
    const output = new Uint8Array(samples.length);
    assert.equal(decodeInto(file, output, { width: width - 1, height, bands: 4 }), false);
    assert.equal(decodeInto(file.subarray(0, file.length / 2), output, { width, height, bands: 4 }), false);
    assert.equal(decodeInto(new Uint8Array(50), output, { width, height, bands: 4 }), false);
    assert.equal(decodeInto(new Uint8Array(0), output, { width, height, bands: 4 }), false);
  });
});

describe(
  'libturbojpeg',
  { skip: jpegLibrary === undefined && 'libturbojpeg or koffi is not installed' },
  () => {
    const size = { width: 43, height: 37 };
    const scene = (bands: 1 | 3): Sharp => {
      const { width, height } = size;
      const samples = Uint8Array.from({ length: width * height * bands }, (_, i) => (i * 5 + (i >> 6)) % 249);
      return sharp(samples, { raw: { width, height, channels: bands } }).toColourspace(
        bands === 1 ? 'b-w' : 'srgb',
      );
    };
    const { shapeOf, decodeInto } = jpegLibrary ?? { shapeOf: () => undefined, decodeInto: () => false };
    const file = (bands: 1 | 3, options: JpegOptions): Promise<Buffer> =>
      scene(bands).jpeg(options).toBuffer();

    for (const [what, bands, options] of [
      ['color', 3, {}],
      ['color at full chroma', 3, { chromaSubsampling: '4:4:4', quality: 98 }],
      ['gray', 1, {}],
      ['progressive', 3, { progressive: true }],
    ] as const) {
      it(`decodes as sharp does: ${what}`, async () => {
        const stored = await file(bands, options);
        const shape = { ...size, bands };
        assert.deepEqual(shapeOf(stored), shape);
        const output = new Uint8Array(size.width * size.height * bands);
        assert.ok(decodeInto(stored, output, shape));
        const wanted = sharp(stored)
          .toColourspace(bands === 1 ? 'b-w' : 'srgb')
          .raw();
        assert.deepEqual(output, new Uint8Array(await wanted.toBuffer()));
      });
    }

    it('leaves what is broken, or of four components, to others', async () => {
      const stored = await file(3, {});
      const output = new Uint8Array(size.width * size.height * 3);
      assert.equal(decodeInto(stored.subarray(0, stored.length / 2), output, { ...size, bands: 3 }), false);
      assert.equal(shapeOf(stored.subarray(0, 100)), undefined);
      assert.equal(shapeOf(new Uint8Array(0)), undefined);
      assert.equal(shapeOf(await scene(3).toColourspace('cmyk').jpeg().toBuffer()), undefined);
      assert.throws(() => decodeInto(stored, output.subarray(1), { ...size, bands: 3 }), RangeError);
    });
  },
);

describe('a library that cannot be loaded', () => {
  it('is none', () => {
    assert.equal(loadLibdeflate(['libof-another-planet.so.9']), undefined);
    assert.equal(loadLibwebp(['libof-another-planet.so.9']), undefined);
    assert.equal(loadTurbojpeg(['libof-another-planet.so.9']), undefined);
  });

  it('is none without koffi', () => {
    const bound = bindFirst(['libdeflate.so.0'], () => 'bound', () => {
      throw new Error('not installed');
    }); // prettier-ignore
    assert.equal(bound, undefined);
  });
});
