/** One worker process, seen from the process that keeps it. */
import { spawn, type ChildProcess } from 'node:child_process';
import type { Log } from '../log.ts';
import { unpackError } from '../render/messages.ts';
import type { FromWorker, Question, Questions, ToWorker, WorkerCounts, WorkerSeat } from './messages.ts';
import { WholeLines } from './whole-lines.ts';

export interface WorkerOptions {
  readonly seat: WorkerSeat;
  /** The program and its arguments; the seat is added. */
  readonly command: readonly string[];
  readonly log: Pick<Log, 'warn'>;
  /** Takes log lines of the worker. */
  readonly relay: (lines: string) => void;
  readonly onPyramid: (path: string) => void;
}

export interface WorkerEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

interface Waiting {
  readonly resolve: (answer: never) => void;
  readonly reject: (reason: Error) => void;
}

/** A worker has ended, or takes too long. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly hasEnded: boolean;

  constructor(hasEnded: boolean) {
    super(hasEnded ? 'a worker has ended' : 'a worker does not answer');
    this.hasEnded = hasEnded;
  }
}

export class WorkerProcess {
  readonly seat: WorkerSeat;
  /** Whether it listens; false: it ended before. */
  readonly ready: Promise<boolean>;
  readonly ended: Promise<WorkerEnd>;
  /** Milliseconds; only differences count. */
  readonly bornAt = performance.now();
  /** What it last said of itself. */
  lastCounts: WorkerCounts | undefined;
  /** How its stopping went, once it has said so. */
  outcome: 'drained' | 'cut-off' | undefined;
  readonly #options: WorkerOptions;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #lastNumber = 0;
  #isReady = false;
  #onReady: (isReady: boolean) => void = () => {};

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.seat = options.seat;
    this.#child = start(options);
    this.ready = new Promise((resolve) => (this.#onReady = resolve));
    this.ended = new Promise((resolve) => {
      this.#child.once('error', (err) => {
        options.log.warn({ err, worker: this.seat.index }, 'a worker cannot be started');
        if (this.#child.pid === undefined) resolve({ exitCode: null, signal: null });
      });
      // What it has said is read to the end: its last word may come behind the news of its death.
      const saidAll = new Promise((done) => this.#child.once('disconnect', done));
      this.#child.once('close', (exitCode, signal) => void saidAll.then(() => resolve({ exitCode, signal })));
    });
    void this.ended.then(() => this.#bury());
    this.#child.on('message', (message) => this.#onMessage(message as FromWorker));
    this.#read();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** It listens. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /**
   * @throws {ServerError} what the worker throws.
   * @throws {NoAnswer} when it ends before it answers, or takes longer than `limitMs`.
   */
  ask<K extends keyof Questions>(
    question: { readonly kind: K } & Questions[K]['needs'],
    limitMs: number,
  ): Promise<Questions[K]['answer']> {
    const number = ++this.#lastNumber;
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => settle(() => reject(new NoAnswer(false))), limitMs);
      const settle = (act: () => void): void => {
        clearTimeout(limit);
        this.#waiting.delete(number);
        act();
      };
      this.#waiting.set(number, {
        resolve: (answer) => settle(() => resolve(answer)),
        reject: (reason) => settle(() => reject(reason)),
      });
      // The kinds and what they need are those of the table.
      this.#send({ kind: 'question', number, question: question as unknown as Question });
    });
  }

  /** Lets what is under way end for at most `graceMs`. */
  stop(graceMs: number): void {
    this.#send({ kind: 'stop', graceMs });
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #send(message: ToWorker): void {
    // One that is about to end is told nothing; its end tells those who wait.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  #onMessage(message: FromWorker): void {
    switch (message.kind) {
      case 'listening':
        this.#isReady = true;
        return this.#onReady(true);
      case 'answer':
        return this.#waiting.get(message.number)?.resolve(message.answer as never);
      case 'refusal':
        return this.#waiting.get(message.number)?.reject(unpackError(message.error));
      case 'pyramid':
        return this.#options.onPyramid(message.path);
      case 'stopped':
        this.outcome = message.outcome;
        this.lastCounts = message.counts;
    }
  }

  #read(): void {
    const { log, relay } = this.#options;
    const lines = new WholeLines({
      onLog: relay,
      onStray: (text) => log.warn({ worker: this.seat.index, pid: this.pid, text }, 'a worker printed'),
    });
    this.#child.stderr?.setEncoding('utf8');
    this.#child.stderr?.on('data', (text: string) => lines.add(text));
    this.#child.stderr?.once('close', () => lines.end());
  }

  #bury(): void {
    this.#isReady = false;
    this.#onReady(false);
    for (const { reject } of this.#waiting.values()) reject(new NoAnswer(true));
  }
}

/**
 * Through a shell, which puts the sockets where the worker wants them: Node.js, asked to do that itself, would make
 * them block, and with them those of all other processes, as they share one open socket.
 */
function start({ seat, command }: WorkerOptions): ChildProcess {
  const doors = [seat.fastcgi, seat.http].filter((fd) => fd !== undefined);
  const moves = doors.map((fd, i) => `${fd}<&${FIRST_FREE + i} ${FIRST_FREE + i}<&-`);
  const shell = `exec "$@" ${moves.join(' ')}`;
  return spawn('/bin/sh', ['-c', shell, 'sh', ...command, JSON.stringify(seat)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc', ...doors],
  });
}

/** Behind standard input, both outputs and the channel for messages. */
const FIRST_FREE = 4;
