/** JPEG inside TIFF: files of cjpeg as tiles, with and without shared tables, and what djpeg says of their pixels. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { markerSegments, MARKER } from '../../../src/image/jpeg/markers.ts';
import { assertClose } from '../../contract/reader-contract.ts';
import { buildTiff, pictureTags, type TagSpec } from '../support/build-tiff.ts';
import { fixture, openBytes, readLevel } from '../support/sources.ts';

const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(fixture(`flat/${name}.jpg`)));
const rawPixels = (name: string): Promise<Buffer> =>
  sharp(fixture(`flat/${name}.png`))
    .raw()
    .toBuffer();

/** DQT and DHT. */
const TABLES: readonly number[] = [0xdb, MARKER.DHT];

/** The tables of a JPEG as a stream of their own, and the JPEG without them (TechNote 2, abbreviated formats). */
function split(bytes: Uint8Array): { readonly tables: Uint8Array; readonly rest: Uint8Array } {
  const segments = markerSegments(bytes);
  const scan = segments.at(-1)!;
  const pick = (isTable: boolean): Uint8Array[] =>
    segments
      .filter((segment) => segment !== scan && TABLES.includes(segment.marker) === isTable)
      .map(({ start, end }) => bytes.subarray(start, end));
  const ends = [Uint8Array.of(0xff, MARKER.SOI), Uint8Array.of(0xff, MARKER.EOI)] as const;
  return {
    tables: new Uint8Array(Buffer.concat([ends[0], ...pick(true), ends[1]])),
    rest: new Uint8Array(Buffer.concat([ends[0], ...pick(false), bytes.subarray(scan.start)])),
  };
}

interface Inside {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly photometric: number;
  readonly bands?: number;
  readonly subsampling?: readonly [number, number];
  readonly hasTables: boolean;
}

/** Two tiles beside each other, the same picture in both. */
function tiled({ name, width, height, photometric, bands = 3, subsampling, hasTables }: Inside): Uint8Array {
  const whole = bytesOf(name);
  const { tables, rest } = split(whole);
  const extra: TagSpec[] = [
    ...(hasTables ? [{ tag: 'JPEGTables', type: 'undefined', values: tables } as const] : []),
    ...(subsampling === undefined
      ? []
      : [{ tag: 'YCbCrSubSampling', type: 'short', values: subsampling } as const]),
  ];
  const tile = { width, height };
  const tags = pictureTags({ width: 2 * width, height, bands, photometric, compression: 7, tile, extra });
  const segment = hasTables ? rest : whole;
  return buildTiff([{ tags, segments: [segment, segment] }]);
}

/** The truth of one tile, twice in each row. */
function twice(pixels: Uint8Array, width: number, bands: number): Uint8Array {
  const rows: Uint8Array[] = [];
  for (let at = 0; at < pixels.length; at += width * bands) {
    const row = pixels.subarray(at, at + width * bands);
    rows.push(row, row);
  }
  return new Uint8Array(Buffer.concat(rows));
}

const SIZE = { width: 64, height: 48 };

describe('TIFF tiles of JPEG', () => {
  for (const hasTables of [true, false]) {
    const how = hasTables ? 'with JPEGTables' : 'with tables of their own';
    for (const [name, subsampling] of [
      ['444', [1, 1]],
      ['422', [2, 1]],
      ['420', [2, 2]],
      ['440', [1, 2]],
      ['411', [4, 1]],
    ] as const) {
      it(`YCbCr ${name} ${how}`, async () => {
        const inside = { name: `jpeg-${name}`, ...SIZE, photometric: 6, subsampling, hasTables };
        const reader = await openBytes(tiled(inside));
        assert.equal(reader.info.colorSpace, 'rgb');
        const truth = twice(await rawPixels(`jpeg-${name}.djpeg`), SIZE.width, 3);
        assertClose((await readLevel(reader)).data, truth, 0);
        const stored = await reader.readEncodedTile({ page: 0, level: 0, column: 1, row: 0 });
        assert.ok(stored !== undefined);
        assertClose(await sharp(stored).raw().toBuffer(), await rawPixels(`jpeg-${name}.djpeg`), 0);
      });
    }

    it(`RGB ${how}`, async () => {
      const reader = await openBytes(tiled({ name: 'jpeg-rgb', ...SIZE, photometric: 2, hasTables }));
      const truth = twice(await rawPixels('jpeg-rgb.djpeg'), SIZE.width, 3);
      assertClose((await readLevel(reader)).data, truth, 0);
    });

    it(`CMYK ${how}, as its numbers are`, async () => {
      const inside = {
        name: 'jpeg-cmyk-plain',
        width: 300,
        height: 200,
        photometric: 5,
        bands: 4,
        hasTables,
      };
      const reader = await openBytes(tiled(inside));
      assert.equal(reader.info.colorSpace, 'cmyk');
      // A TIFF has 0 for no ink; the numbers of this file are the other way round.
      const truth = (await rawPixels('scene-cmyk')).map((ink) => 255 - ink);
      assertClose((await readLevel(reader)).data, twice(truth, 300, 4), 12);
    });
  }

  it('what the tags say of colors wins over what the tile says', async () => {
    // The same numbers as luma and chroma, and as red, green and blue.
    const [ycbcr, rgb] = await Promise.all(
      [6, 2].map(async (photometric) =>
        readLevel(await openBytes(tiled({ name: 'jpeg-444', ...SIZE, photometric, hasTables: true }))),
      ),
    );
    assertClose(ycbcr!.data, twice(await rawPixels('jpeg-444.djpeg'), SIZE.width, 3), 0);
    const luma = await sharp(await rawPixels('jpeg-444.djpeg'), { raw: { ...SIZE, channels: 3 } })
      .extractChannel(0)
      .raw()
      .toBuffer();
    assert.notEqual(Math.abs(rgb!.data[0]! - luma[0]!), 0);
  });

  it('of 12 bits are refused by name', async () => {
    const tags = pictureTags({
      width: 64,
      height: 48,
      bits: 12,
      compression: 7,
      tile: SIZE,
    });
    const file = buildTiff([{ tags, segments: [bytesOf('jpeg-444')] }]);
    await assert.rejects(openBytes(file), { kind: 'unsupported', message: /12 bits in "jpeg"/ });
  });
});

describe('TIFF compressions that are known by name only', () => {
  for (const [number, name] of [
    [6, /old-style jpeg/],
    [50_002, /jpeg xl/],
    [52_546, /jpeg xl/],
    [34_934, /jpeg xr/],
    [34_661, /jbig/],
    [32_809, /thunderscan/],
    [34_892, /lossy jpeg/],
    [60_123, /compression 60123/],
  ] as const) {
    it(`${number} is 501 as ${name.source}`, async () => {
      const tags = pictureTags({ width: 16, height: 16, compression: number });
      const file = buildTiff([{ tags, segments: [new Uint8Array(10)] }]);
      await assert.rejects(openBytes(file), { kind: 'unsupported', message: name, status: 501 });
    });
  }
});
