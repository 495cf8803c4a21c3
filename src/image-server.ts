/** Builds a whole image server out of a configuration: caches, threads, app. It listens nowhere. */
import { createHash } from 'node:crypto';
import { createAdministered } from './admin/administered.ts';
import type { Administered } from './admin/readings.ts';
import { Watch } from './admin/watch.ts';
import { createApp, type App } from './app.ts';
import { ReaderCache } from './cache/readers.ts';
import { TileCache, withTileCache } from './cache/tile-cache.ts';
import { Memcached, withMemcached } from './cache/memcached/memcached.ts';
import type { Config } from './config/config.ts';
import { createLocator } from './image/locate.ts';
import { openImage } from './image/open.ts';
import { remoteSettings } from './image/remote/settings.ts';
import { createSources } from './image/sources.ts';
import { createImageStore } from './image-store.ts';
import type { Log } from './log.ts';
import { Meter } from './metrics/meter.ts';
import type { ByteRaster } from './processing/rasters.ts';
import { withCopies } from './render/copy.ts';
import type { RenderPixels } from './render/picture.ts';
import type { PlanSource } from './render/plan.ts';
import { RenderPool } from './render/pool.ts';
import type { ReadSamples } from './render/samples.ts';
import type { ReadStatistics, Statistics } from './render/statistics.ts';

export interface ImageServer extends App {
  /** For an admin server. */
  readonly administered: Administered;
  /** Forgets images and tiles; what is under way goes on. */
  clearCaches(): void;
  /** Ends the threads; requests that still come are answered 503. */
  stop(): Promise<void>;
}

/** Open images that each rendering thread keeps. */
const READERS_PER_THREAD = 64;

/** Tasks that may wait for a thread. */
const MAX_QUEUE = 4096;

/** A watermark that cannot be read is told in the log, and pictures are served without it. */
export async function createImageServer(wanted: Config, log: Log, version: string): Promise<ImageServer> {
  const mark = await markOf(wanted, log);
  const config: Config = mark === undefined ? { ...wanted, watermark: '' } : wanted;
  const remote = remoteSettings(config);
  const sources = await createSources(remote, 'async');
  const readers = new ReaderCache(
    (path, identity) => openImage(sources.open({ path, identity })),
    config.metadataCacheEntries,
  );
  const pool = new RenderPool({
    threads: config.threads,
    workerUrl: new URL('./worker.js', import.meta.url),
    workerData: {
      maxReaders: READERS_PER_THREAD,
      remote,
      sourceCounters: sources.counters.memory,
      ...(mark === undefined ? {} : { mark }),
    },
    maxQueue: MAX_QUEUE,
    log,
  });
  const renderPixels: RenderPixels = async (plan, signal) => {
    const bytes = (await pool.run({ kind: 'render', plan }, signal)) as Uint8Array;
    return { bytes, origin: 'rendered' };
  };
  const readSamples: ReadSamples = async (query, signal) =>
    (await pool.run({ kind: 'samples', query }, signal)) as Awaited<ReturnType<ReadSamples>>;
  const readStatistics: ReadStatistics = async (source, signal) =>
    (await pool.run({ kind: 'statistics', source }, signal)) as Statistics;
  const findReader = (source: PlanSource) => readers.get(source.path, source.identity);
  const memcached = memcachedOf(config, version, { mark, log });
  const make = withCopies(renderPixels, findReader);
  const tiles = new TileCache(config.imageCacheBytes);
  const now = () => performance.now();
  const meter = new Meter();
  const watch = new Watch({ meter, tellsTiming: config.serverTiming, uriMap: config.uriMap, now });
  const images = createImageStore(sources.locator(createLocator(config), log), readers);
  const app = createApp(config, {
    images: watch.images(images),
    render: watch.render(
      withTileCache(memcached === undefined ? make : withMemcached(make, memcached), tiles),
    ),
    readSamples,
    readStatistics,
    log,
    version,
    now,
  });
  const respond = watch.respond(app.respond);
  const clearCaches = (): void => {
    tiles.clear();
    readers.clear();
    sources.clear();
  };
  return {
    respond,
    clearCaches,
    administered: createAdministered({
      meters: [meter],
      watch,
      pool,
      readers,
      tiles,
      memcached,
      sources,
      images,
      respond,
      clearCaches,
    }),
    stop: async () => {
      await pool.stop();
      memcached?.close();
      sources.close();
    },
  };
}

interface MemcachedDeps {
  readonly mark: ByteRaster | undefined;
  readonly log: Log;
}

/** Undefined without servers. Pictures of another program version or with another watermark are not the same. */
function memcachedOf(config: Config, version: string, { mark, log }: MemcachedDeps): Memcached | undefined {
  if (config.memcachedServers.length === 0) return undefined;
  const marked = mark === undefined ? '' : createHash('sha256').update(mark.data).digest('hex');
  return new Memcached(config, `${version}|${marked}`, log);
}

async function markOf(config: Config, log: Log): Promise<ByteRaster | undefined> {
  if (config.watermark === '') return undefined;
  try {
    // Loaded here only: without a watermark this thread has no use for libvips.
    const { readWatermark } = await import('./watermark-file.ts');
    return await readWatermark(config.watermark);
  } catch (err) {
    log.warn({ err, path: config.watermark }, 'the watermark cannot be read; pictures are served without it');
    return undefined;
  }
}
