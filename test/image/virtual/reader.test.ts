import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Averager } from '../../../src/image/virtual/average.ts';
import { LevelStore, storeMemory } from '../../../src/image/flat/level-store.ts';
import { infoOfPage } from '../../../src/image/info.ts';
import type { ImageInfo, LevelInfo } from '../../../src/image/info.ts';
import { memorySource } from '../../../src/image/memory-source.ts';
import { openImage } from '../../../src/image/open.ts';
import type { Raster } from '../../../src/image/raster.ts';
import type { ImageReader, WindowAddress } from '../../../src/image/reader.ts';
import { withVirtualLevels } from '../../../src/image/virtual/reader.ts';
import { buildTiff, pictureTags } from '../support/build-tiff.ts';
import { openBytes, openFixture, readLevel } from '../support/sources.ts';

const sizes = (levels: readonly LevelInfo[]): string[] =>
  levels.map(({ width, height, virtual }) => `${virtual === undefined ? '' : '~'}${width}x${height}`);

/** A reader of one stored level, gray, whose sample at (x, y) is a function of both; it tells what was read. */
function pattern(
  level: LevelInfo,
  sample: (x: number, y: number) => number,
): ImageReader & { reads: WindowAddress[] } {
  const info: ImageInfo = {
    format: 'tiff',
    levels: [level],
    bands: 1,
    bitsPerSample: 8,
    sampleFormat: 'uint',
    colorSpace: 'gray',
    sampleRange: { min: [0], max: [255] },
    metadata: {},
    pages: [{ name: '', scale: 1 }],
  };
  const reads: WindowAddress[] = [];
  return {
    info,
    reads,
    readWindow(address) {
      reads.push(address);
      const { x, y, width, height } = address.window;
      const data = Uint8Array.from({ length: width * height }, (_, i) =>
        sample(x + (i % width), y + Math.floor(i / width)),
      );
      return Promise.resolve({ width, height, bands: 1, bitsPerSample: 8, sampleFormat: 'uint', data });
    },
    readEncodedTile: () => Promise.resolve(new Uint8Array([1])),
    close: () => {},
  };
}

const tiled = (width: number, height: number, side: number): LevelInfo => ({
  width,
  height,
  tileWidth: side,
  tileHeight: side,
  compression: 'none',
});

const NO_STORE = new LevelStore(storeMemory(0));
let files = 0;

/** `reader` as one of a file of `size` bytes. */
function virtual(reader: ImageReader, size = 1e6, store = NO_STORE): ImageReader {
  const identity = { size, mtimeMs: 0, inode: ++files };
  return withVirtualLevels(reader, { ...memorySource(new Uint8Array()), identity }, store);
}

