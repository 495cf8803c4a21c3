import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { infoOfPage } from '../../src/image/info.ts';
import { memorySource } from '../../src/image/memory-source.ts';
import { openImage } from '../../src/image/open.ts';
import type { ImageReader } from '../../src/image/reader.ts';
import { uprightExif, uprightXmp } from '../../src/image/upright-metadata.ts';
import { buildTiff, pictureTags } from './support/build-tiff.ts';
import type { TagSpec } from './support/build-tiff.ts';
import { openBytes, readLevel } from './support/sources.ts';

/** 3 × 2 pixels: a b c / d e f. */
const STORED = 'abc/def';

/** What an observer sees for each orientation, from the definition of tag 274 in TIFF 6.0. */
const UPRIGHT: Readonly<Record<number, string>> = {
  1: 'abc/def',
  2: 'cba/fed',
  3: 'fed/cba',
  4: 'def/abc',
  5: 'ad/be/cf',
  6: 'da/eb/fc',
  7: 'fc/eb/da',
  8: 'cf/be/ad',
};

const bytesOf = (text: string): number[] =>
  [...text.replaceAll('/', '')].map((letter) => letter.charCodeAt(0));

const orientationTag = (value: number): TagSpec => ({ tag: 'Orientation', type: 'short', values: [value] });

function tiffBytes(orientation: number): Uint8Array {
  const tags = pictureTags({ width: 3, height: 2, rowsPerStrip: 2, extra: [orientationTag(orientation)] });
  return buildTiff([{ tags, segments: [Uint8Array.from(bytesOf(STORED))], segmentKind: 'strips' }]);
}

async function pictureText(reader: ImageReader): Promise<string> {
  const { width, data } = await readLevel(reader);
  const text = String.fromCharCode(...data);
  return (text.match(new RegExp(`.{${width}}`, 'g')) ?? []).join('/');
}

