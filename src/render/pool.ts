/**
 * The threads that decode, process and encode, seen from the main thread: a queue, one task a thread at a time,
 * a new thread for one that died, and nothing done for callers who have left.
 */
import { Worker } from 'node:worker_threads';
import { ServerError } from '../errors.ts';
import type { ServerLog } from '../server/log.ts';
import { unpackError, type ResultMessage, type Task, type TaskMessage, type TaskResult } from './messages.ts';

export interface PoolOptions {
  readonly threads: number;
  /** The module that a thread runs. */
  readonly workerUrl: URL;
  /** Handed to every thread; `cancelled` is added. */
  readonly workerData: Readonly<Record<string, unknown>>;
  /** Tasks that may wait; one more is refused. */
  readonly maxQueue: number;
  readonly log: ServerLog;
}

interface Job {
  readonly id: number;
  readonly task: Task;
  readonly signal: AbortSignal;
  readonly resolve: (result: TaskResult) => void;
  readonly reject: (reason: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  /** Holds the id of the task that nobody waits for any more; the thread looks at it between steps. */
  readonly cancelled: Int32Array;
  job: Job | undefined;
}

/** Ids are positive 31-bit integers so that they fit the shared cell. */
const MAX_ID = 0x7fffffff;

export class RenderPool {
  readonly #options: PoolOptions;
  readonly #threads = new Set<Thread>();
  readonly #waiting: Job[] = [];
  #lastId = 0;
  #isStopped = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Tasks that wait for a thread. */
  get queued(): number {
    return this.#waiting.length;
  }

  /** Threads that run. */
  get size(): number {
    return this.#threads.size;
  }

  /** Whether tasks are taken. */
  get isOpen(): boolean {
    return !this.#isStopped && this.#waiting.length < this.#options.maxQueue;
  }

  /** Starts the threads now rather than with the first task. */
  start(): void {
    while (this.#threads.size < this.#options.threads) this.#addThread();
  }

  /**
   * Runs one task.
   *
   * @throws {ServerError} what the task threw; `overloaded` when too many tasks wait or the pool is stopped;
   * `internal` when its thread died. `AbortError` when `signal` fired.
   */
  run(task: Task, signal: AbortSignal): Promise<TaskResult> {
    signal.throwIfAborted();
    if (this.#isStopped || this.#waiting.length >= this.#options.maxQueue) {
      throw new ServerError('overloaded', 'the server has too much to do; try again later');
    }
    return new Promise((resolve, reject) => {
      this.#lastId = (this.#lastId % MAX_ID) + 1;
      const job: Job = { id: this.#lastId, task, signal, resolve, reject };
      signal.addEventListener('abort', () => this.#cancel(job), { once: true });
      this.#waiting.push(job);
      this.#dispatch();
    });
  }

  /** Refuses what waits and ends the threads. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const job of this.#waiting.splice(0))
      job.reject(new ServerError('overloaded', 'the server is stopping'));
    await Promise.all([...this.#threads].map((thread) => thread.worker.terminate()));
  }

  #dispatch(): void {
    while (this.#waiting.length > 0) {
      const thread = this.#idleThread();
      if (thread === undefined) return;
      const job = this.#waiting.shift()!;
      thread.job = job;
      // Work under way keeps the program alive, an idle thread does not.
      thread.worker.ref();
      thread.worker.postMessage({ id: job.id, task: job.task } satisfies TaskMessage);
    }
  }

  #idleThread(): Thread | undefined {
    for (const thread of this.#threads) if (thread.job === undefined) return thread;
    return this.#threads.size < this.#options.threads ? this.#addThread() : undefined;
  }

  #cancel(job: Job): void {
    job.reject(job.signal.reason as Error);
    const at = this.#waiting.indexOf(job);
    if (at >= 0) {
      this.#waiting.splice(at, 1);
      return;
    }
    for (const thread of this.#threads) if (thread.job === job) Atomics.store(thread.cancelled, 0, job.id);
  }

  #addThread(): Thread {
    const cancelled = new Int32Array(new SharedArrayBuffer(4));
    const workerData = { ...this.#options.workerData, cancelled };
    const worker = new Worker(this.#options.workerUrl, { workerData });
    const thread: Thread = { worker, cancelled, job: undefined };
    worker.on('message', (message: ResultMessage) => this.#finish(thread, message));
    worker.on('error', (cause: Error) => this.#options.log.warn({ err: cause }, 'a rendering thread failed'));
    worker.on('exit', (code) => this.#bury(thread, code));
    worker.unref();
    this.#threads.add(thread);
    return thread;
  }

  #finish(thread: Thread, message: ResultMessage): void {
    const job = thread.job;
    thread.job = undefined;
    thread.worker.unref();
    if (job?.id === message.id) {
      if (message.kind === 'done') job.resolve(message.result);
      else if (message.kind === 'failed') job.reject(unpackError(message.error));
    }
    this.#dispatch();
  }

  #bury(thread: Thread, code: number): void {
    this.#threads.delete(thread);
    const facts = { exitCode: code };
    thread.job?.reject(
      new ServerError('internal', 'internal server error', { facts: { ...facts, thread: 'died' } }),
    );
    thread.job = undefined;
    if (this.#isStopped) return;
    this.#options.log.warn(facts, 'a rendering thread ended; the next task starts a new one');
    this.#dispatch();
  }
}
