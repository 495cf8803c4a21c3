/** The listening threads beside the main one, seen from there: started, given what they ask for, replaced when they die. */
import { Worker } from 'node:worker_threads';
import type { Forgotten, WantPyramid } from './answering.ts';
import type { Log } from './log.ts';
import type { FromLoop, LoopSeat, ToLoop } from './loop-messages.ts';
import { overBudget } from './render/budgets.ts';
import { packError } from './render/messages.ts';
import type { RemoteOutcome } from './render/remote-tasks.ts';
import type { TaskRunner } from './render/tasks.ts';
import { isAbort } from './errors.ts';
import { THREAD_LIMITS } from './render/thread-memory.ts';
import { BackOff } from './workers/back-off.ts';

export interface LoopsOptions {
  readonly count: number;
  /** The module that a thread runs. */
  readonly workerUrl: URL;
  /** Number of the first; the others count on from there. */
  readonly firstThread: number;
  readonly seat: Omit<LoopSeat, 'thread' | 'served'>;
  readonly tasks: TaskRunner;
  readonly log: Log;
  /** Takes log lines of a thread. */
  readonly relay: (lines: string, isUrgent: boolean) => void;
  /** A thread has opened a picture that a pyramid would make faster. */
  readonly wantPyramid: WantPyramid;
  /** A thread has died: what it held in shared memory is to be given up. */
  readonly onDeath: (thread: number) => void;
}

/** A thread that has stopped gets this long to end by itself. */
const END_MS = 1_000;

interface Loop {
  readonly worker: Worker;
  readonly thread: number;
  readonly running: Map<number, AbortController>;
  readonly bornAt: number;
  isListening: boolean;
}

type Outcome = 'drained' | 'cut-off';

type Matches = (message: FromLoop) => boolean;

const isOf =
  (kind: FromLoop['kind']): Matches =>
  (message) =>
    message.kind === kind;

export class Loops {
  readonly #options: LoopsOptions;
  readonly #loops = new Set<Loop>();
  readonly #served = new Int32Array(new SharedArrayBuffer(4));
  readonly #backOffs = new Map<number, BackOff>();
  readonly #restarts = new Set<NodeJS.Timeout>();
  #lastQuestion = 0;
  #isStopping = false;

  constructor(options: LoopsOptions) {
    this.#options = options;
    for (let index = 0; index < options.count; index++) this.#start(options.firstThread + index);
  }

