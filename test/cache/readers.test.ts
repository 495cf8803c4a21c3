import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ReaderCache } from '../../src/cache/readers.ts';
import { ServerError, type ErrorKind } from '../../src/errors.ts';
import type { ImageReader } from '../../src/image/reader.ts';
import { imageInfo } from '../support/image-info.ts';

function opener() {
  const opened: string[] = [];
  const closed: string[] = [];
  const open = (path: string): Promise<ImageReader> => {
    opened.push(path);
    return Promise.resolve({
      info: imageInfo(),
      readWindow: () => Promise.reject(new Error('not in this test')),
      readEncodedTile: () => Promise.resolve(undefined),
      close: () => closed.push(path),
    });
  };
  return { open, opened, closed };
}

const version = (mtimeMs: number) => ({ size: 1, mtimeMs, inode: 1 });
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('open images', () => {
  it('are opened once for simultaneous callers and kept', async () => {
    const { open, opened } = opener();
    const readers = new ReaderCache(open, 10);
    await Promise.all([readers.get('a', version(1)), readers.get('a', version(1))]);
    await readers.get('a', version(1));
    assert.deepEqual(opened, ['a']);
  });

  it('are closed and opened anew when the file has changed', async () => {
    const { open, opened, closed } = opener();
    const readers = new ReaderCache(open, 10);
    await readers.get('a', version(1));
    await readers.get('a', version(2));
    await settled();
    assert.deepEqual([opened, closed], [['a', 'a'], ['a']]);
    assert.equal(readers.size, 1);
  });

  it('are bounded in number', async () => {
    const { open, closed } = opener();
    const readers = new ReaderCache(open, 2);
    for (const path of ['a', 'b', 'c']) await readers.get(path, version(1));
    await settled();
    assert.deepEqual([readers.size, closed], [2, ['a']]);
  });

  it('have no bound with Infinity, and are not kept with 0', async () => {
    const all = new ReaderCache(opener().open, Infinity);
    for (let i = 0; i < 3000; i++) await all.get(String(i), version(1));
    assert.equal(all.size, 3000);
    const { open, opened } = opener();
    const none = new ReaderCache(open, 0);
    await none.get('a', version(1));
    await none.get('a', version(1));
    assert.deepEqual([none.size, opened], [0, ['a', 'a']]);
  });

  it('that fail to open are forgotten', async () => {
    let isBroken = true;
    const { open } = opener();
    const readers = new ReaderCache(
      (path) => (isBroken ? Promise.reject(new Error('broken')) : open(path)),
      10,
    );
    await assert.rejects(async () => readers.get('a', version(1)), /broken/);
    assert.equal(readers.hasFailed('a', version(1)), false);
    isBroken = false;
    assert.ok(await readers.get('a', version(1)));
  });

  /** Every opening fails with an error of this kind. */
  const failing = (kind: ErrorKind, maxEntries = 10) => {
    const counted = { openings: 0 };
    const open = (): Promise<ImageReader> => {
      counted.openings += 1;
      return Promise.reject(new ServerError(kind, kind));
    };
    return { counted, readers: new ReaderCache(open, maxEntries) };
  };

  for (const kind of ['damaged', 'unsupported', 'too-large', 'not-a-picture'] as const)
    it(`are known to be ${kind} for ten seconds, until they change or are forgotten`, async (test) => {
      const { counted, readers } = failing(kind);
      let now = performance.now();
      test.mock.method(performance, 'now', () => now);
      const fail = (mtimeMs: number) =>
        assert.rejects(async () => readers.get('a', version(mtimeMs)), { kind });
      await fail(1);
      assert.equal(readers.hasFailed('a', version(1)), true);
      await fail(1);
      assert.equal(counted.openings, 1);
      assert.equal(readers.hasFailed('a', version(2)), false);
      await fail(2);
      assert.equal(counted.openings, 2);
      readers.forget('a');
      await fail(2);
      assert.equal(counted.openings, 3);
      readers.clear();
      await fail(2);
      assert.equal(counted.openings, 4);
      now += 10_001;
      await sleep(5); // lru-cache looks at the clock once a millisecond.
      assert.equal(readers.hasFailed('a', version(2)), false);
      await fail(2);
      assert.deepEqual([counted.openings, readers.size], [5, 0]);
    });

  it('are tried anew when it was not the file, and when nothing is kept', async () => {
    for (const { counted, readers } of [
      failing('unreachable'),
      failing('overloaded'),
      failing('internal'),
      failing('not-found'),
      failing('damaged', 0),
    ]) {
      for (let i = 0; i < 2; i++) await assert.rejects(async () => readers.get('a', version(1)));
      assert.deepEqual([counted.openings, readers.hasFailed('a', version(1))], [2, false]);
    }
  });
});
