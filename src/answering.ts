/** What answers requests in one thread: caches, readers, app. It listens nowhere and starts no thread. */
import { createHash } from 'node:crypto';
import { Watch } from './admin/watch.ts';
import { createApp, type App, type Prepared } from './app.ts';
import { KnownAnswers } from './cache/known-answers.ts';
import { ReaderCache } from './cache/readers.ts';
import type { SharedSegments } from './cache/shared-memory.ts';
import { digestOf, TileCache, withTileCache } from './cache/tile-cache.ts';
import type { Config } from './config/config.ts';
import { createLocator } from './image/locate.ts';
import { LevelStore } from './image/flat/level-store.ts';
import type { OpenSettings, Report } from './image/open-context.ts';
import { openImage } from './image/open.ts';
import { SourceCounters } from './image/remote/counters.ts';
import { remoteSettings } from './image/remote/settings.ts';
import type { FileIdentity } from './image/source.ts';
import { createSources } from './image/sources.ts';
import { createImageStore } from './image-store.ts';
import type { Log } from './log.ts';
import { Meter } from './metrics/meter.ts';
import type { ByteRaster } from './processing/rasters.ts';
import { isWorthPyramid, throughPyramids } from './pyramids/with-pyramid.ts';
import { withCopies } from './render/copy.ts';
import { overBudget } from './render/budgets.ts';
import { planCost } from './render/cost.ts';
import { DoubtfulFiles } from './render/doubtful-files.ts';
import type { ImageStore } from './protocols/protocol.ts';
import type { Render, RenderPixels } from './render/picture.ts';
import { measuring } from './render/measure.ts';
import { sourceOf, type PlanSource } from './render/plan.ts';
import { renderingHere } from './render/render-here.ts';
import type { TaskRunner } from './render/tasks.ts';

/** What all threads that answer have in common; plain data, to be sent to them. */
export interface SharedParts {
  readonly config: Config;
  readonly version: string;
  readonly tileMemory: SharedSegments;
  /** Memory of the meter of each thread, by its number less 1. */
  readonly meters: readonly SharedArrayBuffer[];
  /** Memory in which all threads count what remote images cost. */
  readonly sourceCounters: SharedArrayBuffer;
  /** Of the store of decoded levels. */
  readonly levelMemory: SharedArrayBuffer;
  readonly mark?: ByteRaster;
}

/** Of a file: that it is open, so that it is opened anew, or everything that is known of it but its tiles. */
export type Forgotten = 'reader' | 'all';

/** Told of a picture that a tiled pyramid would make faster (PYRAMID_CACHE_DIR). */
export type WantPyramid = (path: string, identity: FileIdentity) => void;

/** What each has for itself. */
export interface OwnParts {
  readonly log: Log;
  /** For what takes long. */
  readonly tasks: TaskRunner;
  /** The number of its thread, 1 or more. */
  readonly thread: number;
  readonly wantPyramid: WantPyramid;
}

export interface Answering extends App {
  readonly images: ImageStore;
  /** Requests that are being answered, in all threads. */
  countActive(): number;
  /** The tiles of all threads. */
  readonly tiles: Pick<TileCache, 'bytes' | 'forget'>;
  /** Has this thread forget a file. */
  forget(path: string, what: Forgotten): void;
  /** Forgets images and tiles; what is under way goes on. */
  clearCaches(): void;
  /** Gives up descriptors and connections. */
  close(): void;
  /** Another thread has died: gives up what it held of the shared memory. */
  forgetThread(thread: number): void;
}

/** Every rendering thread, of which there is one more than `threads`, keeps some descriptors, and so does every thread that answers. */
export function openFilesPerThread({ openFiles, threads }: Config): number {
  return Math.floor(openFiles / (2 * threads + 2));
}

/** What readers are to know, in whatever thread they are opened. */
export function openSettings({ appliesOrientation, jp2ReadMode, jp2Decoder }: Config): OpenSettings {
  return { isOriented: appliesOrientation, jp2ReadMode, jp2Decoder };
}

