import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openImage } from '../../../src/image/open.ts';
import { TAG, TYPE } from '../../../src/image/tiff/tags.ts';
import { countingSource, fileSource, fixture } from '../support/sources.ts';
import type { Counts } from '../support/sources.ts';

/** A BigTIFF of 100,000 × 100,000 pixels in 8 levels, laid out as libtiff does, without the pixels. */
const SIDE = 100_000;
const LEVELS = 8;
/** Between the directories, where the tiles of a level would be. */
const GAP = 50_000_000;

function writePyramid(file: string): void {
  const descriptor = openSync(file, 'w');
  let at = GAP;
  let link = 8;
  writeSync(descriptor, Buffer.from('II+\0\x08\0\0\0', 'latin1'), 0, 8, 0);
  for (let level = 0; level < LEVELS; level++) {
    const side = SIDE >> level;
    const tiles = Math.ceil(side / 256) ** 2;
    const arrays = at + 1_000;
    const entries: readonly (readonly [tag: number, type: number, count: number, value: number])[] = [
      [TAG.NewSubfileType, TYPE.long, 1, level === 0 ? 0 : 1],
      [TAG.ImageWidth, TYPE.long, 1, side],
      [TAG.ImageLength, TYPE.long, 1, side],
      [TAG.BitsPerSample, TYPE.short, 1, 8],
      [TAG.Compression, TYPE.short, 1, 8],
      [TAG.PhotometricInterpretation, TYPE.short, 1, 1],
      [TAG.SamplesPerPixel, TYPE.short, 1, 1],
      [TAG.TileWidth, TYPE.short, 1, 256],
      [TAG.TileLength, TYPE.short, 1, 256],
      [TAG.TileOffsets, TYPE.long8, tiles, arrays],
      [TAG.TileByteCounts, TYPE.long, tiles, arrays + tiles * 8],
      // Values behind the arrays, as those of later tags are.
      [TAG.ICCProfile, TYPE.undefined, 3_144, arrays + tiles * 12],
    ];
    const directory = Buffer.alloc(8 + entries.length * 20 + 8);
    directory.writeBigUInt64LE(BigInt(entries.length), 0);
    entries.forEach(([tag, type, count, value], i) => {
      directory.writeUInt16LE(tag, 8 + i * 20);
      directory.writeUInt16LE(type, 10 + i * 20);
      directory.writeBigUInt64LE(BigInt(count), 12 + i * 20);
      directory.writeBigUInt64LE(BigInt(value), 20 + i * 20);
    });
    writeSync(descriptor, directory, 0, directory.length, at);
    const pointer = Buffer.alloc(8);
    pointer.writeBigUInt64LE(BigInt(at), 0);
    writeSync(descriptor, pointer, 0, 8, link);
    link = at + directory.length - 8;
    at = arrays + tiles * 12 + 3_144 + GAP;
  }
  ftruncateSync(descriptor, at);
  closeSync(descriptor);
}

describe('opening a BigTIFF of 100,000 × 100,000 pixels', () => {
  let folder: string;
  let file: string;
  before(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'pyramid-'));
    file = path.join(folder, 'pyramid.tif');
    writePyramid(file);
  });
  after(() => rmSync(folder, { recursive: true }));

  it('takes at most 10 reads and 256 KB', async () => {
    const { source, counts } = countingSource(fileSource(file));
    const { info } = await openImage(source);
    assert.equal(info.levels.length, LEVELS);
    assert.equal(info.icc?.length, 3_144);
    assert.ok(counts.reads <= 10 && counts.bytes <= 256 * 1_024, JSON.stringify(counts));
    source.close();
  });

  it('reads the arrays of tiles in slices', async () => {
    const { source, counts } = countingSource(fileSource(file));
    const reader = await openImage(source);
    const before = { ...counts };
    const raster = await reader.readWindow({
      page: 0,
      level: 0,
      window: { x: 70_000, y: 90_000, width: 9, height: 9 },
    });
    assert.ok(raster.data.every((sample) => sample === 0));
    assert.ok(counts.reads - before.reads <= 2, JSON.stringify(counts));
    assert.ok(counts.bytes - before.bytes <= 16_384, JSON.stringify(counts));
    source.close();
  });
});

describe('opening fixtures', () => {
  const limits: readonly (readonly [string, Counts])[] = [
    ['rgb-deflate.tif', { reads: 5, bytes: 100_000 }],
    ['metadata.tif', { reads: 2, bytes: 40_000 }],
    // The second read looks whether the file has an end: a picture that is cut off is told in the log.
    ['photo-large.jpg', { reads: 2, bytes: 30_000 }],
  ];
  for (const [name, { reads, bytes }] of limits) {
    it(`reads little of ${name}`, async () => {
      const { source, counts } = countingSource(fileSource(fixture(name)));
      await openImage(source);
      assert.ok(counts.reads <= reads && counts.bytes <= bytes, JSON.stringify(counts));
      source.close();
    });
  }
});
