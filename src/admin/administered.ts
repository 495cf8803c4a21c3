/** An image server as operators see it: numbers, and what is kept in memory. */
import type { Memcached } from '../cache/memcached/memcached.ts';
import type { ReaderCache } from '../cache/readers.ts';
import type { TileCache } from '../cache/tile-cache.ts';
import type { ImageInfo } from '../image/info.ts';
import type { Sources } from '../image/sources.ts';
import { Meter } from '../metrics/meter.ts';
import type { ImageStore } from '../protocols/protocol.ts';
import type { RenderPool } from '../render/pool.ts';
import { cacheTagOf } from '../server/cache-tags.ts';
import { makeRequest } from '../server/request.ts';
import type { Respond } from '../server/response.ts';
import type { Administered } from './readings.ts';
import type { Watch } from './watch.ts';

export interface AdministeredParts {
  readonly meters: readonly Meter[];
  readonly watch: Pick<Watch, 'active'>;
  readonly pool: Pick<RenderPool, 'queued' | 'size' | 'isOpen'>;
  readonly readers: Pick<ReaderCache, 'size' | 'forget'>;
  readonly tiles: Pick<TileCache, 'bytes' | 'forget'>;
  readonly memcached: Memcached | undefined;
  readonly sources: Pick<Sources, 'counters'>;
  readonly images: ImageStore;
  readonly respond: Respond;
  readonly clearCaches: () => void;
}

export function createAdministered(parts: AdministeredParts): Administered {
  const { meters, watch, pool, readers, tiles, memcached, sources, images } = parts;
  return {
    readings: () => ({
      meter: Meter.sum(meters),
      active: watch.active,
      queued: pool.queued,
      threads: pool.size,
      openImages: readers.size,
      tileCacheBytes: tiles.bytes,
      memcached: (memcached?.servers ?? []).map(({ name, state, trips }) => ({
        name,
        isUp: state === 'up',
        trips,
      })),
      memcachedHits: memcached?.hits ?? 0,
      memcachedMisses: memcached?.misses ?? 0,
      source: sources.counters.read(),
    }),
    isReady: () => pool.isOpen,
    purge: async (id) => {
      const { source } = await images.find(id);
      tiles.forget(source.path);
      readers.forget(source.path);
      images.forget?.(source.path);
      return cacheTagOf(source.path);
    },
    purgeAll: parts.clearCaches,
    tilesOf: async (id) => tileUris(id, (await images.find(id)).info),
    make: async (uri) => {
      const request = makeRequest({ uri, requestId: 'warming' });
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
