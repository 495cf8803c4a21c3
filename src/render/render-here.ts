/** Makes quick pictures in the thread that asks, and hands everything else on. */
import { after, type Awaitable } from '../awaitable.ts';
import type { ImageReader } from '../image/reader.ts';
import { StageClock, type ReadClock } from '../metrics/stage-clock.ts';
import type { ByteRaster } from '../processing/rasters.ts';
import type { FindReader } from './copy.ts';
import type { executePlan } from './execute.ts';
import type { Picture, RenderPixels } from './picture.ts';
import type { RenderPlan } from './plan.ts';
import { isQuick } from './quick.ts';

export interface HereParts {
  readonly findReader: FindReader;
  /** Milliseconds; only differences count. */
  readonly now: () => number;
  /** Of this thread. */
  readonly reads: ReadClock;
  readonly mark?: ByteRaster;
}

/** An image whose pictures were thought quick and took longer than this, so many in a row, is handed on for a while. */
const TOO_LONG_MS = 8;
const TOO_MANY = 5;
const CAUTION_MS = 2_000;

/** A thread that has made fewer pictures still compiles what makes them: how long they took says nothing of the image. */
const WARM_PICTURES = 50;

/** Of one image. */
interface Experience {
  longInARow: number;
  /** Until then its pictures are made elsewhere. */
  cautiousUntil: number;
}

/**
 * A `RenderPixels` that makes quick pictures itself. Several pictures in a row of one image that took too long send the
 * image's next ones to `elsewhere` for some seconds. One alone says little: on a busy machine any thread is interrupted
 * for longer, and the other thread would be too.
 */
export function renderingHere(elsewhere: RenderPixels, parts: HereParts): RenderPixels {
  const { findReader, now, reads, mark } = parts;
  const experiences = new WeakMap<ImageReader, Experience>();
  let execute: typeof executePlan | undefined;
  let made = 0;
  let lastEnd = 0;
  const learn = (experience: Experience, start: number): void => {
    const end = now();
    // Pictures that are made at the same time wait for each other: since the last one was done is what this one took.
    const ownMs = end - Math.max(start, lastEnd);
    lastEnd = end;
    const isLong = made++ > WARM_PICTURES && ownMs > TOO_LONG_MS;
    experience.longInARow = isLong ? experience.longInARow + 1 : 0;
    if (experience.longInARow < TOO_MANY) return;
    experience.longInARow = 0;
    experience.cautiousUntil = end + CAUTION_MS;
  };
  const renderWith = (
    make: typeof executePlan,
    plan: RenderPlan,
    reader: ImageReader,
    experience: Experience,
  ): Awaitable<Picture> => {
    const start = now();
    const clock = new StageClock(reads);
    const own = { reader, cancellation, clock };
    return after(make(plan, mark === undefined ? own : { reader, cancellation, clock, mark }), (bytes) => {
      const stages = clock.read();
      learn(experience, start);
      return { bytes, origin: 'rendered' as const, stages };
    });
  };
  return (plan, signal) =>
    after(findReader(plan.source), (reader) => {
      if (!isQuick(plan, reader.info)) return elsewhere(plan, signal);
      let experience = experiences.get(reader);
      if (experience === undefined)
        experiences.set(reader, (experience = { longInARow: 0, cautiousUntil: 0 }));
      if (now() < experience.cautiousUntil) return elsewhere(plan, signal);
      if (execute !== undefined) return renderWith(execute, plan, reader, experience);
      return loadExecute().then((loaded) => {
        execute = loaded;
        return loaded === undefined ? elsewhere(plan, signal) : renderWith(loaded, plan, reader, experience);
      });
    });
}

/**
 * Loaded here only: a thread that only copies and hands on has no use for encoders. Node.js remembers a module that could not be
 * read (no descriptor was left) as one that cannot; then others make the pictures. The log has it from `prepareSoon`.
 */
async function loadExecute(): Promise<typeof executePlan | undefined> {
  return import('./execute.ts').then(
    (module) => module.executePlan,
    () => undefined,
  );
}

/** Nobody can leave while this thread computes. */
const cancellation = { throwIfAborted: (): void => {} };
