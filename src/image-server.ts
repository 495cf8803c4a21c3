/** A whole image server out of a configuration, answering in this thread, ready for others. It listens nowhere. */
import { setTimeout } from 'node:timers/promises';
import { createAdministered } from './admin/administered.ts';
import type { Countable } from './admin/readings.ts';
import {
  createAnswering,
  openFilesPerThread,
  openSettings,
  type Answering,
  type SharedParts,
  type WantPyramid,
} from './answering.ts';
import { sharingTasks } from './cache/shared-tasks.ts';
import { allocateSegments } from './cache/shared-memory.ts';
import type { Config } from './config/config.ts';
import { memcachedNames } from './config/server-list.ts';
import { SourceCounters } from './image/remote/counters.ts';
import { storeMemory } from './image/flat/level-store.ts';
import { NativeDecoder } from './image/jp2/native/decoder.ts';
import { remoteSettings } from './image/remote/settings.ts';
import type { Log } from './log.ts';
import { Meter } from './metrics/meter.ts';
import type { ByteRaster } from './processing/rasters.ts';
import { PyramidCache } from './pyramids/pyramid-cache.ts';
import { RenderPool } from './render/pool.ts';
import type { TaskRunner } from './render/tasks.ts';

export interface ImageServer extends Answering {
  /** For other threads that answer. */
  readonly shared: SharedParts;
  /** What takes long, for them too. */
  readonly tasks: TaskRunner;
  /** For an admin server. */
  administered(others: OtherThreads): Countable;
  /** For other threads that open images. */
  readonly wantPyramid: WantPyramid;
  /** `tell` is called with the path of a picture whose pyramid has been made. */
  onPyramid(tell: (path: string) => void): void;
  /** Ends the rendering threads; requests that still come are answered 503. */
  stop(): Promise<void>;
}

/** Threads that answer beside the main one, as far as there are any. */
export interface OtherThreads {
  /** Forgets what they know of one file. */
  forget(path: string): Promise<void>;
  /** Empties their caches. */
  empty(): Promise<void>;
}

/** So many threads answer at most: more wake each other for every connection. */
const MAX_ANSWERING = 8;

/** Threads that may answer, the main one among them. */
export const answeringThreads = ({ threads }: Config): number => Math.min(threads, MAX_ANSWERING);

/** The main thread's number in shared memory. */
export const MAIN_THREAD = 1;

/** Open images that each rendering thread keeps. */
const READERS_PER_THREAD = 64;

/** Of the memory for work, what rendering threads may keep between two windows of a JPEG 2000 file. */
const KNOWN_SHARE = 1 / 4;

/** Memory for work that there is to be for each process in which a thread decodes. */
const BYTES_PER_PROCESS = 150 * 2 ** 20;

/** So long a viewer that was left may be taken up again; then its thread is ended, but not often (`render/idle-ends.ts`). */
const THREAD_IDLE_MS = 30_000;

/** What threads keep where memory is to be spared. */
const sparingWorkers = ({ maxMemoryBytes, threads }: Config) => ({
  sparing: { maxKnownBytes: Math.ceil((maxMemoryBytes * KNOWN_SHARE) / (threads + 1)) },
});

const sparingPool = ({ maxMemoryBytes }: Config) => ({
  maxProcesses: Math.max(1, Math.floor(maxMemoryBytes / BYTES_PER_PROCESS)),
});

/** Threads get this long to end. */
const STOP_MS = 2_000;

/** A watermark that cannot be read is told in the log, and pictures are served without it. */
export async function createImageServer(wanted: Config, log: Log, version: string): Promise<ImageServer> {
  const mark = await markOf(wanted, log);
  const config: Config = mark === undefined ? { ...wanted, watermark: '' } : wanted;
  const withMark = mark === undefined ? {} : { mark };
  const tileMemory = allocateSegments(config.imageCacheBytes);
  const bytes = tileMemory.segments.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (config.imageCacheBytes - bytes > 4096)
    log.warn({ wanted: config.imageCacheBytes, bytes }, 'there is not enough memory for the tile cache');
  const sources = new SourceCounters();
  const meters = Array.from(
    { length: answeringThreads(config) },
    () => new Meter(Meter.allocate(config.memcachedServers.length)),
  );
  if (config.jp2Decoder === 'native') void tellOfNative(log);
  const levelMemory = storeMemory(config.levelCacheBytes);
  const pool = new RenderPool({
    threads: config.threads,
    workerUrl: new URL('./worker.js', import.meta.url),
    workerData: {
      maxReaders: READERS_PER_THREAD,
      maxOpenFiles: openFilesPerThread(config),
      ...(config.sparesMemory ? sparingWorkers(config) : {}),
      open: openSettings(config),
      remote: remoteSettings(config),
      sourceCounters: sources.memory,
      levelMemory,
      pyramidDirectory: config.pyramidCacheDirectory,
      ...withMark,
    },
    maxQueue: config.maxQueue,
    maxMemory: config.maxMemoryBytes,
    timeLimitMs: config.requestTimeoutSeconds * 1000,
    idleMs: THREAD_IDLE_MS,
    keepsReady: !config.sparesMemory,
    ...(config.sparesMemory ? sparingPool(config) : {}),
    log,
  });
  const shared: SharedParts = {
    config,
    version,
    tileMemory,
    levelMemory,
    meters: meters.map(({ memory }) => memory),
    sourceCounters: sources.memory,
    ...withMark,
  };
  const tasks = sharingTasks(pool);
  const listeners = new Set<(path: string) => void>();
  const pyramids = openPyramids(config, log, (path) => {
    for (const tell of listeners) tell(path);
  });
  const wantPyramid: WantPyramid = (path, identity) => pyramids?.want(path, identity);
  const answering = await createAnswering(shared, { log, tasks, thread: MAIN_THREAD, wantPyramid });
  listeners.add((path) => answering.forget(path, 'reader'));
  const memcached = memcachedNames(config);
  return {
    ...answering,
    shared,
    tasks,
    administered: (others) =>
      createAdministered({
        ...answering,
        meters,
        pool,
        memcached,
        sources,
        forget: async (path) => {
          await others.forget(path);
          answering.forget(path, 'all');
        },
        empty: async () => {
          await others.empty();
          answering.clearCaches();
        },
      }),
    forgetThread: (thread) => {
      answering.forgetThread(thread);
      meters[thread - MAIN_THREAD]?.settle();
    },
    wantPyramid,
    onPyramid: (tell) => listeners.add(tell),
    stop: async () => {
      pyramids?.stop();
      // Native code in a thread may not come to an end.
      await Promise.race([pool.stop(), setTimeout(STOP_MS, undefined, { ref: false })]);
      answering.close();
    },
  };
}

/** Whether there is what JP2_DECODER=native asks for. */
async function tellOfNative(log: Log): Promise<void> {
  const decoder = new NativeDecoder();
  const found = await decoder.probe();
  decoder.stop();
  if ('version' in found) log.info({ openjpeg: found.version }, 'OpenJPEG decodes JPEG 2000');
  else log.warn({ reason: found.absence }, 'JP2_DECODER=native: no OpenJPEG; our own decoder serves');
}

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