  /** Requests that they were given so far; those of threads that died count too. */
  get served(): number {
    return Atomics.load(this.#served, 0);
  }

  /** How many there are to be. */
  get count(): number {
    return this.#options.count;
  }

  /** Threads that take connections now. */
  get listening(): number {
    return [...this.#loops].filter(({ isListening }) => isListening).length;
  }

  /** Milliseconds of work that they have done so far. */
  get workedMs(): number {
    let sum = 0;
    for (const { worker } of this.#loops) sum += worker.performance.eventLoopUtilization().active;
    return sum;
  }

  /** Leaves new connections to the main thread; what they have goes on. */
  rest(): void {
    this.#tellAll({ kind: 'rest' });
  }

  /** Takes connections again. */
  listen(): void {
    this.#tellAll({ kind: 'listen' });
  }

  /** Empties the caches of every thread; resolves when that is done. */
  async empty(): Promise<void> {
    await Promise.all([...this.#loops].map((loop) => this.#ask(loop, { kind: 'empty' }, isOf('emptied'))));
  }

  /** Has every thread forget a file; resolves when that is done. */
  async forget(path: string, what: Forgotten): Promise<void> {
    const id = ++this.#lastQuestion;
    const isAnswer = (message: FromLoop): boolean => message.kind === 'forgotten' && message.id === id;
    const question: ToLoop = { kind: 'forget', id, path, what };
    await Promise.all([...this.#loops].map((loop) => this.#ask(loop, question, isAnswer)));
  }

  #tellAll(message: ToLoop): void {
    for (const { worker } of this.#loops) worker.postMessage(message);
  }

  /** Lets what is under way end for at most `graceMs`. `onClosed` is called when no thread takes connections any more. */
  async stop(graceMs: number, onClosed: () => void): Promise<Outcome> {
    this.#isStopping = true;
    for (const timer of this.#restarts) clearTimeout(timer);
    const loops = [...this.#loops];
    const ends = loops.map((loop) => this.#stopOne(loop));
    const closed = loops.map((loop) => this.#ask(loop, { kind: 'stop', graceMs }, isOf('closed')));
    void Promise.all(closed).then(onClosed);
    const outcomes = await Promise.all(ends);
    return outcomes.includes('cut-off') ? 'cut-off' : 'drained';
  }

  async #stopOne(loop: Loop): Promise<Outcome> {
    // Listened for before: a thread may have ended when its last message is read, and both are told in one go.
    const ended = new Promise((resolve) => loop.worker.once('exit', resolve));
    const message = await this.#next(loop, isOf('stopped'));
    if (message !== undefined) {
      const limit = setTimeout(() => void loop.worker.terminate(), END_MS);
      await ended;
      clearTimeout(limit);
    }
    return message?.kind === 'stopped' ? message.outcome : 'cut-off';
  }

  #ask(loop: Loop, question: ToLoop, isAnswer: Matches): Promise<FromLoop | undefined> {
    const answered = this.#next(loop, isAnswer);
    loop.worker.postMessage(question);
    return answered;
  }

  /** The next message that `matches`; undefined when the thread ends before. */
  #next({ worker }: Loop, matches: Matches): Promise<FromLoop | undefined> {
    return new Promise((resolve) => {
      const onMessage = (message: FromLoop): void => {
        if (matches(message)) settle(message);
      };
      const onExit = (): void => settle(undefined);
      const settle = (message: FromLoop | undefined): void => {
        worker.off('message', onMessage);
        worker.off('exit', onExit);
        resolve(message);
      };
      worker.on('message', onMessage);
      worker.once('exit', onExit);
    });
  }

  #start(thread: number): void {
    const { workerUrl, seat, log } = this.#options;
    const workerData: LoopSeat = { ...seat, thread, served: this.#served };
    const worker = new Worker(workerUrl, { workerData, resourceLimits: THREAD_LIMITS });
    const running = new Map<number, AbortController>();
    const loop: Loop = { worker, thread, running, bornAt: performance.now(), isListening: false };
    worker.on('message', (message: FromLoop) => this.#onMessage(loop, message));
    worker.on('error', (err: Error) => log.warn({ err, thread }, 'a listening thread failed'));
    worker.on('exit', (exitCode) => this.#bury(loop, exitCode));
    this.#loops.add(loop);
  }

  #onMessage(loop: Loop, message: FromLoop): void {
    switch (message.kind) {
      case 'listening':
        loop.isListening = true;
        return;
      case 'task':
        return void this.#runTask(loop, message);
      case 'cancel':
        return loop.running.get(message.id)?.abort(message.isTimeOut ? overBudget('time') : undefined);
      case 'want-pyramid':
        return this.#options.wantPyramid(message.path, message.identity);
      case 'log':
        return this.#options.relay(message.lines, message.isUrgent);
      default: // Somebody waits for these.
    }
  }

  async #runTask(loop: Loop, { id, task }: Extract<FromLoop, { kind: 'task' }>): Promise<void> {
    const controller = new AbortController();
    loop.running.set(id, controller);
    let outcome: RemoteOutcome;
    try {
      outcome = { kind: 'done', ...(await this.#options.tasks.run(task, controller.signal)) };
    } catch (thrown) {
      outcome = isAbort(thrown) ? { kind: 'aborted' } : { kind: 'failed', error: packError(thrown) };
    }
    loop.running.delete(id);
    loop.worker.postMessage({ kind: 'result', id, outcome } satisfies ToLoop);
  }

  /** Its connections are lost; nothing else is. */
  #bury(loop: Loop, exitCode: number): void {
    this.#loops.delete(loop);
    for (const controller of loop.running.values()) controller.abort();
    this.#options.onDeath(loop.thread);
    if (this.#isStopping) return;
    const backOff = this.#backOffs.get(loop.thread) ?? new BackOff();
    this.#backOffs.set(loop.thread, backOff);
    const waitMs = backOff.wait(performance.now() - loop.bornAt);
    const facts = { exitCode, thread: loop.thread, waitMs };
    this.#options.log.warn(facts, 'a listening thread ended; a new one takes its place');
    const timer = setTimeout(() => {
      this.#restarts.delete(timer);
      this.#start(loop.thread);
    }, waitMs);
    this.#restarts.add(timer);
  }
}
