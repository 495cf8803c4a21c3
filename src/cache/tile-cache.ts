/** Finished pictures in memory that all threads share, bounded by bytes (MAX_IMAGE_CACHE_SIZE). */
import { createHash } from 'node:crypto';
import { after } from '../awaitable.ts';
import { ServerError } from '../errors.ts';
import type { Picture, Render } from '../render/picture.ts';
import { planHash, sourceOf, type Plan } from '../render/plan.ts';
import { LEAST_LENT_BYTES, lendCopy } from '../recycling.ts';
import { SharedLock } from './shared-lock.ts';
import type { SharedSegments } from './shared-memory.ts';
import { SharedRing, type Digest } from './shared-ring.ts';
import { SingleFlight } from './single-flight.ts';

/** Small copies handed out share allocations of this size, which cost more than filling them. */
const SLAB_BYTES = 256 * 1024;

/** What has to be done is tried so often; each time takes some milliseconds. */
const MAX_TRIES = 50;

/** One thread's door to the cache. */
export class TileCache {
  readonly #shards: readonly Shard[];
  readonly #owner: number;
  #slab = new Uint8Array(0);
  #slabUsed = 0;

  /** @param owner number of this thread, 1 or more: no two threads that live may have the same. */
  constructor(memory: SharedSegments, owner: number) {
    this.#owner = owner;
    this.#shards = memory.segments.map((segment) => ({
      ring: new SharedRing(segment),
      lock: new SharedLock(new Int32Array(segment), SharedRing.lockWord),
    }));
  }

  /** A copy of what is kept. A cache that other threads hold for too long counts as empty. */
  get(key: Digest): Uint8Array | undefined {
    return this.#under(this.#shardOf(key), (ring) => {
      const bytes = ring.get(key);
      return bytes && this.#copyOf(bytes);
    });
  }

  /**
   * Keeps `bytes`; what is larger than a quarter of a segment is not kept.
   *
   * @param path the file that they were made of.
   */
  set(key: Digest, bytes: Uint8Array, path = ''): void {
    this.#under(this.#shardOf(key), (ring) => ring.set(key, bytes, markOf(path)));
  }

  /**
   * Forgets the pictures of one file, of every version, for all threads.
   *
   * @throws {ServerError} `overloaded` when other threads hold the cache for very long.
   */
  forget(path: string): void {
    const mark = markOf(path);
    for (const shard of this.#shards) {
      let tries = 0;
      while (this.#under(shard, (ring) => (ring.forget(mark), true)) !== true) {
        if (++tries === MAX_TRIES) throw new ServerError('overloaded', 'the tile cache is busy; try again');
      }
    }
  }

  /** Forgets everything, for all threads. */
  clear(): void {
    for (const shard of this.#shards) this.#under(shard, (ring) => ring.clear());
  }

  /** A thread that died while it held a lock left a ring in any state: it is emptied and opened again. */
  forgetOwner(owner: number): void {
    for (const { ring, lock } of this.#shards) {
      if (lock.holder !== owner) continue;
      ring.clear();
      lock.release();
    }
  }

  /** It holds nothing, ever (MAX_IMAGE_CACHE_SIZE 0). */
  get isOff(): boolean {
    return this.#shards.length === 0;
  }

  /** Bytes held, overhead included. */
  get bytes(): number {
    return this.#shards.reduce((sum, { ring }) => sum + ring.used, 0);
  }

  #shardOf(key: Digest): Shard | undefined {
    return this.#shards[(key[1] >>> 0) % Math.max(1, this.#shards.length)];
  }

  #under<T>(shard: Shard | undefined, use: (ring: SharedRing) => T): T | undefined {
    if (shard?.lock.acquire(this.#owner) !== true) return undefined;
    try {
      return use(shard.ring);
    } finally {
      shard.lock.release();
    }
  }

  #copyOf(bytes: Uint8Array): Uint8Array {
    if (bytes.length >= LEAST_LENT_BYTES) return lendCopy(bytes);
    if (this.#slabUsed + bytes.length > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.#slabUsed = 0;
    }
    const copy = this.#slab.subarray(this.#slabUsed, this.#slabUsed + bytes.length);
    copy.set(bytes);
    this.#slabUsed += bytes.length;
    return copy;
  }
}

interface Shard {
  readonly ring: SharedRing;
  readonly lock: SharedLock;
}

/** Plans are kept with the answers that they belong to, so their digests are too. */
const digests = new WeakMap<Plan, Digest>();

/** The key of a plan's picture. */
export function digestOf(plan: Plan): Digest {
  const known = digests.get(plan);
  if (known !== undefined) return known;
  const hash = Buffer.from(planHash(plan), 'base64url');
  const digest = [0, 4, 8, 12].map((at) => hash.readInt32LE(at)) as unknown as Digest;
  digests.set(plan, digest);
  return digest;
}

/** By which the pictures of a file are found: two files may share one, and are then forgotten together. */
function markOf(path: string): number {
  return createHash('sha1').update(path).digest().readInt32LE() || 1;
}

/** A `Render` that does equal work in flight once and, where there is a cache, looks there first and keeps what was made. */
export function withTileCache(render: Render, cache: Pick<TileCache, 'get' | 'set'> | undefined): Render {
  if (cache === undefined) return sharing(render);
  const makeOnce = sharing((plan, signal) =>
    after(render(plan, signal), (picture) => {
      cache.set(digestOf(plan), picture.bytes, sourceOf(plan).path);
      return picture;
    }),
  );
  return (plan, signal) => {
    const kept = cache.get(digestOf(plan));
    return kept === undefined ? makeOnce(plan, signal) : { bytes: kept, origin: 'hit' };
  };
}

function sharing(render: Render): Render {
  const flights = new SingleFlight<Picture>();
  return (plan, signal) => {
    const landed = flights.run(planHash(plan), signal, (shared) => render(plan, shared));
    return after(landed, ({ value, isShared }) =>
      isShared ? { bytes: value.bytes, origin: 'shared' as const } : value,
    );
  };
}
