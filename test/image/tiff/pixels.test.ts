import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import zlib from 'node:zlib';
import sharp from 'sharp';
import type { TiffOptions as SharpTiff } from 'sharp';
import { buildTiff, pictureTags } from '../support/build-tiff.ts';
import type { PictureSpec, TagSpec, TiffOptions } from '../support/build-tiff.ts';
import { countingSource, openBytes, openFixture, readLevel } from '../support/sources.ts';
import { zstdCompressed } from '../../../src/encode/tiff/zstd.ts';
import { memorySource } from '../../../src/image/memory-source.ts';
import { openImage } from '../../../src/image/open.ts';
import { assertClose } from '../../contract/reader-contract.ts';

/** A picture with edges and slopes in every band. */
function scene(width: number, height: number, bands: number): Uint8Array {
  const samples = new Uint8Array(width * height * bands);
  for (let i = 0; i < samples.length; i++) {
    const [band, x, y] = [i % bands, Math.floor(i / bands) % width, Math.floor(i / bands / width)];
    samples[i] = (x * (band + 1) + y * 3 + (x > y ? 90 : 0)) % 256;
  }
  return samples;
}

describe('TIFF as libvips writes it', () => {
  const options: readonly SharpTiff[] = [
    { compression: 'none' },
    { compression: 'lzw', predictor: 'none' },
    { compression: 'lzw', predictor: 'horizontal' },
    { compression: 'deflate', predictor: 'horizontal' },
    { compression: 'packbits' },
    { compression: 'webp', quality: 100 },
  ];
  for (const layout of [{ tile: true, tileWidth: 64, tileHeight: 32 }, {}]) {
    for (const option of options) {
      for (const bands of [1, 3, 4] as const) {
        if (option.compression === 'webp' && bands === 1) continue;
        it(`${JSON.stringify(option)}, ${bands} bands, ${'tile' in layout ? 'tiles' : 'strips'}`, async () => {
          const samples = scene(150, 100, bands);
          const file = await sharp(samples, { raw: { width: 150, height: 100, channels: bands } })
            .toColourspace(bands === 1 ? 'b-w' : 'srgb')
            .tiff({ ...option, ...layout })
            .toBuffer();
          const lossless = option.compression !== 'webp';
          const raster = await readLevel(await openBytes(file));
          const truth = lossless ? samples : await sharp(file).raw().toBuffer();
          assertClose(raster.data, truth, 0);
        });
      }
    }
  }

  for (const bands of [1, 3] as const) {
    for (const quality of [75, 95]) {
      it(`JPEG of quality ${quality}, ${bands} bands`, async () => {
        const file = await sharp(scene(150, 100, bands), {
          raw: { width: 150, height: 100, channels: bands },
        })
          .toColourspace(bands === 1 ? 'b-w' : 'srgb')
          .tiff({ compression: 'jpeg', quality, tile: true, tileWidth: 64, tileHeight: 64 })
          .toBuffer();
        const picture = bands === 1 ? sharp(file).toColourspace('b-w') : sharp(file);
        assertClose((await readLevel(await openBytes(file))).data, await picture.raw().toBuffer(), 0);
      });
    }
  }

  it('JPEG of CMYK keeps its inks', async () => {
    const samples = scene(64, 64, 4);
    const cmyk = sharp(samples, { raw: { width: 64, height: 64, channels: 4 } }).pipelineColourspace('cmyk');
    const file = await sharp(await cmyk.toColourspace('cmyk').tiff({ compression: 'none' }).toBuffer())
      .pipelineColourspace('cmyk')
      .toColourspace('cmyk')
      .tiff({ compression: 'jpeg', quality: 100, tile: true, tileWidth: 64, tileHeight: 64 })
      .toBuffer();
    const reader = await openBytes(file);
    assert.equal(reader.info.colorSpace, 'cmyk');
    const truth = await sharp(file).pipelineColourspace('cmyk').toColourspace('cmyk').raw().toBuffer();
    assertClose((await readLevel(reader)).data, truth, 0);
  });
});

