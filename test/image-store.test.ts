import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReaderCache } from '../src/cache/readers.ts';
import { ServerError } from '../src/errors.ts';
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
  const store = createImageStore({ locate: () => now }, readers, { turn: () => Promise.resolve() });
  return {
    store,
    becomes: (next: typeof now): void => {
      now = next;
    },
  };
}

it('gives the same image as long as its locator tells the same', async () => {
  const [first, equal, changed] = [located(), located(), located(2)];
  const { store, becomes } = storeOf(first);
  const image = await store.find('a.tif');
  assert.equal(await store.find('a.tif'), image);
  becomes(equal);
  assert.deepEqual((await store.find('a.tif')).source, image.source);
  assert.equal(image.isCurrent?.(), true);
  becomes(changed);
  assert.equal((await store.find('a.tif')).source.identity.mtimeMs, 2);
  assert.equal(image.isCurrent?.(), false);
});

describe('an image that cannot be opened', () => {
  it('takes a turn when it is asked for again, and says what is wrong and with which file', async () => {
    const error = new ServerError('damaged', 'no good');
    const readers = new ReaderCache(() => Promise.reject(error), 10);
    const seen: string[] = [];
    const doubtful = { turn: () => Promise.resolve(void seen.push('turn')) };
    const store = createImageStore({ locate: () => located() }, readers, doubtful);
    for (const turns of [[], ['turn'], ['turn', 'turn']]) {
      await assert.rejects(async () => store.find('a.tif'), {
        kind: 'damaged',
        message: 'no good',
        facts: { path: 's3://bucket/a.tif' },
      });
      assert.deepEqual(seen, turns);
    }
  });
});

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