describe('orientation of a TIFF', () => {
  for (const [number, expected] of Object.entries(UPRIGHT)) {
    it(`${number} shows ${expected}`, async () => {
      const reader = await openBytes(tiffBytes(Number(number)));
      const { width, height } = reader.info.levels[0]!;
      assert.equal(`${width}x${height}`, Number(number) < 5 ? '3x2' : '2x3');
      assert.equal(await pictureText(reader), expected);
      assert.equal(reader.info.orientation, undefined);
    });
  }

  it('that makes no sense is none', async () => {
    assert.equal(await pictureText(await openBytes(tiffBytes(9))), STORED);
    assert.equal(await pictureText(await openBytes(tiffBytes(0))), STORED);
  });

  it('can be left as it is', async () => {
    const reader = await openImage(memorySource(tiffBytes(6)), { isOriented: false });
    assert.equal(await pictureText(reader), STORED);
  });

  it('turns windows, in virtual levels too, and swaps tiles and density', async () => {
    const [width, height] = [700, 300];
    const pixels = Uint8Array.from(
      { length: width * height },
      (_, i) => ((i % width) * 3 + Math.floor(i / width) * 5) & 255,
    );
    const extra: TagSpec[] = [
      orientationTag(6),
      { tag: 'XResolution', type: 'rational', values: [300] },
      { tag: 'YResolution', type: 'rational', values: [150] },
    ];
    const bytes = buildTiff([
      {
        tags: pictureTags({ width, height, rowsPerStrip: 64, extra }),
        segments: stripsOf(pixels, width, 64),
        segmentKind: 'strips',
      },
    ]);
    const reader = await openBytes(bytes);
    const plain = await openImage(memorySource(bytes), { isOriented: false });
    assert.deepEqual(reader.info.resolution, { x: 150, y: 300, unit: 'inch' });
    assert.deepEqual(
      reader.info.levels.map((level) => `${level.width}x${level.height}`),
      ['300x700', '150x350', '75x175'],
    );
    for (const level of [0, 1, 2]) {
      const stored = await readLevel(plain, level);
      const turned = await sharp(stored.data, {
        raw: { width: stored.width, height: stored.height, channels: 1 },
      })
        .rotate(90)
        .toColourspace('b-w')
        .raw()
        .toBuffer();
      assert.deepEqual([...(await readLevel(reader, level)).data], [...turned]);
      const window = { x: 11, y: 23, width: 40, height: 17 };
      const part = await reader.readWindow({ page: 0, level, window });
      const side = stored.height;
      const expected = Array.from(
        part.data,
        (_, i) => turned[(23 + Math.floor(i / 40)) * side + 11 + (i % 40)],
      );
      assert.deepEqual([...part.data], expected);
    }
  });

  it('is each page’s own', async () => {
    const page = (orientation: number) => ({
      tags: pictureTags({ width: 3, height: 2, rowsPerStrip: 2, extra: [orientationTag(orientation)] }),
      segments: [Uint8Array.from(bytesOf(STORED))],
      segmentKind: 'strips' as const,
    });
    const { info } = await openBytes(buildTiff([page(1), page(8)]));
    const sizes = [0, 1].map((number) => infoOfPage(info, number).levels[0]!);
    assert.deepEqual(
      sizes.map(({ width, height }) => [width, height]),
      [
        [3, 2],
        [2, 3],
      ],
    );
  });

  it('keeps stored tiles from being sent', async () => {
    const jpeg = await sharp({ create: { width: 32, height: 32, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer();
    const tags = (orientation: number): TagSpec[] =>
      pictureTags({
        width: 32,
        height: 32,
        bands: 3,
        photometric: 6,
        compression: 7,
        tile: { width: 32, height: 32 },
        extra: [orientationTag(orientation)],
      });
    const open = (orientation: number) =>
      openBytes(buildTiff([{ tags: tags(orientation), segments: [jpeg] }]));
    const tile = { page: 0, level: 0, column: 0, row: 0 };
    const upright = await open(1);
    assert.equal(upright.info.levels[0]!.storedEncoding, 'jpeg');
    assert.ok((await upright.readEncodedTile(tile)) !== undefined);
    const turned = await open(3);
    assert.equal(turned.info.levels[0]!.storedEncoding, undefined);
    assert.equal(await turned.readEncodedTile(tile), undefined);
  });
});

function stripsOf(pixels: Uint8Array, width: number, rows: number): Uint8Array[] {
  const strips: Uint8Array[] = [];
  for (let at = 0; at < pixels.length; at += width * rows)
    strips.push(pixels.subarray(at, at + width * rows));
  return strips;
}

describe('orientation of a JPEG', () => {
  for (let orientation = 1; orientation <= 8; orientation++) {
    it(`${orientation} is what libvips makes of it`, async () => {
      const noise = await sharp('fixtures/images/photo.jpg').resize(120, 80).jpeg({ quality: 95 }).toBuffer();
      const bytes = await sharp(noise).withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer();
      const reader = await openBytes(new Uint8Array(bytes));
      const { data, info } = await sharp(bytes).rotate().raw().toBuffer({ resolveWithObject: true });
      const raster = await readLevel(reader);
      assert.deepEqual([raster.width, raster.height], [info.width, info.height]);
      assert.ok(data.every((sample, i) => Math.abs(sample - raster.data[i]!) <= 1));
      const again = await openImage(memorySource(new Uint8Array(bytes)), { isOriented: false });
      assert.equal(again.info.orientation ?? 1, orientation);
    });
  }
});

describe('metadata of a picture that was turned', () => {
  it('says in EXIF that it stands upright, in either byte order', () => {
    for (const isLittleEndian of [true, false]) {
      const exif = buildTiff(
        [{ tags: [orientationTag(6), { tag: 'Make', type: 'ascii', values: 'maker' }] }],
        { isLittleEndian },
      );
      const upright = buildTiff(
        [{ tags: [orientationTag(1), { tag: 'Make', type: 'ascii', values: 'maker' }] }],
        { isLittleEndian },
      );
      assert.deepEqual(uprightExif(exif), upright);
    }
  });

  it('leaves EXIF without sense as it is', () => {
    for (const bytes of [
      [],
      [1, 2, 3],
      [0x49, 0x49, 42, 0, 255, 255, 255, 255],
      [0x49, 0x49, 42, 0, 8, 0, 0, 0, 9, 0],
    ])
      assert.deepEqual([...uprightExif(Uint8Array.from(bytes))], bytes);
  });

  it('says so in XMP', () => {
    assert.equal(uprightXmp('<r tiff:Orientation="6" a="6"/>'), '<r tiff:Orientation="1" a="6"/>');
    assert.equal(
      uprightXmp('<tiff:Orientation>8</tiff:Orientation>'),
      '<tiff:Orientation>1</tiff:Orientation>',
    );
  });
});
