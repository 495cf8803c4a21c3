import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateSync } from 'node:zlib';
import type { Segment } from '../../../src/image/compose.ts';
import { memorySource } from '../../../src/image/memory-source.ts';
import { openImage } from '../../../src/image/open.ts';
import { byteRaster } from '../../../src/image/raster.ts';
import { isWorthKeeping, SegmentCache } from '../../../src/image/tiff/segment-cache.ts';
import { buildTiff, pictureTags } from '../support/build-tiff.ts';
import { countingSource } from '../support/sources.ts';

const segment = (bytes: number): Segment => ({
  raster: byteRaster({ width: bytes, height: 1 }, 1, new Uint8Array(bytes)),
  firstRow: 0,
  isShared: false,
});

describe('SegmentCache', () => {
  it('decodes once, and says that what it gives is shared', async () => {
    const cache = new SegmentCache(100);
    let decoded = 0;
    const decode = () => Promise.resolve((decoded++, segment(10)));
    const first = await cache.get('a', decode);
    assert.equal(first.isShared, true);
    assert.equal((await cache.get('a', decode)).raster, first.raster);
    assert.equal(decoded, 1);
  });

  it('is bounded by bytes; the one used longest ago goes first', async () => {
    const cache = new SegmentCache(100);
    for (const key of ['a', 'b', 'a', 'c']) await cache.get(key, () => Promise.resolve(segment(40)));
    assert.equal(cache.bytes, 80);
    const decoded: string[] = [];
    for (const key of ['a', 'c', 'b'])
      await cache.get(key, () => Promise.resolve((decoded.push(key), segment(40))));
    assert.deepEqual(decoded, ['b']);
  });

  it('keeps one that is larger than all together, alone, until the next', async () => {
    const cache = new SegmentCache(100);
    await cache.get('small', () => Promise.resolve(segment(40)));
    await cache.get('large', () => Promise.resolve(segment(400)));
    assert.equal(cache.bytes, 400);
    await cache.get('large', () => assert.fail('it is kept'));
    await cache.get('small', () => Promise.resolve(segment(40)));
    assert.equal(cache.bytes, 40);
  });

  it('forgets failures', async () => {
    const cache = new SegmentCache(100);
    await assert.rejects(cache.get('a', () => Promise.reject(new Error('no'))));
    assert.equal((await cache.get('a', () => Promise.resolve(segment(1)))).raster.width, 1);
  });

  it('is for strips and for tiles that are larger than what is asked for', () => {
    assert.equal(isWorthKeeping({ kind: 'strips', width: 10, height: 1 }), true);
    assert.equal(isWorthKeeping({ kind: 'tiles', width: 512, height: 512 }), false);
    assert.equal(isWorthKeeping({ kind: 'tiles', width: 4_096, height: 4_096 }), true);
  });
});

describe('tiles of a TIFF in compressed strips', () => {
  it('read and decode each strip once', async () => {
    const [width, height, rows] = [1_024, 512, 64];
    const strip = (index: number): Uint8Array => deflateSync(new Uint8Array(width * rows).fill(index + 1));
    const segments = Array.from({ length: height / rows }, (_, index) => strip(index));
    const tags = pictureTags({ width, height, rowsPerStrip: rows, compression: 8 });
    const bytes = buildTiff([{ tags, segments, segmentKind: 'strips' }]);
    const { source, counts } = countingSource(memorySource(bytes));
    const reader = await openImage(source);
    const tile = (column: number, row: number) =>
      reader.readWindow({
        page: 0,
        level: 0,
        window: { x: column * 256, y: row * 256, width: 256, height: 256 },
      });
    const first = await tile(0, 0);
    assert.deepEqual([first.data[0], first.data[255 * 256]], [1, 4]);
    const afterOne = counts.reads;
    first.data.fill(99);
    for (const column of [1, 2, 3]) assert.equal((await tile(column, 0)).data[0], 1);
    assert.equal(counts.reads, afterOne);
    await tile(0, 1);
    assert.equal(counts.reads - afterOne, 4);
  });
});
