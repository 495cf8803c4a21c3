import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { allocateSegments } from '../../src/cache/shared-memory.ts';
import { SharedRing } from '../../src/cache/shared-ring.ts';
import { digestOf, TileCache, withTileCache } from '../../src/cache/tile-cache.ts';
import type { Picture, Render } from '../../src/render/picture.ts';
import { renderPlan } from '../support/plans.ts';

const FOREVER = new AbortController().signal;

const cacheOf = (maxBytes: number): TileCache => new TileCache(allocateSegments(maxBytes), 1);

function countingRender(bytes = 100): { render: Render; calls: () => number } {
  let calls = 0;
  const render = (): Promise<Picture> => {
    calls++;
    return Promise.resolve({ bytes: new Uint8Array(bytes), origin: 'rendered' });
  };
  return { render, calls: () => calls };
}

describe('the tile cache', () => {
  it('renders once and then hits', async () => {
    const { render, calls } = countingRender();
    const cached = withTileCache(render, cacheOf(1_000_000));
    const origins = [];
    for (let i = 0; i < 3; i++) origins.push((await cached(renderPlan(), FOREVER)).origin);
    assert.deepEqual([origins, calls()], [['rendered', 'hit', 'hit'], 1]);
  });

  it('shares equal work in flight even when it is off', async () => {
    assert.deepEqual([cacheOf(0).isOff, cacheOf(1_000_000).isOff], [true, false]);
    const { render, calls } = countingRender();
    const cached = withTileCache(render, undefined);
    const pictures = await Promise.all([1, 2].map(async () => cached(renderPlan(), FOREVER)));
    assert.deepEqual([pictures.map((picture) => picture.origin), calls()], [['rendered', 'shared'], 1]);
    await cached(renderPlan(), FOREVER);
    assert.equal(calls(), 2);
  });

  it('never holds more bytes than it may, and no single giant', async () => {
    const cache = cacheOf(50_000);
    const cached = withTileCache(countingRender(5000).render, cache);
    for (let x = 0; x < 100; x++) {
      await cached(renderPlan({ window: { x, y: 0, width: 1, height: 1 } }), FOREVER);
      assert.ok(cache.bytes <= 50_000);
    }
    assert.ok(cache.bytes > 30_000);
    const giant = digestOf(renderPlan({ level: 9 }));
    cache.set(giant, new Uint8Array(20_000));
    assert.equal(cache.get(giant), undefined);
  });

  it('makes a new picture when the file has changed', async () => {
    const { render, calls } = countingRender();
    const cached = withTileCache(render, cacheOf(1_000_000));
    const plan = renderPlan();
    await cached(plan, FOREVER);
    await cached(
      { ...plan, source: { ...plan.source, identity: { ...plan.source.identity, mtimeMs: 2.5 } } },
      FOREVER,
    );
    assert.equal(calls(), 2);
  });

  it('is empty after clear', async () => {
    const cache = cacheOf(1_000_000);
    await withTileCache(countingRender().render, cache)(renderPlan(), FOREVER);
    cache.clear();
    assert.equal(cache.bytes, 0);
  });

  it('forgets the pictures of one file, of every version, for all threads', async () => {
    const memory = allocateSegments(1_000_000, 250_000);
    const [one, other] = [new TileCache(memory, 1), new TileCache(memory, 2)];
    const cached = withTileCache(countingRender().render, one);
    const plan = renderPlan();
    const { source } = plan;
    const ofThis = [
      plan,
      { ...plan, level: 2 },
      { ...plan, source: { ...source, identity: { ...source.identity, mtimeMs: 2.5 } } },
      { kind: 'copy' as const, column: 0, row: 0, otherwise: plan },
    ];
    const ofAnother = { ...plan, source: { ...source, path: `${source.path}x` } };
    for (const each of [...ofThis, ofAnother]) await cached(each, FOREVER);
    other.forget(source.path);
    for (const each of ofThis) assert.equal(one.get(digestOf(each)), undefined);
    assert.ok(one.get(digestOf(ofAnother)));
  });

  it('says so when it cannot forget', () => {
    const memory = allocateSegments(1_000_000);
    new Int32Array(memory.segments[0]!)[SharedRing.lockWord] = 7;
    assert.throws(() => new TileCache(memory, 1).forget('/a'), { kind: 'overloaded' });
  });

  it('is one for all threads', () => {
    const memory = allocateSegments(1_000_000);
    const [one, other] = [new TileCache(memory, 1), new TileCache(memory, 2)];
    const key = digestOf(renderPlan());
    one.set(key, Uint8Array.of(1, 2, 3));
    assert.deepEqual([...other.get(key)!], [1, 2, 3]);
    assert.equal(other.bytes, one.bytes);
    other.clear();
    assert.equal(one.get(key), undefined);
  });

  it('does without while another thread holds the lock, and is emptied when that thread has died', () => {
    const memory = allocateSegments(1_000_000);
    const cache = new TileCache(memory, 1);
    const key = digestOf(renderPlan());
    cache.set(key, Uint8Array.of(1));
    new Int32Array(memory.segments[0]!)[SharedRing.lockWord] = 7;
    assert.equal(cache.get(key), undefined);
    cache.forgetOwner(6);
    assert.equal(cache.get(key), undefined);
    cache.forgetOwner(7);
    assert.equal(cache.get(key), undefined);
    cache.set(key, Uint8Array.of(2));
    assert.deepEqual([...cache.get(key)!], [2]);
  });
});
