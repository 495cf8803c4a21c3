/** Keeps workers: starts them, replaces those that die, and all of them, one after the other, when it is asked to. */
import { addCounts, settledCounts, type Counts, type ProcessReading } from '../admin/readings.ts';
import type { Log } from '../log.ts';
import { BackOff } from './back-off.ts';
import type { WorkerSeat } from './messages.ts';
import { WorkerProcess, type WorkerEnd, type WorkerOptions } from './worker.ts';

export interface SupervisorOptions extends Omit<WorkerOptions, 'seat' | 'onPyramid'> {
  /** How many there are to be. */
  readonly count: number;
  readonly seat: Omit<WorkerSeat, 'index' | 'of'>;
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** Requests of a worker that is replaced may take so long. */
  readonly graceMs: number;
  /** Workers are asked how they are so often; one that says nothing for longer is ended. */
  readonly lookMs?: number;
  readonly silenceMs?: number;
}

/** A worker's place, which is never long without one. */
interface Place {
  readonly index: number;
  readonly backOff: BackOff;
  worker: WorkerProcess | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** For a new worker to listen. */
const START_LIMIT_MS = 60_000;

/** See SupervisorOptions. */
const LOOK_MS = 10_000;
const SILENCE_MS = 60_000;

/** For a worker to end once it should have broken everything off. */
const END_MS = 3_000;

/** For numbers, which are old then. */
const COUNTS_LIMIT_MS = 1_000;

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #places: readonly Place[];
  readonly #all = new Set<WorkerProcess>();
  readonly #watch: NodeJS.Timeout;
  #former: Counts = addCounts([]);
  #formerServed = 0;
  #lost = 0;
  #isStopping = false;
  #restart: Promise<boolean> | undefined;
  #wantsRestart = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#places = Array.from({ length: options.count }, (_, index) => ({
      index,
      backOff: new BackOff(),
      worker: undefined,
      timer: undefined,
    }));
    for (const place of this.#places) this.#fill(place);
    this.#watch = setInterval(() => this.#look(), options.lookMs ?? LOOK_MS).unref();
  }

  /** Those that listen, and those that end what they have begun. */
  get workers(): readonly WorkerProcess[] {
    return [...this.#all].filter(({ isReady }) => isReady);
  }

  /** Those that take connections. */
  get listening(): readonly WorkerProcess[] {
    return this.#places.flatMap(({ worker }) => (worker?.isReady === true ? [worker] : []));
  }

  /** How many ended unasked. */
  get lost(): number {
    return this.#lost;
  }

  /** Requests answered by workers that live no more, as far as they could tell. */
  get formerServed(): number {
    return this.#formerServed;
  }

  /** What all of them have counted, former ones included. */
  async counts(): Promise<{ readonly sum: Counts; readonly running: readonly ProcessReading[] }> {
    await Promise.all(this.workers.map((worker) => this.#ask(worker, COUNTS_LIMIT_MS)));
    // One that has ended meanwhile is among the former ones.
    const known = this.workers.flatMap(({ lastCounts }) => (lastCounts === undefined ? [] : [lastCounts]));
    const running = this.listening.map(({ seat, lastCounts }) => ({
      worker: seat.index,
      residentBytes: lastCounts?.residentBytes ?? 0,
    }));
    return { sum: addCounts([this.#former, ...known]), running };
  }

  /**
   * A new worker for each, one after the other: the old one ends when the new one listens. Where that does not happen
   * the old ones go on. Asked again meanwhile, it is done once more afterwards.
   *
   * @returns whether all are new.
   */
  restart(): Promise<boolean> {
    this.#wantsRestart = true;
    this.#restart ??= this.#restartAll().finally(() => (this.#restart = undefined));
    return this.#restart;
  }

  /** Lets what is under way end for at most `graceMs`. */
  async stop(graceMs: number): Promise<'drained' | 'cut-off'> {
    this.#isStopping = true;
    clearInterval(this.#watch);
    for (const { timer } of this.#places) clearTimeout(timer);
    const workers = [...this.#all];
    await Promise.all(workers.map((worker) => this.#end(worker, graceMs)));
    return workers.every(({ outcome }) => outcome === 'drained') ? 'drained' : 'cut-off';
  }

  /** Without waiting for anything. */
  kill(): void {
    for (const worker of this.#all) worker.kill();
  }

  async #restartAll(): Promise<boolean> {
    while (this.#wantsRestart) {
      this.#wantsRestart = false;
      for (const place of this.#places) {
        if (this.#isStopping || !(await this.#replace(place))) return false;
      }
    }
    return true;
  }

  /** Whether the place has a new worker. */
  async #replace(place: Place): Promise<boolean> {
    const fresh = this.#start(place);
    const limit = setTimeout(() => fresh.kill(), START_LIMIT_MS);
    const isReady = await fresh.ready;
    clearTimeout(limit);
    if (this.#isStopping) return false;
    if (!isReady) {
      const facts = { worker: place.index, pid: fresh.pid, ...(await fresh.ended) };
      this.#options.log.warn(facts, 'a new worker does not listen; the old ones go on');
      return false;
    }
    clearTimeout(place.timer);
    const old = place.worker;
    place.worker = fresh;
    if (old !== undefined) await this.#end(old, this.#options.graceMs);
    return true;
  }

  async #end(worker: WorkerProcess, graceMs: number): Promise<void> {
    worker.stop(graceMs);
    const limit = setTimeout(() => worker.kill(), graceMs + END_MS);
    await worker.ended;
    clearTimeout(limit);
  }

  #fill(place: Place): void {
    place.timer = undefined;
    place.worker = this.#start(place);
  }

  #start(place: Place): WorkerProcess {
    const { count, seat, log } = this.#options;
    const worker = new WorkerProcess({
      ...this.#options,
      seat: { ...seat, index: place.index, of: count },
      onPyramid: (path) => this.#tellOthers(worker, path),
    });
    this.#all.add(worker);
    const { pid } = worker;
    void worker.ready.then((isReady) => {
      if (isReady) log.info({ worker: place.index, pid }, 'a worker listens');
    });
    void worker.ended.then((end) => this.#bury(place, worker, end));
    return worker;
  }

  #bury(place: Place, worker: WorkerProcess, { exitCode, signal }: WorkerEnd): void {
    this.#all.delete(worker);
    if (worker.lastCounts !== undefined) {
      this.#former = addCounts([this.#former, settledCounts(worker.lastCounts)]);
      this.#formerServed += worker.lastCounts.served;
    }
    if (place.worker !== worker || this.#isStopping) return; // It was to end.
    place.worker = undefined;
    this.#lost += 1;
    const waitMs = place.backOff.wait(performance.now() - worker.bornAt);
    const facts = { worker: place.index, pid: worker.pid, exitCode, signal, waitMs };
    this.#options.log.warn(facts, 'a worker ended; a new one takes its place');
    place.timer = setTimeout(() => this.#fill(place), waitMs);
  }

  #look(): void {
    const { silenceMs = SILENCE_MS } = this.#options;
    for (const worker of this.workers) {
      void this.#ask(worker, silenceMs).then((hasAnswered) => {
        if (hasAnswered || !worker.isReady || this.#isStopping) return;
        const facts = { worker: worker.seat.index, pid: worker.pid };
        this.#options.log.warn(facts, 'a worker does not answer and is ended');
        worker.kill();
      });
    }
  }

  /** Whether it said how it is. */
  async #ask(worker: WorkerProcess, limitMs: number): Promise<boolean> {
    try {
      worker.lastCounts = await worker.ask({ kind: 'counts' }, limitMs);
      return true;
    } catch {
      return false; // What it said before stands.
    }
  }

  #tellOthers(one: WorkerProcess, path: string): void {
    for (const other of this.workers)
      if (other !== one) other.ask({ kind: 'reopen', path }, SILENCE_MS).catch(() => undefined);
  }
}
