import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Embed, TiffCompression } from '../../src/encode/encoder.ts';
import { encodeTiff } from '../../src/encode/tiff/tiff.ts';
import type { Raster } from '../../src/image/raster.ts';
import { decodedColors, meanDistance, photoMetadata, profileFor, readTiff, scene } from './pictures.ts';
import type { TiffContent } from './pictures.ts';

const CODES: Readonly<Record<TiffCompression, number>> = {
  none: 1,
  lzw: 5,
  jpeg: 7,
  deflate: 8,
  zstd: 50_000,
  webp: 50_001,
};
const LOSSLESS = ['none', 'lzw', 'deflate', 'zstd'] as const;

function write(
  raster: Raster,
  compression: TiffCompression,
  quality = 1,
  embed: Embed = {},
): Promise<Uint8Array> {
  return encodeTiff(raster, { format: 'tiff', compression, quality }, embed);
}

/** Numbers of a tag, one or several. */
async function numbers(tiff: TiffContent, tag: number): Promise<number[]> {
  const value = await tiff.tag(tag);
  if (typeof value === 'number') return [value];
  return value === undefined ? [] : [...(value as Iterable<number>)];
}

const isSame = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
  Buffer.from(Float64Array.from(a).buffer).equals(Buffer.from(Float64Array.from(b).buffer));

describe('TIFF samples', () => {
  for (const compression of LOSSLESS) {
    it(`come back from ${compression} whatever bands and bits`, async () => {
      for (const bits of [8, 16] as const) {
        for (const bands of [1, 2, 3, 4, 5, 9]) {
          const raster = scene({ width: 61, height: 47 }, bands, bits);
          const tiff = await readTiff(await write(raster, compression));
          assert.ok(isSame(tiff.samples, raster.data), `${bands} bands of ${bits} bits`);
          assert.deepEqual(await numbers(tiff, 259), [CODES[compression]]);
          assert.deepEqual(await numbers(tiff, 258), Array(bands).fill(bits));
          assert.deepEqual(await numbers(tiff, 317), compression === 'none' ? [] : [2]);
        }
      }
    });

    it(`come back from ${compression} in several strips`, async () => {
      for (const bits of [8, 16] as const) {
        const raster = scene({ width: 700, height: 601 }, 3, bits);
        const file = await write(raster, compression);
        const tiff = await readTiff(file);
        assert.ok(isSame(tiff.samples, raster.data));
        const [rowsPerStrip = 0] = await numbers(tiff, 278);
        const lengths = await numbers(tiff, 279);
        assert.equal(lengths.length, Math.ceil(601 / rowsPerStrip));
        assert.ok(lengths.length > 2);
        assert.deepEqual(file, await write(raster, compression));
      }
    });
  }

  it('come back from noise, in which LZW finds nothing', async () => {
    let seed = 1;
    const noise = (): number => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0) >>> 24;
    const raster = scene({ width: 200, height: 200 }, 3);
    const noisy = { ...raster, data: Uint8Array.from(raster.data, noise) };
    const file = await write(noisy, 'lzw');
    assert.ok(isSame((await readTiff(file)).samples, noisy.data));
    assert.deepEqual((await decodedColors(file)).colors, [...noisy.data]);
  });

  it('are near through JPEG and WebP, whose codes the files have', async () => {
    for (const [compression, bands] of [
      ['jpeg', 1],
      ['jpeg', 3],
      ['webp', 3],
      ['webp', 4],
    ] as const) {
      // prettier-ignore
      const raster = scene({ width: 100, height: 80 }, bands);
      const file = await write(raster, compression, 90);
      assert.equal(compressionIn(file), CODES[compression]);
      const { colors } = await decodedColors(file);
      const expected =
        bands === 1 ? [...raster.data].flatMap((gray) => [gray, gray, gray]) : [...raster.data];
      assert.ok(meanDistance(colors, expected) < 5, `${compression}, ${bands} bands`);
    }
  });

  it('fall back to deflate where the codec cannot hold them', async () => {
    const cases = [
      ['jpeg', scene({ width: 20, height: 10 }, 4)],
      ['jpeg', scene({ width: 20, height: 10 }, 3, 16)],
      ['jpeg', scene({ width: 65_501, height: 1 }, 1)],
      ['webp', scene({ width: 20, height: 10 }, 5)],
      ['webp', scene({ width: 20, height: 10 }, 1, 16)],
      ['webp', scene({ width: 16_384, height: 1 }, 3)],
    ] as const;
    for (const [compression, raster] of cases) {
      const file = await write(raster, compression, 75);
      assert.equal(compressionIn(file), CODES.deflate);
      assert.ok(isSame((await readTiff(file)).samples, raster.data));
    }
  });

  it('show gray as RGB where WebP has no gray', async () => {
    const raster = scene({ width: 30, height: 20 }, 2);
    const file = await write(raster, 'webp', 90);
    assert.equal(compressionIn(file), CODES.webp);
    assert.equal((await decodedColors(file)).colors.length, 30 * 20 * 4);
  });

  it('get smaller with the level', async () => {
    const raster = scene({ width: 200, height: 200 }, 3);
    for (const [compression, low, high] of [
      ['deflate', 2, 9],
      ['zstd', 3, 19],
    ] as const) {
      // prettier-ignore
      const [large, small] = [await write(raster, compression, low), await write(raster, compression, high)];
      assert.ok(small.length < large.length, compression);
    }
  });
});

