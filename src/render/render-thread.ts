/** One rendering thread, seen from the main thread. */
import { Worker } from 'node:worker_threads';
import { THREAD_LIMITS } from './thread-memory.ts';
import {
  CELL,
  LEAVE,
  STAGE,
  type ResultMessage,
  type Task,
  type TaskMessage,
  type TaskDone,
} from './messages.ts';

/** Its processes are killed and seen to end in a few milliseconds. */
const LEAVE_MS = 5_000;

export interface Job {
  readonly id: number;
  readonly task: Task;
  readonly cost: Task['cost'];
  readonly signal: AbortSignal;
  readonly resolve: (done: TaskDone) => void;
  readonly reject: (reason: Error) => void;
}

export interface ThreadListeners {
  /** `ms` is how long it took. */
  readonly onResult: (job: Job | undefined, message: ResultMessage, ms: number) => void;
  readonly onError: (cause: Error) => void;
  readonly onExit: (code: number) => void;
  /** It has had no work for a while. */
  readonly onIdle: () => void;
}

export class RenderThread {
  readonly #worker: Worker;
  readonly #cells = new Int32Array(new SharedArrayBuffer(8));
  #job: Job | undefined;
  #limit: NodeJS.Timeout | undefined;
  #grace: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;
  readonly #startResting: () => void;
  #startedAt = 0;
  #hasProcess = false;

  /** @param idleMs without work until it is told; undefined: it never is. */
  constructor(
    url: URL,
    workerData: Readonly<Record<string, unknown>>,
    listeners: ThreadListeners,
    idleMs: number | undefined,
  ) {
    this.#worker = new Worker(url, {
      workerData: { ...workerData, cells: this.#cells },
      resourceLimits: THREAD_LIMITS,
    });
    this.#worker.on('message', (message: ResultMessage) => {
      const job = this.#job;
      this.#rest();
      listeners.onResult(
        job?.id === message.id ? job : undefined,
        message,
        performance.now() - this.#startedAt,
      );
    });
    this.#worker.on('error', listeners.onError);
    this.#worker.on('exit', (code) => {
      this.#clearTimers();
      listeners.onExit(code);
    });
    this.#worker.unref();
    this.#startResting = () => {
      if (idleMs !== undefined) this.#idle = setTimeout(listeners.onIdle, idleMs).unref();
    };
  }

  /** What it is at; undefined while it is idle. */
  get job(): Job | undefined {
    return this.#job;
  }

  /** Whether it has had work for which it starts a process. */
  get hasProcess(): boolean {
    return this.#hasProcess;
  }

  /** Whether it is at the file that the job is about; before and afterwards nothing that happens is the file's fault. */
  get isReading(): boolean {
    return Atomics.load(this.#cells, CELL.stage) === STAGE.reading;
  }

  /** Starts a job; `onOverdue` is called when it is not done in time. */
  start(job: Job, limitMs: number, onOverdue: () => void): void {
    this.#job = job;
    this.#hasProcess ||= job.cost.usesProcess === true;
    this.#startedAt = performance.now();
    clearTimeout(this.#idle);
    Atomics.store(this.#cells, CELL.stage, STAGE.starting);
    // Work under way keeps the program alive, an idle thread does not.
    this.#worker.ref();
    this.#worker.postMessage({ id: job.id, task: job.task } satisfies TaskMessage);
    if (limitMs !== Infinity) this.#limit = setTimeout(onOverdue, limitMs);
  }

  /** Tells the thread, between two steps, that nobody waits for its job any more. */
  cancel(): void {
    if (this.#job !== undefined) Atomics.store(this.#cells, CELL.cancelled, this.#job.id);
  }

  /** `onStuck` is called when the job is not over by then. */
  allowGrace(ms: number, onStuck: () => void): void {
    this.#grace ??= setTimeout(onStuck, ms);
  }

  /** Has a thread without work end by itself; one that does not is ended. */
  leave(): void {
    this.#clearTimers();
    this.#worker.postMessage(LEAVE);
    this.#grace = setTimeout(() => void this.end(), LEAVE_MS).unref();
  }

  /** Resolves when the thread is no more, which native code in it can put off. */
  async end(): Promise<void> {
    this.#clearTimers();
    await this.#worker.terminate();
  }

  #rest(): void {
    this.#job = undefined;
    this.#clearTimers();
    this.#worker.unref();
    this.#startResting();
  }

  #clearTimers(): void {
    clearTimeout(this.#idle);
    clearTimeout(this.#limit);
    clearTimeout(this.#grace);
    this.#limit = undefined;
    this.#grace = undefined;
  }
}