export async function createAnswering(
  shared: SharedParts,
  { log, tasks, thread, wantPyramid }: OwnParts,
): Promise<Answering> {
  const { config, version, tileMemory, mark } = shared;
  const now = (): number => performance.now();
  const sources = await createSources(remoteSettings(config), 'either', {
    maxOpenFiles: openFilesPerThread(config),
    counters: new SourceCounters(shared.sourceCounters),
  });
  const meter = new Meter(shared.meters[thread - 1]);
  const everyMeter = shared.meters.map((memory) => new Meter(memory));
  const memcached = await connectMemcached(shared, log, meter);
  // The rendering threads find the same faults again, and do not tell of them.
  const report: Report = (message, facts) => log.warn(facts, message);
  const wrap = throughPyramids(config.pyramidCacheDirectory, (version) => sources.open(version));
  const levels = new LevelStore(shared.levelMemory);
  const options = { ...openSettings(config), report, levels, wrap };
  const readers = new ReaderCache(async (path, identity) => {
    const reader = await openImage(sources.open({ path, identity }), options);
    if (wrap !== undefined && isWorthPyramid(reader.info)) wantPyramid(path, identity);
    return reader;
  }, config.metadataCacheEntries);
  const findReader = (source: PlanSource) => readers.get(source.path, source.identity);
  const tiles = new TileCache(tileMemory, thread);
  const known = new KnownAnswers<Prepared>();
  const elsewhere: RenderPixels = async (plan, signal) => {
    const cost = planCost((await findReader(plan.source)).info, plan);
    const { result, stages } = await tasks.run({ kind: 'render', plan, cost }, signal);
    const bytes = result as Uint8Array;
    return { bytes, origin: 'rendered', ...(stages === undefined ? {} : { stages }) };
  };
  const { reads } = sources;
  const here = renderingHere(elsewhere, { findReader, now, reads, ...(mark === undefined ? {} : { mark }) });
  const { serverTiming: tellsTiming, uriMap } = config;
  const watch = new Watch({ meter, tellsTiming, uriMap, now, openImages: () => readers.size });
  const doubtful = new DoubtfulFiles({ now, maxWaiting: maxDoubtful(shared) });
  const images = createImageStore(sources.locator(createLocator(config), log), readers, doubtful);
  const copies = withCopies(here, { findReader, reads });
  const making = watch.making((plan, signal) =>
    doubtful.attempt(sourceOf(plan), signal, () => copies(plan, signal)),
  );
  const kept = tiles.isOff ? undefined : watch.cache(tiles);
  const app = createApp(config, {
    images: watch.images(images),
    render: watch.render(withTileCache(memcached.fit(making, watch), kept)),
    ...(kept === undefined ? {} : { peek: watch.peek((plan) => tiles.get(digestOf(plan))) }),
    known,
    ...measuring({ tasks, doubtful, noted: (done) => watch.task(done) }),
    log,
    version,
    now,
    // What this request is counts already.
    admit: () => {
      if (activeIn(everyMeter) > config.maxConcurrent) throw overBudget('requests');
    },
    onOverBudget: (budget) => meter.countRefusal(budget),
  });
  return {
    respond: watch.respond(app.respond),
    images,
    countActive: () => activeIn(everyMeter),
    tiles,
    forget: (path, what) => {
      readers.forget(path);
      if (what === 'all') {
        known.forget(path);
        images.forget?.(path);
      }
      watch.tell();
    },
    clearCaches: () => {
      known.clear();
      tiles.clear();
      readers.clear();
      sources.clear();
      watch.tell();
    },
    close: () => {
      memcached.close();
      sources.close();
    },
    forgetThread: (dead) => tiles.forgetOwner(dead),
  };
}

/** Of the requests that may be worked on, so many may wait for damaged files. */
const DOUBTFUL_SHARE = 1 / 4;

const maxDoubtful = ({ config, meters }: SharedParts): number =>
  Math.max(1, Math.floor((config.maxConcurrent * DOUBTFUL_SHARE) / meters.length));

/** Requests that are being answered, in all threads. */
const activeIn = (meters: readonly Meter[]): number =>
  meters.reduce((sum, meter) => sum + meter.read('active'), 0);

/** A layer round rendering, and how it is ended. */
interface Layer {
  fit(render: Render, watch: Watch): Render;
  close(): void;
}

/** Pictures of another program version or with another watermark are not the same. */
async function connectMemcached(
  { config, version, mark }: SharedParts,
  log: Log,
  meter: Meter,
): Promise<Layer> {
  if (config.memcachedServers.length === 0) return { fit: (render) => render, close: () => {} };
  // Loaded here only: most servers have none.
  const { Memcached, withMemcached } = await import('./cache/memcached/memcached.ts');
  const marked = mark === undefined ? '' : createHash('sha256').update(mark.data).digest('hex');
  const memcached = new Memcached(config, `${version}|${marked}`, { log, meter });
  return {
    fit: (render, watch) => withMemcached(render, watch.cache(memcached)),
    close: () => memcached.close(),
  };
}
