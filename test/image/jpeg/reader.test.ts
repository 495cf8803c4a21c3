import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { openImage } from '../../../src/image/open.ts';
import { memorySource } from '../../../src/image/memory-source.ts';
import { assertClose } from '../../contract/reader-contract.ts';
import { countingSource, fixture, openBytes, openFixture, readLevel } from '../support/sources.ts';

function gradient(width: number, height: number, bands: 1 | 3 | 4) {
  const samples = Uint8Array.from({ length: width * height * bands }, (_, i) => {
    const [x, y] = [Math.floor(i / bands) % width, Math.floor(i / bands / width)];
    return (i % bands) * 30 + (x * 100) / width + (y * 50) / height;
  });
  return sharp(samples, { raw: { width, height, channels: bands } });
}

describe('facts of a JPEG', () => {
  it('are those of its header', async () => {
    const { info } = await openFixture('photo.jpg');
    const { levels, icc, exif, metadata, ...rest } = info;
    assert.deepEqual(rest, {
      format: 'jpeg',
      bands: 3,
      bitsPerSample: 8,
      sampleFormat: 'uint',
      colorSpace: 'rgb',
      sampleRange: { min: [0, 0, 0], max: [255, 255, 255] },
      pages: [{ name: '', scale: 1 }],
      resolution: { x: 300, y: 300, unit: 'inch' },
    });
    assert.deepEqual(levels[1], {
      width: 280,
      height: 210,
      tileWidth: 256,
      tileHeight: 256,
      compression: 'jpeg',
      isCut: true,
    });
    assert.ok(icc && exif);
    assert.deepEqual(Object.keys(metadata), ['rights', 'description', 'creator', 'make', 'model', 'xmp']);
  });

  it('take the density of EXIF where JFIF has no unit', async () => {
    const picture = await gradient(8, 8, 3).jpeg().withMetadata({ density: 150 }).toBuffer();
    const at = picture.indexOf('JFIF');
    if (at > 0) picture[at + 7] = 0;
    const { resolution } = (await openBytes(picture)).info;
    assert.equal(resolution?.unit, 'inch');
    assert.ok(Math.abs(resolution.x - 150) < 0.01);
  });
});

describe('pixels of a JPEG', () => {
  it('are the same in every window, whichever band of rows they come from', async () => {
    const file = await gradient(9_000, 2_300, 3).jpeg({ quality: 90 }).toBuffer();
    const reader = await openBytes(file);
    const truth = await sharp(file).raw().toBuffer();
    for (const y of [0, 500, 600, 1_000, 1_790, 2_200]) {
      const window = { x: 4_000, y, width: 5, height: 100 };
      const raster = await reader.readWindow({ page: 0, level: 0, window });
      const expected = [];
      for (let row = y; row < y + 100; row++) {
        const start = (row * 9_000 + 4_000) * 3;
        expected.push(...truth.subarray(start, start + 15));
      }
      assertClose(raster.data, expected, 0);
    }
  });

  it('are reduced to every level', async () => {
    const file = await gradient(701, 333, 3).jpeg({ quality: 95 }).toBuffer();
    const reader = await openBytes(file);
    assert.deepEqual(
      reader.info.levels.map(({ width, height }) => [width, height]),
      [
        [701, 333],
        [350, 166],
        [175, 83],
      ],
    );
    for (const [level, { width, height }] of reader.info.levels.entries()) {
      const expected = await gradient(701, 333, 3).resize(width, height, { fit: 'fill' }).raw().toBuffer();
      assertClose((await readLevel(reader, level)).data, expected, 6);
    }
  });

  it('are decoded once for many tiles', async () => {
    const { source, counts } = countingSource(memorySource(readFileSync(fixture('photo-large.jpg'))));
    const reader = await openImage(source);
    counts.reads = 0;
    for (let x = 0; x < 5; x++)
      await reader.readWindow({ page: 0, level: 0, window: { x: x * 256, y: 512, width: 256, height: 256 } });
    assert.equal(counts.reads, 1);
  });

  it('of CMYK have 0 for no ink, however the file has it', async () => {
    const inks = await gradient(64, 48, 3).toColourspace('cmyk').tiff({ compression: 'none' }).toBuffer();
    const truth = await sharp(inks).pipelineColourspace('cmyk').toColourspace('cmyk').raw().toBuffer();
    const file = await sharp(inks)
      .pipelineColourspace('cmyk')
      .toColourspace('cmyk')
      .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
      .toBuffer();
    const reader = await openBytes(file);
    assert.deepEqual([reader.info.colorSpace, reader.info.bands], ['cmyk', 4]);
    assertClose((await readLevel(reader)).data, truth, 6);
  });

  it('are shown as far as a file goes', async () => {
    const file = readFileSync(fixture('photo.jpg'));
    const reader = await openBytes(file.subarray(0, Math.floor(file.length / 2)));
    const raster = await readLevel(reader);
    const truth = await sharp(file).raw().toBuffer();
    assertClose(raster.data.subarray(0, 560 * 3 * 60), truth.subarray(0, 560 * 3 * 60), 0);
    assert.notDeepEqual(raster.data, new Uint8Array(truth));
  });
});

describe('JPEG that is refused', () => {
  const changed = (offset: number, ...bytes: number[]): Buffer => {
    const file = readFileSync(fixture('photo-grey.jpg'));
    const frame = file.indexOf(Buffer.of(0xff, 0xc0));
    bytes.forEach((byte, i) => (file[frame + offset + i] = byte));
    return file;
  };
  const cases: readonly (readonly [string, Uint8Array, string, RegExp])[] = [
    ['12 bits', changed(4, 12), 'unsupported', /12 bits/],
    ['lossless', changed(1, 0xc3), 'unsupported', /lossless/],
    ['hierarchical', changed(1, 0xc5), 'unsupported', /hierarchical/],
    ['no size', changed(5, 0, 0), 'damaged', /no size/],
    ['65,535 × 65,535 pixels in 19 KB', changed(5, 0xff, 0xff, 0xff, 0xff), 'damaged', /few bytes/],
    [
      'progressive pixels without end',
      changed(1, 0xc2, 0, 11, 8, 0xff, 0xff, 0xff, 0xff),
      'too-large',
      /too large/,
    ],
  ];
  for (const [name, file, kind, message] of cases)
    it(name, () => assert.rejects(openBytes(file), { kind, message }));

  it('two components', async () => {
    const frame = Buffer.of(
      0xff,
      0xd8,
      0xff,
      0xc0,
      0,
      14,
      8,
      0,
      9,
      0,
      9,
      2,
      1,
      0x11,
      0,
      2,
      0x11,
      0,
      0xff,
      0xda,
      0,
      2,
    );
    await assert.rejects(openBytes(frame), { kind: 'unsupported', message: /2 components/ });
  });

  it('a header without tables, once it is decoded', async () => {
    const frame = Buffer.of(
      0xff,
      0xd8,
      0xff,
      0xc0,
      0,
      11,
      8,
      0,
      9,
      0,
      9,
      1,
      1,
      0x11,
      0,
      0xff,
      0xda,
      0,
      8,
      1,
      1,
      0,
      0,
      63,
      0,
    );
    const reader = await openBytes(frame);
    await assert.rejects(readLevel(reader), { kind: 'damaged' });
  });
});
