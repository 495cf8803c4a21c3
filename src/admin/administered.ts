/** An image server as operators see it: numbers, and what is kept in memory. */
import type { TileCache } from '../cache/tile-cache.ts';
import type { ImageInfo } from '../image/info.ts';
import type { SourceCounters } from '../image/remote/counters.ts';
import { Meter } from '../metrics/meter.ts';
import type { ImageStore } from '../protocols/protocol.ts';
import type { RenderPool } from '../render/pool.ts';
import { cacheTagOf } from '../server/cache-tags.ts';
import { makeRequest } from '../server/request.ts';
import type { Respond } from '../server/response.ts';
import { readingsOf, type Countable, type Counts } from './readings.ts';

export interface AdministeredParts {
  /** Of every thread that answers. */
  readonly meters: readonly Meter[];
  readonly pool: Pick<RenderPool, 'queued' | 'size' | 'memory' | 'quarantined' | 'isOpen'>;
  readonly tiles: Pick<TileCache, 'bytes' | 'forget'>;
  /** Names of the memcached servers, in the order of the meters. */
  readonly memcached: readonly string[];
  readonly sources: Pick<SourceCounters, 'read'>;
  readonly images: ImageStore;
  readonly respond: Respond;
  /** Forgets, in every thread, what is known of a file. */
  readonly forget: (path: string) => Promise<void>;
  /** Forgets everything, in every thread. */
  readonly empty: () => Promise<void>;
}

export function createAdministered(parts: AdministeredParts): Countable {
  const { meters, pool, tiles, memcached, sources, images } = parts;
  const counts = (): Counts => ({
    meter: Meter.add(meters.map(({ numbers }) => numbers)),
    queued: pool.queued,
    threads: pool.size,
    workBytes: pool.memory,
    quarantined: pool.quarantined,
    tileCacheBytes: tiles.bytes,
    source: sources.read(),
  });
  return {
    counts,
    readings: () => readingsOf(counts(), memcached),
    isReady: () => pool.isOpen,
    purge: async (id) => {
      const { path } = (await images.find(id)).source;
      // Tiles last: until then a thread could leave new ones of what it knew.
      await parts.forget(path);
      tiles.forget(path);
      return cacheTagOf(path);
    },
    purgeAll: parts.empty,
    tilesOf: async (id) => tileUris(id, (await images.find(id)).info),
    make: async (uri) => {
      const request = makeRequest({ uri, requestId: 'warming', isOwn: true });
      return (await parts.respond(request, new AbortController().signal)).status;
    },
  };
}

/** IIP's address of every tile; the other protocols share what is made for it. */
export function tileUris(id: string, info: ImageInfo): readonly string[] {
  const smallestFirst = info.levels.toReversed();
  return smallestFirst.flatMap(({ width, height, tileWidth, tileHeight }, resolution) => {
    const count = Math.ceil(width / tileWidth) * Math.ceil(height / tileHeight);
    return Array.from(
      { length: count },
      (_, tile) => `/?FIF=${encodeURIComponent(id)}&JTL=${resolution},${tile}`,
    );
  });
}
