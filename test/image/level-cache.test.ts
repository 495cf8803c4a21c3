import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LevelCache } from '../../src/image/level-cache.ts';
import { byteRaster } from '../../src/image/raster.ts';
import type { Raster } from '../../src/image/raster.ts';

function decoder(bytes: number) {
  let calls = 0;
  return {
    decode: (): Promise<Raster> => {
      calls++;
      return Promise.resolve(byteRaster({ width: bytes, height: 1 }, 1, new Uint8Array(bytes)));
    },
    get calls() {
      return calls;
    },
  };
}

describe('LevelCache', () => {
  it('decodes once what is asked for again, or at the same time', async () => {
    const cache = new LevelCache(1_000);
    const one = decoder(10);
    const [a, b] = await Promise.all([cache.get('a', one.decode), cache.get('a', one.decode)]);
    assert.equal(a, b);
    assert.equal(await cache.get('a', one.decode), a);
    assert.equal(one.calls, 1);
  });

  it('holds no more bytes than it may, and forgets what was used longest ago', async () => {
    const cache = new LevelCache(100);
    const each = decoder(40);
    for (const key of ['a', 'b', 'a', 'c']) await cache.get(key, each.decode);
    assert.equal(cache.bytes, 80);
    await cache.get('a', each.decode);
    assert.equal(each.calls, 3);
    await cache.get('b', each.decode);
    assert.equal(each.calls, 4);
  });

  it('gives what is too large to be kept', async () => {
    const cache = new LevelCache(100);
    const large = decoder(101);
    assert.equal((await cache.get('a', large.decode)).width, 101);
    await cache.get('a', large.decode);
    assert.deepEqual([large.calls, cache.bytes], [2, 0]);
  });

  it('forgets failures', async () => {
    const cache = new LevelCache(100);
    await assert.rejects(
      cache.get('a', () => Promise.reject(new Error('no'))),
      /no/,
    );
    assert.equal((await cache.get('a', decoder(1).decode)).width, 1);
  });
});