describe('virtual levels', () => {
  const cases: readonly (readonly [string, LevelInfo, readonly string[]])[] = [
    [
      'halve a tiled picture until one tile holds it',
      tiled(1100, 700, 128),
      ['1100x700', '~550x350', '~275x175', '~137x87', '~68x43'],
    ],
    ['are not needed for a few tiles', tiled(1024, 900, 256), ['1024x900']],
    [
      'halve a picture in strips from two tiles on',
      { ...tiled(300, 1000, 256), isCut: true },
      ['300x1000', '~150x500', '~75x250'],
    ],
    ['have no side of 0', { ...tiled(3, 1025, 256), isCut: true }, ['3x1025', '~1x512', '~1x256']],
  ];
  for (const [name, level, expected] of cases)
    it(name, () => assert.deepEqual(sizes(virtual(pattern(level, () => 0)).info.levels), expected));

  it('fill the gaps of pyramids that shrink by more than two', async () => {
    const strips = (width: number, height: number, role: number) => ({
      tags: pictureTags({
        width,
        height,
        rowsPerStrip: height,
        extra: [{ tag: 'NewSubfileType', type: 'long', values: [role] }],
      }),
      segments: [new Uint8Array(width * height).fill(9)],
      segmentKind: 'strips' as const,
    });
    const { info } = await openBytes(buildTiff([strips(1600, 80, 0), strips(400, 20, 1), strips(133, 7, 1)]));
    assert.deepEqual(sizes(info.levels), ['1600x80', '~800x40', '400x20', '~200x10', '133x7']);
  });

  it('are means of squares, whatever the window', async () => {
    const stored = pattern(tiled(1101, 703, 16), (x, y) => (x * 7 + y * 13) % 251);
    const reader = virtual(stored);
    const level = 3;
    const { width, height } = reader.info.levels[level]!;
    const mean = (x: number, y: number): number => {
      let sum = 0;
      for (let i = 0; i < 64; i++) sum += ((x * 8 + (i % 8)) * 7 + (y * 8 + (i >> 3)) * 13) % 251;
      return Math.floor(sum / 64 + 0.5);
    };
    for (const window of [
      { x: 0, y: 0, width, height },
      { x: 5, y: 3, width: 7, height: 4 },
      { x: width - 1, y: height - 1, width: 1, height: 1 },
    ]) {
      const { data } = await reader.readWindow({ page: 0, level, window });
      const expected = Array.from(data, (_, i) =>
        mean(window.x + (i % window.width), window.y + Math.floor(i / window.width)),
      );
      assert.deepEqual([...data], expected);
    }
  });

  it('of JPEG 2000 are rounded up, as its own are', () => {
    const stored = pattern({ ...tiled(1101, 703, 256), isCut: true }, () => 0);
    const jp2 = virtual({ ...stored, info: { ...stored.info, format: 'jp2' } });
    assert.deepEqual(sizes(jp2.info.levels), ['1101x703', '~551x352', '~276x176', '~138x88']);
  });

  it('are the same pixels whether they are kept or made for each window', async () => {
    for (const level of [tiled(1101, 703, 16), { ...tiled(1101, 703, 256), isCut: true as const }]) {
      const sample = (x: number, y: number): number => (x * x + y * 13) % 251;
      const kept = virtual(pattern(level, sample), 1e6, new LevelStore(storeMemory(2 ** 24)));
      const made = virtual(pattern(level, sample));
      for (let i = 1; i < made.info.levels.length; i++)
        assert.deepEqual((await readLevel(kept, i)).data, (await readLevel(made, i)).data, `level ${i}`);
    }
  });

  it('that are kept read every tile once for all of them', async () => {
    for (const level of [
      tiled(1101, 703, 16),
      tiled(1101, 703, 48),
      { ...tiled(1101, 703, 256), isCut: true as const, rowsTogether: 40 },
    ]) {
      const stored = pattern(level, () => 1);
      const reader = virtual(stored, 1e6, new LevelStore(storeMemory(2 ** 24)));
      const last = reader.info.levels.length - 1;
      for (let i = last; i > 0; i--) await readLevel(reader, i);
      const rows = stored.reads.reduce((sum, { window }) => sum + window.width * window.height, 0);
      assert.ok(rows <= 1101 * 703, `${rows} pixels`);
      const side = level.rowsTogether ?? level.tileHeight;
      assert.ok(stored.reads.every(({ window }) => window.y % side === 0));
    }
  });

  it('that are too large to be kept are made for each window, those below them once', async () => {
    const stored = pattern(tiled(8192, 8192, 256), () => 1);
    const reader = virtual(stored, 1e6, new LevelStore(storeMemory(2 ** 26)));
    const tile = { x: 0, y: 0, width: 256, height: 256 };
    await reader.readWindow({ page: 0, level: 1, window: tile });
    assert.equal(
      stored.reads.reduce((sum, { window }) => sum + window.width * window.height, 0),
      512 * 512,
    );
    stored.reads.length = 0;
    for (const level of [2, 3, 4, 5]) await reader.readWindow({ page: 0, level, window: tile });
    assert.equal(
      stored.reads.reduce((sum, { window }) => sum + window.width * window.height, 0),
      8192 * 8192,
    );
  });

  it('are kept for each number of layers', async () => {
    const stored = pattern({ ...tiled(600, 600, 256), isCut: true }, () => 1);
    const reader = virtual(stored, 1e6, new LevelStore(storeMemory(2 ** 24)));
    const window = { x: 0, y: 0, width: 1, height: 1 };
    for (const layers of [1, 2, 1, 2]) await reader.readWindow({ page: 0, level: 1, window, layers });
    assert.deepEqual(new Set(stored.reads.map(({ layers }) => layers)), new Set([1, 2]));
    assert.equal(stored.reads.length, 2);
  });

  it('read every tile of what is under the window once', async () => {
    const stored = pattern(tiled(4096, 4096, 256), () => 1);
    const reader = virtual(stored);
    await reader.readWindow({ page: 0, level: 3, window: { x: 10, y: 10, width: 100, height: 100 } });
    const tiles = stored.reads.flatMap(({ window: { x, y, width, height } }) => {
      const found: string[] = [];
      for (let row = y >> 8; row <= (y + height - 1) >> 8; row++)
        for (let column = x >> 8; column <= (x + width - 1) >> 8; column++) found.push(`${column},${row}`);
      return found;
    });
    assert.equal(new Set(tiles).size, tiles.length);
    assert.equal(tiles.length, 16);
  });

  it('of strips are read in pieces of bounded size', async () => {
    const stored = pattern({ ...tiled(20_000, 2_000, 256), isCut: true }, () => 7);
    const reader = virtual(stored);
    const last = reader.info.levels.length - 1;
    const raster = await readLevel(reader, last);
    assert.deepEqual(new Set(raster.data), new Set([7]));
    assert.ok(stored.reads.every(({ window }) => window.width * window.height <= 2 ** 20));
    assert.equal(stored.reads.reduce((rows, { window }) => rows + window.height, 0) >= 1_920, true);
  });

  it('are no stored tiles, stored levels are', async () => {
    const reader = virtual(pattern(tiled(5000, 5000, 256), () => 0));
    const tile = { page: 0, column: 0, row: 0 };
    assert.deepEqual(await reader.readEncodedTile({ ...tile, level: 0 }), new Uint8Array([1]));
    assert.equal(await reader.readEncodedTile({ ...tile, level: 1 }), undefined);
  });

  it('that would cost too much are refused before anything is read', async () => {
    const huge = pattern(tiled(200_000, 200_000, 256), () => 0);
    const reader = virtual(huge, 1e9);
    const last = reader.info.levels.length - 1;
    await assert.rejects(readLevel(reader, last), { kind: 'too-large' });
    assert.equal(huge.reads.length, 0);
  });

  it('of a file with far too few bytes are refused', async () => {
    const bomb = pattern(tiled(30_000, 30_000, 256), () => 0);
    await assert.rejects(readLevel(virtual(bomb, 1_000), 6), { kind: 'too-large' });
  });

  it('stop when nobody waits', async () => {
    const reader = virtual(pattern(tiled(5000, 5000, 256), () => 0));
    const window = { x: 0, y: 0, width: 1, height: 1 };
    await assert.rejects(async () => reader.readWindow({ page: 0, level: 1, window }, AbortSignal.abort()), {
      name: 'AbortError',
    });
  });

  it('of a strip TIFF are close to what another program makes of it', async () => {
    const reader = await openFixture('rgb-strips.tif');
    const full = await readLevel(reader, 0);
    const half = await readLevel(reader, 1);
    for (let i = 0; i < half.data.length; i += 101) {
      const [pixel, band] = [Math.floor(i / 3), i % 3];
      const [x, y] = [pixel % half.width, Math.floor(pixel / half.width)];
      const at = (dx: number, dy: number): number =>
        full.data[((2 * y + dy) * full.width + 2 * x + dx) * 3 + band]!;
      assert.equal(half.data[i], Math.floor((at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1) + 2) / 4));
    }
  });

  it('belong to every page', async () => {
    const page = (width: number) => ({
      tags: pictureTags({ width, height: 10, rowsPerStrip: 10 }),
      segments: [new Uint8Array(width * 10)],
      segmentKind: 'strips' as const,
    });
    const { info } = await openImage(memorySource(buildTiff([page(200), page(600)])));
    assert.deepEqual(sizes(infoOfPage(info, 0).levels), ['200x10']);
    assert.deepEqual(sizes(infoOfPage(info, 1).levels), ['600x10', '~300x5', '~150x2']);
  });
});

