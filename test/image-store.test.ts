import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReaderCache } from '../src/cache/readers.ts';
import type { LocatedImage } from '../src/image/locate.ts';
import type { ImageReader } from '../src/image/reader.ts';
import { createImageStore } from '../src/image-store.ts';
import { imageInfo } from './support/image-info.ts';

const located = (mtimeMs = 1): LocatedImage => ({
  path: 's3://bucket/a.tif',
  identity: { size: 1, mtimeMs, inode: 1 },
  mtimeMs,
  stem: 'a',
});

function storeOf(first: LocatedImage | Promise<LocatedImage>) {
  let now = first;
  const readers = new ReaderCache(
    () => Promise.resolve({ info: imageInfo(), close: () => undefined } as unknown as ImageReader),
    10,
  );
  const store = createImageStore({ locate: () => now }, readers);
  return {
    store,
    becomes: (next: typeof now): void => {
      now = next;
    },
  };
}

describe('an image that was found', () => {
  it('is current while its locator says at once that it is the same', async () => {
    const { store, becomes } = storeOf(located());
    const { isCurrent } = await store.find('a.tif');
    assert.equal(isCurrent?.(), true);
    becomes(located());
    assert.equal(isCurrent(), true);
    becomes(located(2));
    assert.equal(isCurrent(), false);
    becomes({ ...located(), path: 's3://bucket/b.tif' });
    assert.equal(isCurrent(), false);
  });

  it('is not when the storage has to be asked, whatever it will say', async () => {
    const { store, becomes } = storeOf(located());
    const { isCurrent } = await store.find('a.tif');
    becomes(Promise.resolve(located()));
    assert.equal(isCurrent?.(), false);
    becomes(Promise.reject(new Error('unreachable')));
    assert.equal(isCurrent(), false);
  });

  it('cannot say so when the storage had to be asked for it', async () => {
    const { store } = storeOf(Promise.resolve(located()));
    assert.equal((await store.find('a.tif')).isCurrent, undefined);
  });
});
