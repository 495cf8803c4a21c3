/** What every reader of images must do, whatever the format: one suite, run against each of them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { ServerError } from '../../src/errors.ts';
import { memorySource } from '../../src/image/memory-source.ts';
import { openImage } from '../../src/image/open.ts';
import type { Raster, Rectangle } from '../../src/image/raster.ts';
import type { ImageReader } from '../../src/image/reader.ts';
import type { ReadMode } from '../../src/image/file-source.ts';
import { fileSource, readLevel } from '../image/support/sources.ts';

/** A file and the picture in it, which something else than the reader has made. */
export interface ReaderFixture {
  readonly name: string;
  readonly file: string;
  /** Samples of the full size, side by side and row after row, in the values that rasters of this image have. */
  readonly truth: () => Promise<ArrayLike<number>>;
  /** Largest difference of a sample from the truth. */
  readonly tolerance: number;
}

/** Runs the suite on one file, read in both ways. */
export function testReader(fixture: ReaderFixture): void {
  for (const mode of ['sync', 'async'] as const) {
    describe(`${fixture.name}, ${mode}`, () => {
      describeInfo(fixture, mode);
      describeWindows(fixture, mode);
      describeRefusals(fixture, mode);
    });
  }
  describe(`${fixture.name}, cut off`, () => describeTruncation(fixture));
}

function describeInfo({ file }: ReaderFixture, mode: ReadMode): void {
  it('has levels that shrink and are never empty', async () => {
    const { info } = await openImage(fileSource(file, mode));
    assert.ok(info.levels.length > 0);
    info.levels.forEach((level, i) => {
      const sizes = [level.width, level.height, level.tileWidth, level.tileHeight];
      assert.ok(
        sizes.every((size) => Number.isInteger(size) && size > 0),
        `level ${i}: ${sizes.join(' ')}`,
      );
      const larger = info.levels[i - 1];
      if (larger === undefined) return;
      assert.ok(level.width <= larger.width && level.height <= larger.height, `level ${i} grows`);
      assert.ok(level.width < larger.width || level.height < larger.height, `level ${i} does not shrink`);
    });
  });

  it('has pages, and a range for every band', async () => {
    const { info } = await openImage(fileSource(file, mode));
    assert.ok(info.pages.length > 0);
    assert.ok(info.bands > 0 && info.bitsPerSample > 0);
    assert.equal(info.sampleRange.min.length, info.bands);
    assert.equal(info.sampleRange.max.length, info.bands);
  });

  it('has plain data as info', async () => {
    const { info } = await openImage(fileSource(file, mode));
    assert.deepEqual(structuredClone(info), info);
  });
}

function describeWindows(fixture: ReaderFixture, mode: ReadMode): void {
  const { file, truth, tolerance } = fixture;

  it('gives the picture', async () => {
    const reader = await openImage(fileSource(file, mode));
    const raster = await readLevel(reader);
    checkRaster(reader, raster, reader.info.levels[0]!);
    assertClose(raster.data, await truth(), tolerance);
  });

  it('gives windows that are cut out of their level', async () => {
    const reader = await openImage(fileSource(file, mode));
    for (const level of new Set([0, reader.info.levels.length - 1])) {
      const full = await readLevel(reader, level);
      for (const window of windowsOf(full)) {
        const raster = await reader.readWindow({ page: 0, level, window });
        checkRaster(reader, raster, window);
        assert.ok(
          isEqual(raster.data, crop(full, window)),
          `${JSON.stringify(window)} of level ${level} differs`,
        );
      }
    }
  });

  it('gives rasters that belong to the caller', async () => {
    const reader = await openImage(fileSource(file, mode));
    const last = reader.info.levels.length - 1;
    const first = await readLevel(reader, last);
    const kept = first.data.slice();
    first.data.fill(77);
    assert.ok(isEqual((await readLevel(reader, last)).data, kept));
  });

  it('reads two windows at a time', async () => {
    const reader = await openImage(fileSource(file, mode));
    const { width, height } = reader.info.levels[0]!;
    const window = { x: 0, y: 0, width: Math.min(width, 300), height: Math.min(height, 300) };
    const [one, two] = await Promise.all([
      reader.readWindow({ page: 0, level: 0, window }),
      reader.readWindow({ page: 0, level: 0, window }),
    ]);
    assert.ok(isEqual(one.data, two.data));
    assert.notEqual(one.data.buffer, two.data.buffer);
  });

  it('reads again after it was closed', async () => {
    const reader = await openImage(fileSource(file, mode));
    const last = reader.info.levels.length - 1;
    const before = await readLevel(reader, last);
    reader.close();
    assert.ok(isEqual((await readLevel(reader, last)).data, before.data));
    reader.close();
  });

  it('gives whole interior tiles as stored, or none', async () => {
    const reader = await openImage(fileSource(file, mode));
    const { width, height, tileWidth, tileHeight, storedEncoding } = reader.info.levels[0]!;
    const encoded = await reader.readEncodedTile({ page: 0, level: 0, column: 0, row: 0 });
    const isWhole = tileWidth <= width && tileHeight <= height;
    if (storedEncoding === undefined || !isWhole) return assert.equal(encoded, undefined);
    assert.ok(encoded !== undefined);
    const metadata = await sharp(encoded).metadata();
    assert.deepEqual(
      [metadata.format, metadata.width, metadata.height],
      [storedEncoding, tileWidth, tileHeight],
    );
    const picture = reader.info.bands === 1 ? sharp(encoded).toColourspace('b-w') : sharp(encoded);
    const window = { x: 0, y: 0, width: tileWidth, height: tileHeight };
    const raster = await reader.readWindow({ page: 0, level: 0, window });
    assertClose(await picture.raw().toBuffer(), raster.data, 2);
  });
}

