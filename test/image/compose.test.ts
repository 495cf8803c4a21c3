import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { composeWindow } from '../../src/image/compose.ts';
import type { Segment, SegmentAddress } from '../../src/image/compose.ts';
import { byteRaster } from '../../src/image/raster.ts';
import type { Raster } from '../../src/image/raster.ts';

/** A level of 10 × 7 pixels with two bands, x and y, in segments of 4 × 3 that are padded with 99. */
const LEVEL = { width: 10, height: 7 };
const SEGMENT = { width: 4, height: 3 };

function segmentAt({ column, row }: SegmentAddress, isShared = false): Segment {
  const data = new Uint8Array(SEGMENT.width * SEGMENT.height * 2);
  for (let y = 0; y < SEGMENT.height; y++) {
    for (let x = 0; x < SEGMENT.width; x++) {
      const at = (y * SEGMENT.width + x) * 2;
      const [left, top] = [column * SEGMENT.width + x, row * SEGMENT.height + y];
      const isInside = left < LEVEL.width && top < LEVEL.height;
      data[at] = isInside ? left : 99;
      data[at + 1] = isInside ? top : 99;
    }
  }
  return { raster: byteRaster(SEGMENT, 2, data), firstRow: 0, firstColumn: 0, isShared };
}

function expected(x: number, y: number, width: number, height: number): number[] {
  const samples: number[] = [];
  for (let row = y; row < y + height; row++)
    for (let column = x; column < x + width; column++) samples.push(column, row);
  return samples;
}

const samplesOf = (raster: Raster): number[] => [...raster.data];

describe('composeWindow', () => {
  for (const isShared of [false, true]) {
    it(`gives every window of the level, from ${isShared ? 'shared' : 'own'} segments`, async () => {
      for (let y = 0; y < LEVEL.height; y++) {
        for (let x = 0; x < LEVEL.width; x++) {
          for (const [width, height] of [
            [1, 1],
            [4, 3],
            [3, 5],
            [LEVEL.width - x, LEVEL.height - y],
          ] as const) {
            if (x + width > LEVEL.width || y + height > LEVEL.height) continue;
            const window = { x, y, width, height };
            const raster = await composeWindow(window, SEGMENT, (at) =>
              Promise.resolve(segmentAt(at, isShared)),
            );
            assert.deepEqual(samplesOf(raster), expected(x, y, width, height), JSON.stringify(window));
            assert.deepEqual([raster.width, raster.height, raster.bands], [width, height, 2]);
          }
        }
      }
    });
  }

  it('copies nothing for a window that is a segment, or the visible part of one', async () => {
    for (const window of [
      { x: 4, y: 3, width: 4, height: 3 },
      { x: 8, y: 6, width: 2, height: 1 },
    ]) {
      let made: Segment | undefined;
      const raster = await composeWindow(window, SEGMENT, (at) => Promise.resolve((made = segmentAt(at))));
      assert.equal(raster.data.buffer, made?.raster.data.buffer);
      assert.deepEqual(samplesOf(raster), expected(window.x, window.y, window.width, window.height));
    }
  });

  it('leaves shared segments as they are', async () => {
    const shared = segmentAt(
      { column: 0, row: 0, rows: { first: 0, count: 3 }, columns: { first: 0, count: 4 } },
      true,
    );
    const before = shared.raster.data.slice();
    const raster = await composeWindow({ x: 1, y: 1, width: 2, height: 2 }, SEGMENT, () =>
      Promise.resolve(shared),
    );
    raster.data.fill(0);
    assert.deepEqual(shared.raster.data, before);
  });

  it('asks only for segments and rows that are needed', async () => {
    const asked: SegmentAddress[] = [];
    await composeWindow({ x: 3, y: 2, width: 2, height: 2 }, SEGMENT, (at) => {
      asked.push(at);
      return Promise.resolve(segmentAt(at));
    });
    assert.deepEqual(asked, [
      { column: 0, row: 0, rows: { first: 2, count: 1 }, columns: { first: 3, count: 1 } },
      { column: 1, row: 0, rows: { first: 2, count: 1 }, columns: { first: 0, count: 1 } },
      { column: 0, row: 1, rows: { first: 0, count: 1 }, columns: { first: 3, count: 1 } },
      { column: 1, row: 1, rows: { first: 0, count: 1 }, columns: { first: 0, count: 1 } },
    ]);
  });

  it('takes segments that hold only the rows asked for', async () => {
    const read = (at: SegmentAddress): Promise<Segment> => {
      const { raster } = segmentAt(at);
      const { first, count } = at.rows;
      const data = raster.data.slice(first * SEGMENT.width * 2, (first + count) * SEGMENT.width * 2);
      return Promise.resolve({
        raster: { ...raster, height: count, data },
        firstRow: first,
        firstColumn: 0,
        isShared: false,
      });
    };
    for (const window of [
      { x: 2, y: 2, width: 7, height: 3 },
      { x: 5, y: 4, width: 2, height: 1 },
    ]) {
      const raster = await composeWindow(window, SEGMENT, read);
      assert.deepEqual(samplesOf(raster), expected(window.x, window.y, window.width, window.height));
    }
  });

  it('takes segments that hold only what was asked for', async () => {
    const read = (at: SegmentAddress): Promise<Segment> => {
      const { raster } = segmentAt(at);
      const { rows, columns } = at;
      const data = Uint8Array.from({ length: rows.count * columns.count * 2 }, (_, i) => {
        const [pixel, band] = [i >> 1, i & 1];
        const [x, y] = [
          columns.first + (pixel % columns.count),
          rows.first + Math.floor(pixel / columns.count),
        ];
        return raster.data[(y * SEGMENT.width + x) * 2 + band]!;
      });
      const part = byteRaster({ width: columns.count, height: rows.count }, 2, data);
      return Promise.resolve({
        raster: part,
        firstRow: rows.first,
        firstColumn: columns.first,
        isShared: false,
      });
    };
    for (const window of [
      { x: 2, y: 2, width: 7, height: 3 },
      { x: 5, y: 4, width: 2, height: 1 },
    ]) {
      const raster = await composeWindow(window, SEGMENT, read);
      assert.deepEqual(samplesOf(raster), expected(window.x, window.y, window.width, window.height));
    }
  });

  it('stops between two segments', async () => {
    const abort = new AbortController();
    let reads = 0;
    const reading = composeWindow(
      { x: 0, y: 0, width: 10, height: 7 },
      SEGMENT,
      (at) => {
        if (++reads === 2) abort.abort();
        return Promise.resolve(segmentAt(at));
      },
      abort.signal,
    );
    await assert.rejects(async () => reading, { name: 'AbortError' });
    assert.equal(reads, 2);
  });
});
