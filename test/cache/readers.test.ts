import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReaderCache } from '../../src/cache/readers.ts';
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
    await assert.rejects(readers.get('a', version(1)), /broken/);
    isBroken = false;
    assert.ok(await readers.get('a', version(1)));
  });
});
