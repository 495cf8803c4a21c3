/**
 * The threads that decode, process and encode, seen from the main thread: what waits for them, one task a thread at a
 * time, a new thread for one that died or does not come back, and nothing done for callers who have left.
 */
import { ServerError } from '../errors.ts';
import type { ServerLog } from '../server/log.ts';
import { isTimeOut, overBudget } from './budgets.ts';
import { IdleEnds } from './idle-ends.ts';
import { unpackError, type ResultMessage, type Task, type TaskDone } from './messages.ts';
import type { PlanSource } from './plan.ts';
import { PoolRoom, type RoomLimits } from './pool-room.ts';
import { Quarantine, type DecoderFault } from './quarantine.ts';
import { RenderThread, type Job } from './render-thread.ts';
import { SlowFiles } from './slow-files.ts';
import { WaitingJobs } from './waiting-jobs.ts';

/** `threads` make exports at a time; there is one more, for tiles, so that exports never hold them up. */
export interface PoolOptions extends RoomLimits {
  /** The module that a thread runs. */
  readonly workerUrl: URL;
  /** Handed to every thread; `cells` is added. */
  readonly workerData: Readonly<Record<string, unknown>>;
  /** Tasks that may wait; one more is refused. */
  readonly maxQueue: number;
  /** For one task; `Infinity`: no limit. */
  readonly timeLimitMs: number;
  /** So long a thread that nobody waits for any more may go on before it is ended. */
  readonly graceMs?: number;
  /** A thread without work for so long is ended, and what it holds is the system's again; absent: it stays. */
  readonly idleMs?: number;
  /** When the last of them is ended, a new one is started at once, so that the next picture does not wait for it. */
  readonly keepsReady?: boolean;
  readonly log: ServerLog;
}

/** A decoder of ours looks every few milliseconds whether it is wanted, what libvips does cannot be stopped. */
const GRACE_MS = 2_000;

/** Ids are positive 31-bit integers so that they fit the shared cell. */
const MAX_ID = 0x7fffffff;

