import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { deflateSync } from 'node:zlib';
import { LevelStore, storeMemory } from '../../../src/image/flat/level-store.ts';
import { memorySource } from '../../../src/image/memory-source.ts';
import { openImage } from '../../../src/image/open.ts';
import { isWorthKeeping, rowsKept } from '../../../src/image/tiff/kept-segments.ts';
import { buildTiff, pictureTags } from '../support/build-tiff.ts';
import { countingSource, readLevel } from '../support/sources.ts';

const [WIDTH, HEIGHT, ROWS] = [1_024, 512, 64];

/** Gray strips of 64 rows, each full of its number. */
function strips(compression = 8): Uint8Array {
  const segments = Array.from({ length: HEIGHT / ROWS }, (_, index) => {
    const rows = new Uint8Array(WIDTH * ROWS).fill(index + 1);
    return compression === 8 ? deflateSync(rows) : rows;
  });
  const tags = pictureTags({ width: WIDTH, height: HEIGHT, rowsPerStrip: ROWS, compression });
  return buildTiff([{ tags, segments, segmentKind: 'strips' }]);
}

async function openCounted(bytes: Uint8Array, storeBytes: number) {
  const { source, counts } = countingSource(memorySource(bytes));
  const reader = await openImage(source, { levels: new LevelStore(storeMemory(storeBytes)) });
  const tile = (column: number, row: number, level = 0) =>
    reader.readWindow({ page: 0, level, window: { x: column * 256, y: row * 256, width: 256, height: 256 } });
  return { reader, counts, tile };
}

describe('kept segments', () => {
  it('are strips, and tiles that are larger than what is asked for', () => {
    assert.equal(isWorthKeeping({ kind: 'strips', width: 10, height: 1 }), true);
    assert.equal(isWorthKeeping({ kind: 'tiles', width: 512, height: 512 }), false);
    assert.equal(isWorthKeeping({ kind: 'tiles', width: 4_096, height: 4_096 }), true);
  });

  it('lie together as rows of virtual tiles do, if that is not too much', () => {
    const strip = (width: number, height: number) => ({ kind: 'strips' as const, width, height });
    assert.equal(rowsKept(strip(100, 64), 3), 256);
    assert.equal(rowsKept(strip(100, 3), 3), 258);
    assert.equal(rowsKept(strip(100, 1_000), 3), 1_000);
    assert.equal(rowsKept(strip(100_000, 16), 3), 48);
    assert.equal(rowsKept(strip(1_000_000, 16), 3), 16);
    assert.equal(rowsKept({ kind: 'tiles', width: 4_096, height: 4_096 }, 3), 4_096);
  });

  it('are read and decoded once for all tiles that they cross', async () => {
    const { tile, counts } = await openCounted(strips(), 2 ** 22);
    const first = await tile(0, 0);
    assert.deepEqual([first.data[0], first.data[255 * 256]], [1, 4]);
    const afterOne = counts.reads;
    first.data.fill(99);
    for (const column of [1, 2, 3]) assert.equal((await tile(column, 0)).data[0], 1);
    assert.equal(counts.reads, afterOne);
    await tile(0, 1);
    assert.equal(counts.reads - afterOne, 4);
  });

  it('serve virtual levels, too: all tiles of all levels read the file once', async () => {
    const { reader, tile, counts } = await openCounted(strips(), 2 ** 22);
    const opened = counts.reads;
    for (const row of [0, 1]) for (const column of [0, 1, 2, 3]) await tile(column, row);
    for (const column of [0, 1]) assert.equal((await tile(column, 0, 1)).data[255 * 256], 8);
    assert.equal((await readLevel(reader, 2)).width, 256);
    // Eight strips; their offsets and byte counts.
    assert.ok(counts.reads - opened <= 10, `${counts.reads - opened} reads`);
  });

  it('are kept one at a time where the store is too small for them', async () => {
    const [width, height] = [300, 600];
    const tags = pictureTags({ width, height, rowsPerStrip: height, compression: 8 });
    const segments = [deflateSync(new Uint8Array(width * height).fill(7))];
    const { tile, counts } = await openCounted(
      buildTiff([{ tags, segments, segmentKind: 'strips' }]),
      2 ** 16,
    );
    await tile(0, 0);
    const afterOne = counts.reads;
    assert.equal((await tile(0, 1)).data[9], 7);
    assert.equal(counts.reads, afterOne);
  });

  it('that are damaged are tried again', async () => {
    const bytes = strips();
    const damaged = bytes.slice();
    damaged.fill(0xff, 8, 200);
    const { tile } = await openCounted(damaged, 2 ** 22);
    await assert.rejects(async () => tile(0, 0), { kind: 'damaged' });
    await assert.rejects(async () => tile(1, 0), { kind: 'damaged' });
  });

  it('are shared by threads', async () => {
    const memory = storeMemory(2 ** 22);
    const reads = new Int32Array(new SharedArrayBuffer(4));
    const code = `
      import { workerData, parentPort } from 'node:worker_threads';
      const [{ openImage }, { LevelStore }] = await Promise.all(workerData.modules.map((name) => import(name)));
      const { bytes, memory, reads } = workerData;
      let opened = false;
      const source = {
        path: 'same', identity: { size: bytes.length, mtimeMs: 1, inode: 1 }, close() {},
        read(offset, length) { if (opened) Atomics.add(reads, 0, 1); return bytes.slice(offset, offset + length); },
      };
      const reader = await openImage(source, { levels: new LevelStore(memory) });
      opened = true;
      const { data } = await reader.readWindow({ page: 0, level: 0, window: { x: 0, y: 0, width: 256, height: 256 } });
      parentPort.postMessage(data[255 * 256]);`;
    const modules = ['open.js', 'flat/level-store.js'].map(
      (name) => new URL(`../../../src/image/${name}`, import.meta.url).href,
    );
    const run = (): Promise<number> =>
      new Promise((resolve, reject) => {
        const url = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
        const worker = new Worker(url, { workerData: { modules, memory, reads, bytes: strips() } });
        worker.once('message', resolve);
        worker.once('error', reject);
      });
    const one = await run();
    const afterOne = reads[0]!;
    assert.ok(afterOne > 0);
    assert.deepEqual([one, await run(), await run()], [4, 4, 4]);
    assert.equal(reads[0], afterOne);
  });
});

