import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { allocateSegments } from '../../src/cache/shared-memory.ts';
import { SharedRing, type Digest } from '../../src/cache/shared-ring.ts';
import { seededRandom } from '../bench/seeded.ts';

const BYTES = 65_536;

const ringOf = (bytes = BYTES): SharedRing => new SharedRing(new SharedArrayBuffer(bytes));

/** Keys whose first words collide often. */
const keyOf = (number: number): Digest => [number % 7, number, 0, -number];

/** Bytes that tell which key they belong to. */
function bytesOf(number: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (number * 31 + index) & 0xff);
}

describe('a ring in shared memory', () => {
  it('gives back what was put in last, never anything else', () => {
    const random = seededRandom(7);
    const ring = ringOf();
    const lengths = new Map<number, number>();
    for (let turn = 0; turn < 20_000; turn++) {
      const number = Math.floor(random() * 200);
      const kept = ring.get(keyOf(number));
      if (kept !== undefined) {
        assert.deepEqual(kept.slice(), bytesOf(number, lengths.get(number)!));
        continue;
      }
      const length = Math.floor(random() ** 3 * 5000);
      ring.set(keyOf(number), bytesOf(number, length));
      lengths.set(number, length);
      assert.deepEqual(ring.get(keyOf(number))?.slice(), bytesOf(number, length), `turn ${turn}`);
      assert.ok(ring.used <= BYTES);
    }
  });

  it('keeps what is used and gives up what is not', () => {
    const ring = ringOf();
    ring.set(keyOf(1), bytesOf(1, 1000));
    ring.set(keyOf(2), bytesOf(2, 1000));
    for (let number = 100; number < 400; number++) {
      assert.ok(ring.get(keyOf(1)), 'used between');
      ring.set(keyOf(number), bytesOf(number, 1000));
    }
    assert.equal(ring.get(keyOf(2)), undefined);
  });

  it('gives up together what has one mark, and nothing else', () => {
    const random = seededRandom(11);
    const ring = ringOf();
    const marks = new Map<number, number>();
    for (let number = 0; number < 2_000; number++) {
      const mark = 1 + Math.floor(random() * 4);
      ring.set(keyOf(number), bytesOf(number, Math.floor(random() * 900)), mark);
      marks.set(number, mark);
      ring.get(keyOf(Math.max(0, number - 5)));
      if (number % 50 !== 0) continue;
      const kept = () => [...marks.keys()].filter((each) => ring.get(keyOf(each)) !== undefined);
      const [before, gone] = [kept(), 1 + Math.floor(random() * 4)];
      ring.forget(gone);
      assert.deepEqual(
        kept(),
        before.filter((each) => marks.get(each) !== gone),
      );
    }
  });

  it('keeps nothing larger than a quarter, and goes on', () => {
    const ring = ringOf();
    ring.set(keyOf(1), new Uint8Array(BYTES / 2));
    ring.set(keyOf(2), new Uint8Array(0));
    assert.equal(ring.get(keyOf(1)), undefined);
    assert.equal(ring.get(keyOf(2))?.length, 0);
  });

  it('takes as many tiny entries as the index has room for', () => {
    const ring = ringOf();
    for (let number = 0; number < 5000; number++) ring.set(keyOf(number), bytesOf(number, 1));
    assert.ok(ring.get(keyOf(4999)));
  });
});

describe('segments', () => {
  it('are together as large as wished and not larger', () => {
    const sizes = allocateSegments(100_000, 40_000).segments.map(({ byteLength }) => byteLength);
    assert.deepEqual(sizes, [40_000, 40_000, 20_000]);
    assert.deepEqual(allocateSegments(0).segments, []);
  });
});

describe('a lock between threads', () => {
  it('lets one in at a time', async () => {
    const memory = new SharedArrayBuffer(16);
    const cells = new Int32Array(memory);
    const module = new URL('../../src/cache/shared-lock.js', import.meta.url).href;
    const code = `
      const { workerData: { memory, owner, turns } } = require('node:worker_threads');
      import(${JSON.stringify(module)}).then(({ SharedLock }) => {
        const cells = new Int32Array(memory);
        const lock = new SharedLock(cells, 0);
        for (let turn = 0; turn < turns; ) {
          if (!lock.acquire(owner)) continue;
          cells[1] = cells[1] + 1;
          lock.release();
          turn++;
        }
      });`;
    const turns = 20_000;
    const threads = [1, 2, 3].map(
      (owner) => new Worker(code, { eval: true, workerData: { memory, owner, turns } }),
    );
    await Promise.all(threads.map((thread) => new Promise((resolve) => thread.once('exit', resolve))));
    assert.equal(cells[1], 3 * turns);
    assert.equal(cells[0], 0);
  });
});