describe('Averager', () => {
  const average = (
    raster: Omit<Raster, 'width' | 'height'> & { width: number; height: number },
    colorSpace: ImageInfo['colorSpace'],
  ): Raster => {
    const averager = new Averager({
      factor: 2,
      full: raster,
      window: { x: 0, y: 0, width: Math.max(1, raster.width >> 1), height: Math.max(1, raster.height >> 1) },
      bands: raster.bands,
      colorSpace,
    });
    averager.add(raster, { x: 0, y: 0 });
    return averager.finish();
  };
  const base = { width: 2, height: 2, bands: 1, bitsPerSample: 8, sampleFormat: 'uint' } as const;

  it('rounds to the nearest', () => {
    assert.deepEqual([...average({ ...base, data: new Uint8Array([1, 2, 2, 2]) }, 'gray').data], [2]);
    assert.deepEqual([...average({ ...base, data: new Uint8Array([1, 1, 2, 2]) }, 'gray').data], [2]);
    assert.deepEqual([...average({ ...base, data: new Uint8Array([1, 1, 1, 2]) }, 'gray').data], [1]);
  });

  it('keeps the sign of a and b', () => {
    const data = new Uint8Array([100, 250, 2, 100, 2, 254, 200, 254, 2, 200, 6, 254]);
    assert.deepEqual([...average({ ...base, bands: 3, data }, 'cielab').data], [150, 0, 0]);
    const wide = new Uint16Array([0, 65_535, 0, 0, 65_533, 0, 0, 65_535, 0, 0, 65_533, 0]);
    const lab = average({ ...base, bands: 3, bitsPerSample: 16, data: wide }, 'cielab');
    assert.deepEqual([...lab.data], [0, 65_534, 0]);
  });

  it('leaves out what is no number', () => {
    const data = new Float32Array([1, NaN, 3, NaN]);
    const raster = { ...base, bitsPerSample: 32, sampleFormat: 'float', data } as const;
    assert.deepEqual([...average(raster, 'gray').data], [2]);
    assert.deepEqual([...average({ ...raster, data: new Float32Array(4).fill(NaN) }, 'gray').data], [NaN]);
  });

  it('takes the whole range of 32 bits', () => {
    const data = new Uint32Array([0xffffffff, 0xffffffff, 0xfffffffd, 0xfffffffd]);
    assert.deepEqual([...average({ ...base, bitsPerSample: 32, data }, 'gray').data], [0xfffffffe]);
  });

  it('divides by what there is where a side is shorter than a square', () => {
    const data = new Uint8Array([10, 20]);
    assert.deepEqual([...average({ ...base, height: 1, data }, 'gray').data], [15]);
  });
});