/** Bands of `bits` bits, 0 to 2^bits - 1 in all pixels, as tiles of 16 × 16 and their samples. */
function tiles(spec: PictureSpec, sampleOf: (x: number, y: number, band: number) => number): number[][] {
  const { width, height, bands = 1, tile = { width: 16, height: 16 } } = spec;
  const all: number[][] = [];
  for (let top = 0; top < height; top += tile.height) {
    for (let left = 0; left < width; left += tile.width) {
      const samples: number[] = [];
      for (let y = top; y < top + tile.height; y++) {
        for (let x = left; x < left + tile.width; x++)
          for (let band = 0; band < bands; band++) samples.push(sampleOf(x, y, band));
      }
      all.push(samples);
    }
  }
  return all;
}

function pack16(samples: readonly number[], isLittleEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(samples.length * 2);
  samples.forEach((sample, i) => new DataView(bytes.buffer).setUint16(i * 2, sample, isLittleEndian));
  return bytes;
}

const sample16 = (x: number, y: number, band: number): number =>
  (x * 1_000 + y * 77 + band * 20_000) % 65_536;

describe('TIFF as others write it', () => {
  for (const options of [
    {},
    { isLittleEndian: false },
    { isBig: true },
    { isLittleEndian: false, isBig: true },
  ] as TiffOptions[]) {
    it(`16 bits with predictor, ${JSON.stringify(options)}`, async () => {
      const spec: PictureSpec = {
        width: 40,
        height: 20,
        bands: 2,
        bits: 16,
        compression: 8,
        extra: [{ tag: 'Predictor', type: 'short', values: [2] }],
      };
      const segments = tiles(spec, sample16).map((samples) => {
        const differences = samples.map((sample, i) =>
          i % 32 < 2 ? sample : (sample - samples[i - 2]! + 65_536) % 65_536,
        );
        return zlib.deflateSync(pack16(differences, options.isLittleEndian !== false));
      });
      const raster = await readLevel(
        await openBytes(buildTiff([{ tags: pictureTags(spec), segments }], options)),
      );
      const truth = [];
      for (let y = 0; y < 20; y++)
        for (let x = 0; x < 40; x++) truth.push(sample16(x, y, 0), sample16(x, y, 1));
      assert.deepEqual([...raster.data], truth);
    });
  }

  it('both numbers of deflate, of zstd, and of WebP mean the same', async () => {
    const spec: PictureSpec = { width: 16, height: 16, bands: 3, photometric: 2 };
    const samples = Uint8Array.from(tiles(spec, (x, y, band) => x * 9 + y * 5 + band * 20)[0]!);
    const webp = await sharp(samples, { raw: { width: 16, height: 16, channels: 3 } })
      .webp({ lossless: true, exact: true })
      .toBuffer();
    const zstd = await zstdCompressed(samples, 3);
    for (const [numbers, segment] of [
      [[8, 32_946], zlib.deflateSync(samples)],
      [[50_000, 34_926], zstd],
      [[50_001, 34_927], webp],
    ] as const) {
      for (const compression of numbers) {
        const tags = pictureTags({ ...spec, compression });
        const file = buildTiff([{ tags, segments: [new Uint8Array(segment)] }]);
        assert.deepEqual([...(await readLevel(await openBytes(file))).data], [...samples], `${compression}`);
      }
    }
  });

  it('separate planes', async () => {
    const spec: PictureSpec = {
      width: 40,
      height: 20,
      bands: 3,
      photometric: 2,
      extra: [{ tag: 'PlanarConfiguration', type: 'short', values: [2] }],
    };
    const plane = (band: number): Uint8Array[] =>
      tiles({ ...spec, bands: 1 }, (x, y) => x + y * 2 + band * 50).map((samples) =>
        Uint8Array.from(samples),
      );
    const file = buildTiff([{ tags: pictureTags(spec), segments: [...plane(0), ...plane(1), ...plane(2)] }]);
    const reader = await openBytes(file);
    const raster = await reader.readWindow({
      page: 0,
      level: 0,
      window: { x: 14, y: 15, width: 4, height: 2 },
    });
    const truth = [];
    for (let y = 15; y < 17; y++)
      for (let x = 14; x < 18; x++) for (let band = 0; band < 3; band++) truth.push(x + y * 2 + band * 50);
    assert.deepEqual([...raster.data], truth);
  });

  const one = (
    extra: readonly TagSpec[],
    segment: Uint8Array | undefined,
    spec: Partial<PictureSpec> = {},
  ): Uint8Array =>
    buildTiff([
      {
        tags: pictureTags({ width: 16, height: 2, tile: { width: 16, height: 2 }, ...spec, extra }),
        segments: [segment],
      },
    ]);

  it('bits from the lowest', async () => {
    const fillOrder: TagSpec = { tag: 'FillOrder', type: 'short', values: [2] };
    const raster = await readLevel(
      await openBytes(one([fillOrder], Uint8Array.of(1, 0, 0, 128), { bits: 1 })),
    );
    const truth = new Uint8Array(32);
    truth[0] = 255;
    truth[31] = 255;
    assert.deepEqual(raster.data, truth);
  });

  it('sparse tiles are 0 as stored: black, white, or the first color', async () => {
    const black = await readLevel(await openBytes(one([], undefined)));
    assert.deepEqual(black.data, new Uint8Array(32));
    const white = await readLevel(await openBytes(one([], undefined, { photometric: 0 })));
    assert.deepEqual(white.data, new Uint8Array(32).fill(255));
    const map: TagSpec = {
      tag: 'ColorMap',
      type: 'short',
      values: Array.from({ length: 768 }, (_, i) => (i % 256 === 0 ? 0x4000 : 0xffff)),
    };
    const color = await readLevel(await openBytes(one([map], undefined, { photometric: 3 })));
    assert.deepEqual(color.data, new Uint8Array(96).fill(0x40));
    const compressed = await readLevel(
      await openBytes(one([{ tag: 'Predictor', type: 'short', values: [2] }], undefined, { compression: 5 })),
    );
    assert.deepEqual(compressed.data, new Uint8Array(32));
  });

  it('a predictor means nothing to uncompressed tiles', async () => {
    const predictor: TagSpec = { tag: 'Predictor', type: 'short', values: [2] };
    const raster = await readLevel(await openBytes(one([predictor], new Uint8Array(32).fill(5))));
    assert.deepEqual(raster.data, new Uint8Array(32).fill(5));
  });

  it('associated alpha is divided out', async () => {
    const alpha: TagSpec = { tag: 'ExtraSamples', type: 'short', values: [1] };
    const pixel = [10, 20, 40, 128];
    const raster = await readLevel(
      await openBytes(
        one(
          [alpha],
          Uint8Array.from({ length: 128 }, (_, i) => pixel[i % 4]!),
          { bands: 4, photometric: 2 },
        ),
      ),
    );
    assert.deepEqual([...raster.data.subarray(0, 4)], [20, 40, 80, 128]);
  });

  it('tags of strips may hold tiles, and byte counts may be missing', async () => {
    const tags: TagSpec[] = [
      ...pictureTags({ width: 16, height: 16 }),
      { tag: 'StripOffsets', type: 'long', values: [0] },
    ];
    const bytes = buildTiff([{ tags }]);
    const file = Buffer.concat([bytes, Buffer.alloc(256, 9)]);
    const at = file.indexOf(Buffer.from([0x11, 0x01, 4, 0, 1, 0, 0, 0]));
    file.writeUInt32LE(bytes.length, at + 8);
    assert.deepEqual((await readLevel(await openBytes(file))).data, new Uint8Array(256).fill(9));
  });

  it('a color map that is missing or short is damage', async () => {
    await assert.rejects(
      openBytes(one([], new Uint8Array(32), { photometric: 3 })).then((reader) => readLevel(reader)),
      { kind: 'damaged' },
    );
    const short: TagSpec = { tag: 'ColorMap', type: 'short', values: [1, 2, 3] };
    await assert.rejects(
      openBytes(one([short], new Uint8Array(32), { photometric: 3 })).then((reader) => readLevel(reader)),
      { kind: 'damaged' },
    );
  });

  const broken: readonly (readonly [string, number, Uint8Array])[] = [
    ['LZW', 5, Uint8Array.of(0x80, 0x0b)],
    ['deflate', 8, zlib.deflateSync(new Uint8Array(10))],
    ['PackBits', 32_773, Uint8Array.of(200, 1)],
    ['JPEG', 7, Buffer.from('no JPEG at all')],
    ['Zstandard', 50_000, Buffer.from('no frame')],
    ['nothing', 1, new Uint8Array(20)],
  ];
  for (const [name, compression, bytes] of broken) {
    it(`tiles of ${name} that are cut off are damage`, async () => {
      const tags = pictureTags({ width: 16, height: 16, compression });
      const file = buildTiff([{ tags, segments: [bytes] }]);
      const reader = await openBytes(file);
      await assert.rejects(readLevel(reader), { kind: 'damaged' });
    });
  }
});

