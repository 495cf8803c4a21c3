/** Builds a whole image server out of a configuration: caches, threads, app. It listens nowhere. */
import { createApp, type App } from './app.ts';
import { ReaderCache } from './cache/readers.ts';
import { TileCache, withTileCache } from './cache/tile-cache.ts';
import type { Config } from './config/config.ts';
import { openFileSource } from './image/file-source.ts';
import { LevelStore, storeMemory } from './image/flat/level-store.ts';
import type { ImageInfo } from './image/info.ts';
import { createLocator } from './image/locate.ts';
import { OpenFiles } from './image/open-files.ts';
import { openImage } from './image/open.ts';
import type { Report } from './image/reader.ts';
import { createImageStore } from './image-store.ts';
import type { Log } from './log.ts';
import type { ByteRaster } from './processing/rasters.ts';
import { PyramidCache } from './pyramids/pyramid-cache.ts';
import { isFlat, throughPyramids } from './pyramids/with-pyramid.ts';
import { withCopies } from './render/copy.ts';
import type { RenderPixels } from './render/picture.ts';
import type { PlanSource } from './render/plan.ts';
import { RenderPool } from './render/pool.ts';
import type { ReadSamples } from './render/samples.ts';
import type { ReadStatistics, Statistics } from './render/statistics.ts';

export interface ImageServer extends App {
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
  // Every thread keeps some, and this one too.
  const filesPerThread = Math.floor(config.openFiles / (config.threads + 1));
  const openFiles = new OpenFiles(filesPerThread);
  const isOriented = config.appliesOrientation;
  const levelMemory = storeMemory(config.levelCacheBytes);
  const levels = new LevelStore(levelMemory);
  // The rendering threads find the same faults again; the log has them once.
  const report: Report = (message, facts) => log.warn(facts, message);
  const directory = config.pyramidCacheDirectory;
  const pyramids = openPyramids(config, log, (path) => readers.forget(path));
  const place = { directory, files: openFiles, mode: 'async' } as const;
  const options = { isOriented, levels, report, ...(pyramids && { wrap: throughPyramids(place) }) };
  const readers = new ReaderCache(async (path, identity) => {
    const reader = await openImage(openFileSource({ path, identity }, openFiles, 'async'), options);
    if (isFlat(reader.info) && isLarge(reader.info)) pyramids?.want(path, identity);
    return reader;
  }, config.metadataCacheEntries);
  const pool = new RenderPool({
    threads: config.threads,
    workerUrl: new URL('./worker.js', import.meta.url),
    workerData: {
      maxReaders: READERS_PER_THREAD,
      maxOpenFiles: filesPerThread,
      isOriented,
      levelMemory,
      pyramidDirectory: directory,
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
  const tiles = new TileCache(config.imageCacheBytes);
  const { respond } = createApp(config, {
    images: createImageStore(createLocator(config), readers),
    render: withTileCache(withCopies(renderPixels, findReader), tiles),
    readSamples,
    readStatistics,
    log,
    version,
    now: () => performance.now(),
  });
  return {
    respond,
    clearCaches: () => {
      tiles.clear();
      readers.clear();
    },
    stop: () => {
      pyramids?.stop();
      return pool.stop();
    },
  };
}

/** Pixels from which a pyramid is worth its making: below, a picture is decoded in a fraction of a second. */
const LARGE_PIXELS = 2 ** 23;

const isLarge = ({ levels: [full] }: ImageInfo): boolean =>
  full !== undefined && full.width * full.height >= LARGE_PIXELS;

function openPyramids(config: Config, log: Log, onMade: (path: string) => void): PyramidCache | undefined {
  const { pyramidCacheDirectory: directory, pyramidCacheBytes: maxBytes } = config;
  return directory === '' ? undefined : new PyramidCache({ directory, maxBytes, log, onMade });
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
