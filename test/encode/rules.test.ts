import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inflateSync } from 'node:zlib';
import { AVAILABLE_AVIF_CODECS } from '../../src/encode/avif-codecs.ts';
import { concatBytes, startsWith } from '../../src/encode/bytes.ts';
import { deflated, deflatedBlocks } from '../../src/encode/deflate.ts';
import { isStatable, rational } from '../../src/encode/density.ts';
import { colorsOfBands, withFittingProfile } from '../../src/encode/icc.ts';
import { fits, requireFits } from '../../src/encode/raster-limits.ts';
import { differenced } from '../../src/encode/tiff/predictor.ts';
import { expandGray } from '../../src/encode/through-sharp.ts';
import { byteRaster } from '../../src/image/raster.ts';
import { photoMetadata, profileFor, scene } from './pictures.ts';

describe('rules for color profiles', () => {
  it('let a profile through only where it describes the colors', async () => {
    const { icc } = await photoMetadata();
    const noSignature = icc.slice().fill(0, 36, 40);
    const cases = [
      [icc, 'rgb', true],
      [icc, 'gray', false],
      [icc, 'none', false],
      [profileFor(icc, 'GRAY'), 'gray', true],
      [profileFor(icc, 'GRAY'), 'rgb', false],
      [profileFor(icc, 'CMYK'), 'rgb', false],
      [icc.subarray(0, 127), 'rgb', false],
      [new Uint8Array(0), 'rgb', false],
      [noSignature, 'rgb', false],
    ] as const;
    for (const [profile, colors, isKept] of cases) {
      const embed = withFittingProfile({ icc: profile, xmp: 'x' }, colors);
      assert.deepEqual(embed, isKept ? { icc: profile, xmp: 'x' } : { xmp: 'x' });
    }
  });

  it('know the colors of bands', () => {
    assert.deepEqual([1, 2, 3, 4, 5].map(colorsOfBands), ['gray', 'gray', 'rgb', 'rgb', 'none']);
  });
});

describe('rules for density', () => {
  it('make fractions that are next to the number', () => {
    const cases = [
      [300, 300, 1],
      [37.5, 375, 10],
      [118.11, 11_811, 100],
      [1 / 3, 333_333, 1_000_000],
      [12_345.75, 1_234_575, 100],
      [1e12, 0xffffffff, 1],
      [1e-9, 1, 1_000_000],
    ] as const;
    for (const [value, numerator, denominator] of cases)
      assert.deepEqual(rational(value), [numerator, denominator]);
  });

  it('know what can be stated', () => {
    assert.ok(isStatable({ x: 1, y: 1, unit: 'none' }));
    assert.ok(!isStatable({ x: 0, y: 1, unit: 'none' }));
    assert.ok(!isStatable({ x: 1, y: Number.POSITIVE_INFINITY, unit: 'inch' }));
  });
});

describe('rules for rasters', () => {
  const limits = { name: 'Test', bands: [1, 3], bits: [8], maxSide: 10 } as const;

  it('say what does not fit', () => {
    const good = scene({ width: 10, height: 2 }, 3);
    const cases = [
      [scene({ width: 10, height: 2 }, 2), 'Test holds 1 or 3 bands, not 2'],
      [scene({ width: 11, height: 2 }, 3), 'Test holds at most 10 pixels a side, not 11 x 2'],
      [scene({ width: 2, height: 11 }, 3), 'Test holds at most 10 pixels a side, not 2 x 11'],
      [scene({ width: 2, height: 2 }, 3, 16), 'Test holds samples of 8 bits, not integer of 16'],
      [
        { ...good, bitsPerSample: 32, sampleFormat: 'float', data: new Float32Array(60) },
        'Test holds samples of 8 bits, not floating point of 32',
      ],
      [
        byteRaster({ width: 0, height: 5 }, 3, new Uint8Array(0)),
        'Test cannot hold a picture without pixels',
      ],
    ] as const;
    for (const [raster, message] of cases) {
      assert.throws(() => {
        requireFits(raster, limits);
      }, { kind: 'unsupported', message }); // prettier-ignore
      assert.ok(!fits(raster, limits));
      assert.ok(fits(raster, undefined));
    }
    requireFits(good, limits);
    assert.ok(fits(good, limits));
  });

  it('repeat gray in all colors', () => {
    const size = { width: 2, height: 1 };
    assert.deepEqual([...expandGray(byteRaster(size, 1, Uint8Array.of(5, 6))).data], [5, 5, 5, 6, 6, 6]);
    assert.deepEqual(
      [...expandGray(byteRaster(size, 2, Uint8Array.of(5, 1, 6, 2))).data],
      [5, 5, 5, 1, 6, 6, 6, 2],
    );
    const color = scene(size, 3);
    assert.equal(expandGray(color), color);
  });

  it('difference each row by itself and each band by itself', () => {
    const rows = Uint8Array.of(10, 20, 15, 18, 200, 100, 100, 200);
    assert.deepEqual([...differenced(rows, 4, 2)], [10, 20, 5, 254, 200, 100, 156, 100]);
    assert.deepEqual([...rows], [10, 20, 15, 18, 200, 100, 100, 200]);
    assert.deepEqual([...differenced(Uint16Array.of(1000, 10), 2, 1)], [1000, 64_546]);
    const buffer = Buffer.from([1, 2, 4]);
    assert.deepEqual([...differenced(buffer, 3, 1)], [1, 1, 2]);
    assert.deepEqual([...buffer], [1, 2, 4]);
  });
});

describe('rules for bytes', () => {
  it('put parts into memory of their own', () => {
    const whole = concatBytes([Uint8Array.of(1, 2), new Uint8Array(0), Uint8Array.of(3)]);
    assert.deepEqual([...whole], [1, 2, 3]);
    assert.equal(whole.buffer.byteLength, 3);
  });

  it('find a prefix', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    assert.ok(startsWith(bytes, Uint8Array.of(2, 3), 1));
    assert.ok(!startsWith(bytes, Uint8Array.of(2, 3), 2));
    assert.ok(!startsWith(bytes, Uint8Array.of(2, 3)));
  });

  it('deflate to the same bytes in one piece and in blocks', async () => {
    const bytes = Uint8Array.from({ length: 1_500_000 }, (_, index) => (index * index) >> 7);
    const blocks = [0, 1, 2].map((index) => bytes.subarray(index * 500_000, (index + 1) * 500_000));
    for (const level of [0, 1, 6]) {
      const whole = await deflated(bytes, level);
      assert.ok(Buffer.from(inflateSync(whole)).equals(bytes));
      assert.ok(Buffer.from(inflateSync(concatBytes(await deflatedBlocks(blocks, level)))).equals(bytes));
      const small = await deflated(bytes.subarray(0, 1000), level);
      assert.ok(Buffer.from(inflateSync(small)).equals(bytes.subarray(0, 1000)));
    }
  });
});

describe('codecs of AVIF', () => {
  it('are auto and those of sharp', () => {
    assert.deepEqual(AVAILABLE_AVIF_CODECS, ['auto', 'aom']);
  });
});