describe('JPEG tiles that are cut off', () => {
  const tags = pictureTags({
    width: 64,
    height: 64,
    bands: 3,
    photometric: 6,
    compression: 7,
    tile: { width: 64, height: 64 },
  });
  const read = async (file: Uint8Array): Promise<Uint8Array> =>
    (await readLevel(await openBytes(file))).data as Uint8Array;
  const jpeg = (): Promise<Buffer> =>
    sharp(scene(64, 64, 3), { raw: { width: 64, height: 64, channels: 3 } })
      .jpeg()
      .toBuffer();

  it('are damaged: no gray is made of what is missing', async () => {
    const tile = await jpeg();
    const half = tile.subarray(0, tile.length / 2);
    await assert.rejects(read(buildTiff([{ tags, segments: [half] }])), { kind: 'damaged' });
    const long = buildTiff([
      {
        tags: [
          ...tags,
          { tag: 'TileOffsets', type: 'long', values: [8] },
          { tag: 'TileByteCounts', type: 'long', values: [100_000] },
        ],
      },
    ]);
    await assert.rejects(read(long), { kind: 'damaged' });
  });

  it('may lack the marker of the end', async () => {
    const tile = await jpeg();
    const truth = await sharp(tile).raw().toBuffer();
    assertClose(await read(buildTiff([{ tags, segments: [tile.subarray(0, -2)] }])), truth, 0);
    assertClose(
      await read(buildTiff([{ tags, segments: [Buffer.concat([tile.subarray(0, -2), Buffer.alloc(7)])] }])),
      truth,
      0,
    );
  });
});