function describeRefusals({ file }: ReaderFixture, mode: ReadMode): void {
  it('refuses windows, levels, pages and tiles that are not there', async () => {
    const reader = await openImage(fileSource(file, mode));
    const { levels, pages } = reader.info;
    const { width, height, tileWidth } = levels[0]!;
    const one = { x: 0, y: 0, width: 1, height: 1 };
    const addresses = [
      { page: pages.length, level: 0, window: one },
      { page: -1, level: 0, window: one },
      { page: 0, level: levels.length, window: one },
      { page: 0, level: -1, window: one },
      { page: 0, level: 0.5, window: one },
      ...[
        { ...one, x: width },
        { ...one, y: height },
        { ...one, x: -1 },
        { ...one, width: 0 },
        { ...one, height: -1 },
        { ...one, width: width + 1 },
        { ...one, x: NaN },
        { ...one, width: 0.5 },
        { ...one, height: Infinity },
      ].map((window) => ({ page: 0, level: 0, window })),
    ];
    for (const address of addresses)
      await assert.rejects(async () => reader.readWindow(address), ServerError, JSON.stringify(address));
    const columns = Math.ceil(width / tileWidth);
    for (const column of [columns, -1, NaN]) {
      await assert.rejects(
        async () => reader.readEncodedTile({ page: 0, level: 0, column, row: 0 }),
        ServerError,
      );
    }
  });

  it('stops when nobody waits', async () => {
    const reader = await openImage(fileSource(file, mode));
    const window = { x: 0, y: 0, width: 1, height: 1 };
    const reading = async () => reader.readWindow({ page: 0, level: 0, window }, AbortSignal.abort());
    await assert.rejects(reading, { name: 'AbortError' });
  });
}

/** Only errors of ours come out of a file that ends anywhere, and a picture that is given has its size. */
function describeTruncation({ file }: ReaderFixture): void {
  const bytes = readFileSync(file);
  const lengths = [
    0,
    1,
    4,
    8,
    16,
    100,
    1_000,
    ...[0.2, 0.4, 0.6, 0.8, 0.95].map((part) => Math.floor(part * bytes.length)),
    bytes.length - 1,
  ];
  for (const length of new Set(lengths.filter((length) => length < bytes.length))) {
    it(`after ${length} of ${bytes.length} bytes`, async () => {
      const outcome = await readAll(bytes.subarray(0, length));
      assert.ok(outcome === 'read' || outcome instanceof ServerError, String(outcome));
    });
  }
}

async function readAll(bytes: Uint8Array): Promise<unknown> {
  try {
    const reader = await openImage(memorySource(bytes));
    for (const level of reader.info.levels.keys()) {
      const raster = await readLevel(reader, level);
      checkRaster(reader, raster, reader.info.levels[level]!);
    }
    return 'read';
  } catch (error) {
    return error;
  }
}

function checkRaster({ info }: ImageReader, raster: Raster, size: { width: number; height: number }): void {
  assert.deepEqual([raster.width, raster.height, raster.bands], [size.width, size.height, info.bands]);
  assert.equal(raster.data.length, raster.width * raster.height * raster.bands);
  assert.equal(raster.sampleFormat, info.sampleFormat);
  const types = {
    8: Uint8Array,
    16: Uint16Array,
    32: raster.sampleFormat === 'float' ? Float32Array : Uint32Array,
  };
  assert.equal(Object.getPrototypeOf(raster.data), types[raster.bitsPerSample].prototype);
}

/** Windows that begin and end at, before and behind the borders of tiles and of the level. */
function windowsOf({ width, height }: Raster): Rectangle[] {
  const windows: Rectangle[] = [
    { x: 0, y: 0, width: 1, height: 1 },
    { x: width - 1, y: height - 1, width: 1, height: 1 },
    { x: 0, y: 0, width: Math.min(width, 256), height: Math.min(height, 256) },
    { x: 0, y: Math.floor(height / 2), width, height: 1 },
    { x: Math.floor(width / 2), y: 0, width: 1, height },
    {
      x: Math.floor(width / 3),
      y: Math.floor(height / 3),
      width: Math.ceil(width / 2),
      height: Math.ceil(height / 2),
    },
  ];
  const [x, y] = [Math.min(255, width - 1), Math.min(255, height - 1)];
  return [...windows, { x, y, width: Math.min(3, width - x), height: Math.min(3, height - y) }];
}

function crop({ width, bands, data }: Raster, window: Rectangle): number[] {
  const samples: number[] = [];
  for (let y = window.y; y < window.y + window.height; y++) {
    const start = (y * width + window.x) * bands;
    samples.push(...data.subarray(start, start + window.width * bands));
  }
  return samples;
}

/** Equal sample by sample; NaN is equal to itself. */
function isEqual(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}

export function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  assert.equal(actual.length, expected.length, 'number of samples');
  let largest = 0;
  let worst = 0;
  for (let i = 0; i < actual.length; i++) {
    const difference = Object.is(actual[i], expected[i]) ? 0 : Math.abs(actual[i]! - expected[i]!);
    if (difference > largest || Number.isNaN(difference)) {
      largest = difference;
      worst = i;
    }
  }
  assert.ok(largest <= tolerance, `sample ${worst} is ${actual[worst]}, not ${expected[worst]}`);
}
