/** One rendering thread, seen from the main thread. */
import { Worker } from 'node:worker_threads';
import { CELL, STAGE, type ResultMessage, type Task, type TaskMessage, type TaskDone } from './messages.ts';

export interface Job {
  readonly id: number;
  readonly task: Task;
  readonly cost: Task['cost'];
  readonly signal: AbortSignal;
  readonly resolve: (done: TaskDone) => void;
  readonly reject: (reason: Error) => void;
}

export interface ThreadListeners {
  readonly onResult: (job: Job | undefined, message: ResultMessage) => void;
  readonly onError: (cause: Error) => void;
  readonly onExit: (code: number) => void;
}

export class RenderThread {
  readonly #worker: Worker;
  readonly #cells = new Int32Array(new SharedArrayBuffer(8));
  #job: Job | undefined;
  #limit: NodeJS.Timeout | undefined;
  #grace: NodeJS.Timeout | undefined;

  constructor(url: URL, workerData: Readonly<Record<string, unknown>>, listeners: ThreadListeners) {
    this.#worker = new Worker(url, { workerData: { ...workerData, cells: this.#cells } });
    this.#worker.on('message', (message: ResultMessage) => {
      const job = this.#job;
      this.#rest();
      listeners.onResult(job?.id === message.id ? job : undefined, message);
    });
    this.#worker.on('error', listeners.onError);
    this.#worker.on('exit', (code) => {
      this.#clearTimers();
      listeners.onExit(code);
    });
    this.#worker.unref();
  }

  /** What it is at; undefined while it is idle. */
  get job(): Job | undefined {
    return this.#job;
  }

  /** Whether it is at the file that the job is about; before and afterwards nothing that happens is the file's fault. */
  get isReading(): boolean {
    return Atomics.load(this.#cells, CELL.stage) === STAGE.reading;
  }

  /** Starts a job; `onOverdue` is called when it is not done in time. */
  start(job: Job, limitMs: number, onOverdue: () => void): void {
    this.#job = job;
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

  /** Resolves when the thread is no more, which native code in it can put off. */
  async end(): Promise<void> {
    this.#clearTimers();
    await this.#worker.terminate();
  }

  #rest(): void {
    this.#job = undefined;
    this.#clearTimers();
    this.#worker.unref();
  }

  #clearTimers(): void {
    clearTimeout(this.#limit);
    clearTimeout(this.#grace);
    this.#limit = undefined;
    this.#grace = undefined;
  }
}