describe('byte counts', () => {
  it('may reach over the end of the file when the pixels do not', async () => {
    const packed = zlib.deflateSync(new Uint8Array(256).fill(3));
    const tags = pictureTags({
      width: 16,
      height: 16,
      compression: 8,
      extra: [{ tag: 'TileByteCounts', type: 'long', values: [9_999] }],
    });
    const raster = await readLevel(await openBytes(Buffer.from(buildTiff([{ tags, segments: [packed] }]))));
    assert.deepEqual(raster.data, new Uint8Array(256).fill(3));
  });
});

describe('reading of TIFF', () => {
  it('takes only the rows that it needs from uncompressed strips', async () => {
    const [width, height] = [1_000, 4_000];
    const tags = pictureTags({ width, height, rowsPerStrip: height });
    const pixels = Uint8Array.from({ length: width * height }, (_, i) => Math.floor(i / width) % 251);
    const { source, counts } = countingSource(
      memorySource(buildTiff([{ tags, segments: [pixels], segmentKind: 'strips' }])),
    );
    const reader = await openImage(source);
    counts.bytes = 0;
    const raster = await reader.readWindow({
      page: 0,
      level: 0,
      window: { x: 300, y: 3_000, width: 2, height: 3 },
    });
    assert.deepEqual(
      [...raster.data],
      [3_000, 3_000, 3_001, 3_001, 3_002, 3_002].map((y) => y % 251),
    );
    assert.ok(counts.bytes < 4_000, `${counts.bytes} bytes`);
  });

  it('reads a tile with one read once its offset is known', async () => {
    const { source, counts } = countingSource(memorySource(await tiledFile()));
    const reader = await openImage(source);
    const window = { x: 0, y: 0, width: 64, height: 64 };
    await reader.readWindow({ page: 0, level: 0, window });
    counts.reads = 0;
    await reader.readWindow({ page: 0, level: 0, window: { ...window, x: 64 } });
    assert.equal(counts.reads, 1);
  });

  function tiledFile(): Promise<Uint8Array> {
    const samples = scene(256, 256, 3);
    return sharp(samples, { raw: { width: 256, height: 256, channels: 3 } })
      .tiff({ compression: 'lzw', tile: true, tileWidth: 64, tileHeight: 64 })
      .toBuffer();
  }
});

