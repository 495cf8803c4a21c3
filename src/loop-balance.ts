/**
 * One listening thread is enough for light load, and for a single client, however much it asks: several that sleep are
 * all woken by each connection, one of them gets it, and each has to grow warm by itself. So the others rest once
 * connections come and little is done or one request comes after the other. They listen again under load, with the first
 * requests at once after a pause, and when connections are kept, so that these are spread over all.
 */

/** What is asked of the threads beside the main one. */
export interface Others {
  /** Milliseconds of work done so far. */
  readonly workedMs: number;
  rest(): void;
  listen(): void;
}

/** What is known of the main thread. The first three count up. */
export interface MainState {
  readonly workedMs: number;
  readonly connections: number;
  readonly requests: number;
  /** Connections that it has now. */
  readonly open: number;
}

interface Sample extends MainState {
  readonly at: number;
  readonly together: number;
  readonly othersMs: number;
}

/** Load is looked at so often while there is some. */
const LOOK_MS = 50;

/** Connections between two looks, from which on it matters who is woken. */
const MANY_CONNECTIONS = 5;

/** Shares of one thread's time: all work below the first fits it, above the second requests wait for each other. */
const LIGHT = 0.4;
const BUSY = 0.6;

/** Requests of which fewer have company come one after the other. */
const ALONE = 0.05;

/** Looks in a row that have to find light load: the last one before a pause finds it after any. */
const LIGHT_LOOKS = 2;

/** Requests with company, from which on the first ones after a pause are load, before it was looked at. */
const BURST = 4;

export class LoopBalance {
  readonly #main: () => MainState;
  readonly #others: Others;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  #last: Sample;
  #areResting = false;
  /** Requests that had company. */
  #together = 0;
  #lightLooks = 0;
  /** Nothing was looked at since a pause. */
  #isFresh = false;

  constructor(main: () => MainState, others: Others, now: () => number = () => performance.now()) {
    this.#main = main;
    this.#others = others;
    this.#now = now;
    this.#last = this.#sample();
  }

  /**
   * The main thread has got a request: from now on the load is looked at, until none comes.
   *
   * @param company others are under way, or wait to be read: there are more connections than this one.
   */
  onRequest(company: boolean): void {
    if (this.#timer === undefined) {
      this.#last = this.#sample();
      this.#isFresh = true;
      this.#timer = setInterval(() => this.look(), LOOK_MS).unref();
    }
    if (!company) return;
    this.#together += 1;
    if (this.#areResting && this.#isFresh && this.#together - this.#last.together >= BURST) this.#listen();
  }

  /** Compares with the last look. */
  look(): void {
    const last = this.#last;
    const sample = (this.#last = this.#sample());
    const periodMs = Math.max(1, sample.at - last.at);
    this.#isFresh = false;
    if (sample.requests === last.requests) return this.#onPause(sample);
    const mainShare = (sample.workedMs - last.workedMs) / periodMs;
    const share = mainShare + Math.max(0, sample.othersMs - last.othersMs) / periodMs;
    const isAlone = sample.together - last.together <= ALONE * (sample.requests - last.requests);
    if (this.#areResting) {
      if (mainShare > BUSY && !isAlone) this.#listen();
      return;
    }
    const isLight = (share < LIGHT || isAlone) && sample.connections - last.connections >= MANY_CONNECTIONS;
    this.#lightLooks = isLight ? this.#lightLooks + 1 : 0;
    if (this.#lightLooks >= LIGHT_LOOKS) this.#rest();
  }

  /** Looks no more. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #onPause({ open }: Sample): void {
    this.stop();
    this.#lightLooks = 0;
    // Kept ones: whoever asks through them asks this thread, even when it has too much to do.
    if (open > 0) this.#listen();
  }

  #rest(): void {
    this.#areResting = true;
    this.#lightLooks = 0;
    this.#others.rest();
  }

  #listen(): void {
    if (this.#areResting) this.#others.listen();
    this.#areResting = false;
  }

  #sample(): Sample {
    return { ...this.#main(), together: this.#together, at: this.#now(), othersMs: this.#others.workedMs };
  }
}