export class RenderPool {
  readonly #options: PoolOptions;
  readonly #threads = new Set<RenderThread>();
  /** Those that were ended and are not gone yet, as native code runs in them. */
  readonly #ending = new Set<RenderThread>();
  readonly #waiting = new WaitingJobs<Job>();
  readonly #quarantine: Quarantine;
  readonly #slow = new SlowFiles();
  readonly #room: PoolRoom;
  #lastId = 0;
  readonly #idleEnds: IdleEnds;
  #isStopped = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#room = new PoolRoom(options, this.#threads);
    this.#quarantine = new Quarantine(options.log);
    this.#idleEnds = new IdleEnds(options.threads + 1);
  }

  /** Tasks that wait for a thread. */
  get queued(): number {
    return this.#waiting.length;
  }

  /** Threads that run. */
  get size(): number {
    return this.#threads.size;
  }

  /** Bytes that the tasks which run are thought to take. */
  get memory(): number {
    return this.#room.memory;
  }

  /** Files that are not decoded any more. */
  get quarantined(): number {
    return this.#quarantine.size;
  }

  /** Whether tasks are taken. */
  get isOpen(): boolean {
    return !this.#isStopped && this.#waiting.length < Math.max(1, this.#options.maxQueue);
  }

  /**
   * Runs one task.
   *
   * @throws {ServerError} what the task threw; `overloaded` when too many tasks wait or the pool is stopped;
   * `too-large` when it needs more memory than there is; `timed-out`; `quarantined`; `internal` when its thread died.
   * `AbortError` when `signal` fired.
   */
  async run(task: Task, signal: AbortSignal): Promise<TaskDone> {
    signal.throwIfAborted();
    if (this.#isStopped) throw new ServerError('overloaded', 'the server is stopping');
    for (const source of sourcesOf(task)) this.#quarantine.check(source);
    const { bytes } = task.cost;
    if (bytes > this.#options.maxMemory) throw overBudget('memory', { bytes });
    const isSlow = sourcesOf(task).some((source) => this.#slow.has(source));
    const cost = this.#room.costOf(task, isSlow);
    return new Promise((resolve, reject) => {
      this.#lastId = (this.#lastId % MAX_ID) + 1;
      const job: Job = { id: this.#lastId, task, cost, signal, resolve, reject };
      signal.addEventListener('abort', () => this.#cancel(job), { once: true });
      this.#waiting.push(job);
      this.#dispatch();
      if (this.#waiting.length > this.#options.maxQueue)
        this.#waiting.dropLast()?.reject(overBudget('queue', { queued: this.#waiting.length }));
    });
  }

  /** Refuses what waits and ends the threads. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const job of this.#waiting.takeAll())
      job.reject(new ServerError('overloaded', 'the server is stopping'));
    await Promise.all([...this.#threads, ...this.#ending].map((thread) => thread.end()));
  }

  #dispatch(): void {
    for (;;) {
      const idle = [...this.#threads].filter(({ job }) => job === undefined);
      if (idle.length === 0 && !this.#mayGrow()) return;
      const job = this.#waiting.take(this.#room);
      if (job === undefined) return;
      const thread = suited(idle, job) ?? this.#addThread();
      this.#room.take(job);
      thread.start(job, this.#options.timeLimitMs, () => this.#onOverdue(thread, job));
    }
  }

  /** With threads that do not end all there may be, none is started: what waits is refused sooner or later. */
  #mayGrow(): boolean {
    const most = this.#options.threads + 1;
    return this.#threads.size < most && this.#ending.size < most;
  }

  #cancel(job: Job): void {
    job.reject(job.signal.reason as Error);
    if (this.#waiting.remove(job)) return;
    const thread = [...this.#threads].find((each) => each.job === job);
    if (thread === undefined) return;
    thread.cancel();
    if (isTimeOut(job.signal.reason)) this.#allowGrace(thread, job);
  }

  /** Somebody may wait for it still: who asks again and again for the same picture shares one task. */
  #onOverdue(thread: RenderThread, job: Job): void {
    job.reject(overBudget('time', { limitMs: this.#options.timeLimitMs }));
    thread.cancel();
    this.#allowGrace(thread, job);
  }

  #allowGrace(thread: RenderThread, job: Job): void {
    thread.allowGrace(this.#options.graceMs ?? GRACE_MS, () => {
      if (thread.isReading) this.#note(job.task, 'stalled');
      this.#options.log.warn(
        { path: sourcesOf(job.task)[0]?.path },
        'a rendering thread does not come back; it is ended',
      );
      this.#end(thread);
      this.#dispatch();
    });
  }

  #end(thread: RenderThread): void {
    this.#remove(thread);
    void thread.end();
  }

  /** Gives it no more work. */
  #remove(thread: RenderThread): void {
    this.#threads.delete(thread);
    this.#ending.add(thread);
  }

  #addThread(): RenderThread {
    const { workerUrl, workerData, log } = this.#options;
    const thread = new RenderThread(
      workerUrl,
      workerData,
      {
        onResult: (job, message, ms) => this.#finish(job, message, ms),
        onError: (cause) => log.warn({ err: cause }, 'a rendering thread failed'),
        onExit: (code) => this.#bury(thread, code),
        onIdle: () => {
          if (!this.#idleEnds.take()) return;
          this.#remove(thread);
          thread.leave();
          if (this.#options.keepsReady === true && this.#threads.size === 0) this.#addThread();
        },
      },
      this.#options.idleMs,
    );
    this.#threads.add(thread);
    return thread;
  }

  #finish(job: Job | undefined, message: ResultMessage, ms: number): void {
    if (job !== undefined) {
      this.#release(job);
      if (!job.task.cost.isExport) for (const source of sourcesOf(job.task)) this.#slow.note(source, ms);
      if (message.kind === 'done') job.resolve({ result: message.result, stages: message.stages });
      else if (message.kind === 'failed') {
        const fault = faultOf(message.error.facts['decoder']);
        if (fault !== undefined) this.#note(job.task, fault);
        job.reject(unpackError(message.error));
      }
    }
    this.#dispatch();
  }

  #bury(thread: RenderThread, exitCode: number): void {
    const { job } = thread;
    if (job !== undefined) this.#release(job);
    const wasEnded = this.#ending.delete(thread);
    this.#threads.delete(thread);
    if (!wasEnded && !this.#isStopped) {
      if (job !== undefined && thread.isReading) this.#note(job.task, 'died');
      this.#options.log.warn({ exitCode }, 'a rendering thread ended; the next task starts a new one');
    }
    job?.reject(
      new ServerError('internal', 'internal server error', { facts: { exitCode, thread: 'died' } }),
    );
    if (!this.#isStopped) this.#dispatch();
  }

  #release(job: Job): void {
    this.#room.release(job);
    this.#waiting.ended(job);
  }

  #note(task: Task, fault: DecoderFault): void {
    for (const source of sourcesOf(task)) this.#quarantine.note(source, fault);
  }
}

/** Who has a process gets the work for it, so that no more of them are started than are needed at a time. */
function suited(idle: readonly RenderThread[], { cost }: Job): RenderThread | undefined {
  const isWanted = cost.usesProcess === true;
  return idle.find(({ hasProcess }) => hasProcess === isWanted) ?? idle[0];
}

/** The files that a task reads. */
function sourcesOf(task: Task): readonly PlanSource[] {
  switch (task.kind) {
    case 'render':
      return [task.plan.source];
    case 'samples':
      return task.query.sources;
    case 'statistics':
      return [task.source];
  }
}

/** What errors of readers whose decoder is a process of its own say of it. */
function faultOf(fact: unknown): DecoderFault | undefined {
  return fact === 'died' || fact === 'stalled' ? fact : undefined;
}