describe('tiles as they are stored', () => {
  const tile = (name: string, column: number, row: number, level = 0): Promise<Uint8Array | undefined> =>
    openFixture(name).then((reader) => reader.readEncodedTile({ page: 0, level, column, row }));

  it('are files of their own, with the colors of the picture', async () => {
    for (const [name, format] of [
      ['rgb-jpeg.tif', 'jpeg'],
      ['turn_pyr_000_090.tif', 'jpeg'],
      ['rgb-webp.tif', 'webp'],
    ] as const) {
      const reader = await openFixture(name);
      const bytes = await reader.readEncodedTile({ page: 0, level: 0, column: 1, row: 0 });
      assert.equal((await sharp(bytes).metadata()).format, format);
      const raster = await reader.readWindow({
        page: 0,
        level: 0,
        window: { x: 256, y: 0, width: 256, height: 256 },
      });
      assertClose(await sharp(bytes).raw().toBuffer(), raster.data, 0);
    }
  });

  it('have the tables and say their color space as Adobe does', async () => {
    const rgb = await tile('rgb-jpeg.tif', 0, 0);
    const ycbcr = await tile('turn_pyr_000_090.tif', 0, 0);
    const transform = (bytes: Uint8Array | undefined): number | undefined =>
      bytes?.[Buffer.from(bytes).indexOf('Adobe') + 11];
    assert.deepEqual([transform(rgb), transform(ycbcr)], [0, 1]);
    for (const bytes of [rgb, ycbcr]) {
      assert.deepEqual([...bytes!.subarray(0, 4)], [0xff, 0xd8, 0xff, 0xee]);
      assert.deepEqual([...bytes!.subarray(-2)], [0xff, 0xd9]);
      assert.ok(Buffer.from(bytes!).indexOf(Buffer.of(0xff, 0xdb)) > 0);
    }
  });

  it('are not sent when the border crops them', async () => {
    for (const [column, row] of [
      [7, 0],
      [0, 5],
    ] as const)
      assert.equal(await tile('rgb-jpeg.tif', column, row), undefined);
  });

  it('are not sent from other compressions, colors and bits', async () => {
    for (const name of [
      'rgb-deflate.tif',
      'rgb-zstd.tif',
      'grey16.tif',
      'bilevel-white-is-zero.tif',
      'rgb-strips.tif',
      'photo.jpg',
    ]) {
      assert.equal(await tile(name, 0, 0), undefined, name);
    }
  });

  it('are not sent as RGB with subsampling, nor as CMYK', async () => {
    const jpeg = await sharp(scene(64, 64, 3), { raw: { width: 64, height: 64, channels: 3 } })
      .jpeg({ chromaSubsampling: '4:2:0' })
      .toBuffer();
    const full = await sharp(scene(64, 64, 3), { raw: { width: 64, height: 64, channels: 3 } })
      .jpeg({ chromaSubsampling: '4:4:4' })
      .toBuffer();
    const stored = async (segment: Uint8Array, photometric: number, bands = 3): Promise<boolean> => {
      const tags = pictureTags({
        width: 64,
        height: 64,
        bands,
        photometric,
        compression: 7,
        tile: { width: 64, height: 64 },
      });
      const reader = await openBytes(buildTiff([{ tags, segments: [segment] }]));
      return (await reader.readEncodedTile({ page: 0, level: 0, column: 0, row: 0 })) !== undefined;
    };
    assert.equal(await stored(jpeg, 2), false);
    assert.equal(await stored(full, 2), true);
    assert.equal(await stored(jpeg, 6), true);
    const cmyk = await sharp(scene(64, 64, 3), { raw: { width: 64, height: 64, channels: 3 } })
      .toColourspace('cmyk')
      .jpeg()
      .toBuffer();
    assert.equal(await stored(cmyk, 5, 4), false);
  });

  it('are not sent when they are sparse, and damaged when they are none', async () => {
    const open = (segment: Uint8Array | undefined) =>
      openBytes(
        buildTiff([{ tags: pictureTags({ width: 16, height: 16, compression: 7 }), segments: [segment] }]),
      );
    const address = { page: 0, level: 0, column: 0, row: 0 };
    assert.equal(await (await open(undefined)).readEncodedTile(address), undefined);
    await assert.rejects(async () => (await open(Buffer.from('no JPEG'))).readEncodedTile(address), {
      kind: 'damaged',
    });
  });
});