describe('narrow windows of uncompressed strips', () => {
  const [width, height] = [4_000, 300];

  for (const [name, bits, samplesPerPixel] of [
    ['gray', 8, 1],
    ['RGB', 8, 3],
    ['16 bits', 16, 1],
    ['one bit', 1, 8],
  ] as const) {
    it(`read little beside the window: ${name}`, async () => {
      const rowBytes = (width * bits * samplesPerPixel) / 8;
      const rows = Uint8Array.from({ length: rowBytes * height }, (_, i) => (i * 7 + (i >> 9)) % 251);
      const tags = pictureTags({ width, height, rowsPerStrip: height, bits, bands: samplesPerPixel });
      const bytes = buildTiff([{ tags, segments: [rows], segmentKind: 'strips' }]);
      const { reader, counts } = await openCounted(bytes, 2 ** 22);
      const full = await readLevel(reader);
      const window = { x: 1_357, y: 20, width: 201, height: 250 };
      const before = counts.bytes;
      const { data } = await reader.readWindow({ page: 0, level: 0, window });
      const wanted = (window.width * window.height * bits * samplesPerPixel) / 8;
      assert.ok(counts.bytes - before <= wanted * 1.1 + 1_000, `${counts.bytes - before} of ${wanted} bytes`);
      for (let y = 0; y < window.height; y++) {
        const from = ((window.y + y) * width + window.x) * samplesPerPixel;
        const length = window.width * samplesPerPixel;
        const row = data.subarray(y * length, (y + 1) * length);
        assert.ok(
          row.every((sample, i) => sample === full.data[from + i]),
          `row ${y}`,
        );
      }
    });
  }
});
