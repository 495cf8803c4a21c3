/** How long the making of one picture takes, by stages: a few numbers that are written over again and again. */

/** What the making of a picture is made of, whichever thread does it. */
export const PICTURE_STAGES = ['open', 'read', 'decode', 'process', 'encode'] as const;

export type PictureStage = (typeof PICTURE_STAGES)[number];

/** Milliseconds of each stage; 0 for one that was not needed. */
export type StageTimes = Readonly<Record<PictureStage, number>>;

/**
 * For how long a thread has waited for bytes of files or of remote objects. Reads that wait at the same time count
 * once, so that what passes in a span of time is never more than the span.
 */
export class ReadClock {
  readonly #now: () => number;
  #ms = 0;
  #pending = 0;
  #since = 0;

  /** @param now milliseconds; only differences count. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Milliseconds so far, those of reads under way among them. */
  get ms(): number {
    return this.#pending === 0 ? this.#ms : this.#ms + this.#now() - this.#since;
  }

  begin(): void {
    if (this.#pending++ === 0) this.#since = this.#now();
  }

  end(): void {
    if (--this.#pending === 0) this.#ms += this.#now() - this.#since;
  }
}

/**
 * Is always in one stage, to which the time goes that passes, so that the stages never add up to more than went by.
 * While it is in `decode`, what passes on the clock of reads goes to `read`.
 */
export class StageClock {
  readonly #reads: ReadClock;
  readonly #now: () => number;
  readonly #ms: Record<PictureStage, number> = { open: 0, read: 0, decode: 0, process: 0, encode: 0 };
  #stage: PictureStage = 'process';
  #since = 0;
  #readsBefore = 0;

  /** It runs from now on, in `process`. */
  constructor(reads: ReadClock, now: () => number = () => performance.now()) {
    this.#reads = reads;
    this.#now = now;
    this.restart();
  }

  /** Forgets what it has counted, and begins in `stage`. */
  restart(stage: PictureStage = 'process'): void {
    const ms = this.#ms;
    ms.open = ms.read = ms.decode = ms.process = ms.encode = 0;
    this.#begin(stage, this.#now());
  }

  /** Ends the stage that it is in and begins another. @returns the one that has ended. */
  enter(stage: PictureStage): PictureStage {
    const before = this.#stage;
    const now = this.#now();
    const ms = now - this.#since;
    if (before === 'decode') {
      const read = Math.min(ms, this.#reads.ms - this.#readsBefore);
      this.#ms.read += read;
      this.#ms.decode += ms - read;
    } else {
      this.#ms[before] += ms;
    }
    this.#begin(stage, now);
    return before;
  }

  /** What was counted up to now; it runs on. */
  read(): StageTimes {
    this.enter(this.#stage);
    return { ...this.#ms };
  }

  #begin(stage: PictureStage, now: number): void {
    this.#stage = stage;
    this.#since = now;
    this.#readsBefore = stage === 'decode' ? this.#reads.ms : 0;
  }
}