/** The value of tag 259, also in files that geotiff cannot decode. */
function compressionIn(file: Uint8Array): number | undefined {
  const bytes = Buffer.from(file);
  const directory = bytes.readUInt32LE(4);
  for (let at = directory + 2; at < directory + 2 + 12 * bytes.readUInt16LE(directory); at += 12) {
    if (bytes.readUInt16LE(at) === 259) return bytes.readUInt16LE(at + 8);
  }
  return undefined;
}

describe('TIFF tags', () => {
  it('say what the bands are', async () => {
    const cases = [
      [1, 1, []],
      [2, 1, [2]],
      [3, 2, []],
      [4, 2, [2]],
      [5, 1, [0, 0, 0, 0]],
    ] as const;
    for (const [bands, photometric, extraSamples] of cases) {
      const tiff = await readTiff(await write(scene({ width: 9, height: 9 }, bands), 'none'));
      assert.deepEqual(await numbers(tiff, 262), [photometric]);
      assert.deepEqual(await numbers(tiff, 338), extraSamples);
      assert.deepEqual(await numbers(tiff, 277), [bands]);
      assert.deepEqual(await numbers(tiff, 284), [1]);
      assert.deepEqual(await numbers(tiff, 339), Array(bands).fill(1));
    }
  });

  it('say that JPEG in color is YCbCr', async () => {
    const tiff = await readTiff(await write(scene({ width: 9, height: 9 }, 3), 'jpeg', 75));
    assert.deepEqual(await numbers(tiff, 262), [6]);
    assert.deepEqual(await numbers(tiff, 530), [2, 2]);
  });

  it('hold every text, XMP, profile and density', async () => {
    const { icc, xmp } = await photoMetadata();
    const metadata = {
      title: 'Scene',
      description: 'Zwölf Boxkämpfer',
      make: 'TestCam',
      model: 'T',
      pagename: 'page 1',
      software: 'none',
      date: '2026:01:02 03:04:05',
      creator: 'A. \0Painter',
      rights: '© Museum',
      xmp: 'not the XMP to embed',
    };
    const resolution = { x: 37.5, y: 118.11, unit: 'cm' } as const;
    const file = await write(scene({ width: 9, height: 9 }, 3), 'deflate', 1, {
      icc,
      xmp,
      metadata,
      resolution,
    });
    const tiff = await readTiff(file);
    const texts: readonly [number, string][] = [
      [269, 'Scene'],
      [270, 'Zwölf Boxkämpfer'],
      [271, 'TestCam'],
      [272, 'T'],
      [285, 'page 1'],
      [305, 'none'],
      [306, '2026:01:02 03:04:05'],
      [315, 'A. Painter'],
      [33_432, '© Museum'],
    ];
    for (const [tag, text] of texts) {
      assert.equal(await tiff.tag(tag), `${text}\0`);
    }
    assert.equal(Buffer.from(await numbers(tiff, 700)).toString(), xmp);
    assert.deepEqual(Uint8Array.from(await numbers(tiff, 34_675)), icc);
    assert.deepEqual(await numbers(tiff, 282), [375, 10]);
    assert.deepEqual(await numbers(tiff, 283), [11_811, 100]);
    assert.deepEqual(await numbers(tiff, 296), [3]);
  });

  it('are absent where nothing was given', async () => {
    const tiff = await readTiff(await write(scene({ width: 9, height: 9 }, 3), 'deflate'));
    const metadataTags = [
      269, 270, 271, 272, 282, 283, 285, 296, 305, 306, 315, 700, 33_432, 34_665, 34_675, 34_853,
    ];
    for (const tag of metadataTags) assert.equal(await tiff.tag(tag), undefined, `${tag}`);
    const resolution = { x: Number.NaN, y: 1, unit: 'inch' } as const;
    assert.equal(await (await readTiff(await write(scene({ width: 9, height: 9 }, 3), 'none', 1, { resolution }))).tag(282), undefined); // prettier-ignore
  });

  it('hold a profile only for the colors of the file', async () => {
    const { icc } = await photoMetadata();
    const gray = profileFor(icc, 'GRAY');
    const cases = [
      [1, 'none', gray, true],
      [1, 'none', icc, false],
      [1, 'webp', icc, true],
      [1, 'webp', gray, false],
      [3, 'none', gray, false],
      [5, 'none', icc, false],
    ] as const;
    for (const [bands, compression, profile, isEmbedded] of cases) {
      const file = await write(scene({ width: 9, height: 9 }, bands), compression, 75, { icc: profile });
      assert.equal(Buffer.from(file).includes(Buffer.from(profile)), isEmbedded);
    }
  });

  it('begin on even bytes and stand in order', async () => {
    const file = Buffer.from(
      await write(scene({ width: 3, height: 3 }, 1), 'none', 1, {
        metadata: { title: 'odd!', description: 'even!' },
        xmp: 'abcde',
      }),
    );
    const count = file.readUInt16LE(8);
    const tags = Array.from({ length: count }, (_, index) => file.readUInt16LE(10 + 12 * index));
    assert.deepEqual(
      tags,
      [...tags].sort((a, b) => a - b),
    );
    for (let index = 0; index < count; index++) {
      const at = 10 + 12 * index;
      const bytes = [0, 1, 1, 2, 4, 8, 1, 1][file.readUInt16LE(at + 2)]! * file.readUInt32LE(at + 4);
      if (bytes > 4) assert.equal(file.readUInt32LE(at + 8) % 2, 0);
    }
    assert.equal(file.length % 2, 0);
  });
});
