/** What runs in a rendering thread: takes one task after another, and looks whether anybody still waits. */
import { parentPort, workerData } from 'node:worker_threads';
import { ReaderCache } from './cache/readers.ts';
import { isAbort } from './errors.ts';
import { endDecodingProcesses } from './image/decoding-process.ts';
import type { OpenSettings } from './image/open-context.ts';
import { collectNow, collectWhenIdle } from './idle-collection.ts';
import { LevelStore } from './image/flat/level-store.ts';
import { limitKnownTiles } from './image/jp2/codestream/codestream.ts';
import { openImage } from './image/open.ts';
import { recycling } from './recycling.ts';
import { SourceCounters } from './image/remote/counters.ts';
import { isolateVips } from './image/vips/run-vips.ts';
import type { RemoteSettings } from './image/remote/settings.ts';
import { createSources } from './image/sources.ts';
import { StageClock } from './metrics/stage-clock.ts';
import type { ByteRaster } from './processing/rasters.ts';
import { throughPyramids } from './pyramids/with-pyramid.ts';
import { executePlan } from './render/execute.ts';
import { giveWay } from './render/give-way.ts';
import {
  CELL,
  LEAVE,
  packError,
  STAGE,
  type ResultMessage,
  type Task,
  type TaskMessage,
  type TaskResult,
} from './render/messages.ts';
import type { Cancellation } from './image/reader.ts';
import type { PlanSource } from './render/plan.ts';
import { readSamples } from './render/samples.ts';
import { readStatistics } from './render/statistics.ts';

/** What the pool hands to every thread. */
export interface WorkerSettings {
  /** Open images that one thread keeps. */
  readonly maxReaders: number;
  /** Descriptors that one thread keeps. */
  readonly maxOpenFiles: number;
  /** With SPARE_MEMORY; `maxKnownBytes` is what this thread may keep of what it knows of JPEG 2000 tiles. */
  readonly sparing?: { readonly maxKnownBytes: number };
  /** Of the store of decoded levels, which all threads share. */
  readonly levelMemory: SharedArrayBuffer;
  /** PYRAMID_CACHE_DIR; empty: none. */
  readonly pyramidDirectory: string;
  /** See CELL. */
  readonly cells: Int32Array;
  readonly open: OpenSettings;
  readonly remote: RemoteSettings;
  /** Memory in which all threads count what remote images cost. */
  readonly sourceCounters: SharedArrayBuffer;
  /** The watermark, read by the main thread. */
  readonly mark?: ByteRaster;
}

/** Strips and parts of some megabytes are this thread's daily work. */
const KEPT_PIXEL_BYTES = 2 ** 24;

const settings = workerData as WorkerSettings;
giveWay();
const port = parentPort;
if (port === null) throw new Error('this module runs in a worker thread only');

// What native code does with files of other people must not end all threads.
isolateVips({ sparesMemory: settings.sparing !== undefined });
if (settings.sparing === undefined) recycling.keepAtMost(KEPT_PIXEL_BYTES);
else limitKnownTiles(settings.sparing.maxKnownBytes);

const sources = await createSources(settings.remote, 'sync', {
  maxOpenFiles: settings.maxOpenFiles,
  counters: new SourceCounters(settings.sourceCounters),
});
/** Of the task that runs; there is never more than one. */
const clock = new StageClock(sources.reads);
const wrap = throughPyramids(settings.pyramidDirectory, (version) => sources.open(version));
const openOptions = {
  ...settings.open,
  levels: new LevelStore(settings.levelMemory),
  wrap,
};
const readers = new ReaderCache(async (path, identity) => {
  const before = clock.enter('open');
  try {
    return await openImage(sources.open({ path, identity }), openOptions);
  } finally {
    clock.enter(before);
  }
}, settings.maxReaders);
const findReader = (source: PlanSource) => readers.get(source.path, source.identity);

/** No event reaches this thread while it computes: whether anybody still waits is read from shared memory. */
function cancellationOf(id: number): Cancellation {
  return {
    throwIfAborted: () => {
      if (Atomics.load(settings.cells, CELL.cancelled) === id)
        throw new DOMException('nobody waits any more', 'AbortError');
    },
  };
}

const tellStage = (stage: number): void => void Atomics.store(settings.cells, CELL.stage, stage);

async function perform(task: Task, cancellation: Cancellation): Promise<TaskResult> {
  tellStage(STAGE.reading);
  switch (task.kind) {
    case 'render': {
      const { mark } = settings;
      const reader = await findReader(task.plan.source);
      return executePlan(task.plan, {
        reader,
        cancellation,
        clock,
        onEncode: () => tellStage(STAGE.encoding),
        ...(mark === undefined ? {} : { mark }),
      });
    }
    case 'samples':
      return readSamples(task.query, findReader, { cancellation, clock });
    case 'statistics':
      return readStatistics(await findReader(task.source), task.source.page, { cancellation, clock });
  }
}

async function answer({ id, task }: TaskMessage): Promise<ResultMessage> {
  try {
    clock.restart();
    const result = await perform(task, cancellationOf(id));
    return { id, kind: 'done', result, stages: clock.read() };
  } catch (thrown) {
    return isAbort(thrown) ? { id, kind: 'aborted' } : { id, kind: 'failed', error: packError(thrown) };
  }
}

/** A picture that has its memory to itself is handed over; one in a pool that others use is copied. */
function transferable(message: ResultMessage): ArrayBuffer[] {
  if (message.kind !== 'done' || !(message.result instanceof Uint8Array)) return [];
  const { buffer, byteLength } = message.result;
  const isAlone =
    buffer instanceof ArrayBuffer && buffer.byteLength === byteLength && byteLength > LARGE_BYTES;
  return isAlone ? [buffer] : [];
}

/** The other side has its copy. */
function giveBackPicture(result: unknown): void {
  if (result instanceof Uint8Array) recycling.giveBack(result);
}

/** An export that took so much leaves as much garbage, which is not to be there when the next one begins. */
const MUCH_BYTES = 2 ** 25;

const collecting = settings.sparing === undefined ? undefined : collectWhenIdle();

/** Below this, copying costs less than handing over. */
const LARGE_BYTES = 65_536;

port.on('message', (message: TaskMessage | typeof LEAVE) => {
  if (message === LEAVE) return void endDecodingProcesses().then(() => port.close());
  void answer(message).then((result) => {
    const handedOver = transferable(result);
    port.postMessage(result, handedOver);
    if (handedOver.length === 0 && result.kind === 'done') giveBackPicture(result.result);
    if (collecting === undefined) return;
    const { isExport, bytes } = message.task.cost;
    if (isExport && bytes >= MUCH_BYTES) collectNow();
    collecting();
  });
});
