/** Log lines to syslog through a child `logger`, with standard error in its place while there is none. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { type Outlet, type Tell, codeOf } from './outlet.ts';

export interface SyslogSettings {
  /** Reads lines from standard input, each with a syslog priority in angle brackets before it. */
  readonly command: readonly [string, ...string[]];
  /** A child that lives as long as this is trusted: one that finds no syslog ends at once. */
  readonly settleMs: number;
  /** Wait before the first restart; it doubles with each that follows. */
  readonly firstRetryMs: number;
  /** Longest wait; a child that lived longer than this starts the waits anew. */
  readonly maxRetryMs: number;
}

/** util-linux drops lines in silence where there is no syslog, and cuts them after 1 KB, unless told otherwise. */
const OPTIONS = '--tag iipsrv --priority daemon.info --prio-prefix --socket-errors=on --size 16384';

const SETTINGS: SyslogSettings = {
  command: ['logger', ...OPTIONS.split(' ')],
  settleMs: 200,
  firstRetryMs: 1000,
  maxRetryMs: 60_000,
};

const MAX_REASON = 300;

interface Logger {
  readonly input: Writable;
  /** Resolves with the reason when it ends or cannot be started. */
  readonly ended: Promise<string>;
  /** Lets the program end while the child runs. */
  readonly unref: () => void;
}

export class SyslogOutlet implements Outlet {
  readonly #settings: SyslogSettings;
  readonly #fallback: Outlet;
  readonly #tell: Tell;
  #logger: Logger | undefined;
  #isDown = false;
  #isClosed = false;
  #retryMs: number;
  #retryTimer: NodeJS.Timeout | undefined;

  constructor(fallback: Outlet, tell: Tell, settings: Partial<SyslogSettings> = {}) {
    this.#settings = { ...SETTINGS, ...settings };
    this.#retryMs = this.#settings.firstRetryMs;
    this.#fallback = fallback;
    this.#tell = tell;
  }

  /** Starts `logger` now if none runs, however long it was to wait. */
  async open(): Promise<void> {
    if (this.#logger !== undefined) return;
    clearTimeout(this.#retryTimer);
    this.#retryMs = this.#settings.firstRetryMs;
    await this.#start();
  }

  async write(text: string): Promise<void> {
    const logger = this.#logger;
    if (logger !== undefined) {
      // What a dying logger did not take goes to standard error; its end is told when it has ended.
      const error = await writeTo(logger.input, text);
      if (error === undefined) return;
    }
    await this.#fallback.write(text.replace(/^<\d>/gm, ''));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retryTimer);
    this.#logger?.input.end();
    await this.#logger?.ended;
  }

  async #start(): Promise<void> {
    const startedAt = Date.now();
    const logger = launch(this.#settings.command);
    const reason = await Promise.race([logger.ended, delay(this.#settings.settleMs)]);
    if (reason !== undefined) {
      this.#onEnd(reason, startedAt);
      return;
    }
    this.#logger = logger;
    logger.unref();
    void logger.ended.then((why) => this.#onEnd(why, startedAt));
    if (this.#isClosed) logger.input.end();
    else if (this.#isDown) this.#tell({}, 'logging to syslog again');
    this.#isDown = false;
  }

  #onEnd(reason: string, startedAt: number): void {
    this.#logger = undefined;
    if (this.#isClosed) return;
    if (!this.#isDown)
      this.#tell({ reason }, 'logger does not run: logging to standard error instead of syslog');
    this.#isDown = true;
    const { firstRetryMs, maxRetryMs } = this.#settings;
    const waitMs = Date.now() - startedAt > maxRetryMs ? firstRetryMs : this.#retryMs;
    this.#retryMs = Math.min(waitMs * 2, maxRetryMs);
    this.#retryTimer = setTimeout(() => void this.#start(), waitMs).unref();
  }
}

/** Starts the command in a session of its own, so that Ctrl-C in a terminal leaves it the last lines. */
function launch([program, ...args]: SyslogSettings['command']): Logger {
  try {
    return follow(spawn(program, args, { stdio: ['pipe', 'ignore', 'pipe'], detached: true }));
  } catch (error) {
    return { input: new Socket(), ended: Promise.resolve(codeOf(error)), unref: () => undefined };
  }
}

function follow(child: ChildProcessByStdio<Writable, null, Readable>): Logger {
  let said = '';
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(codeOf(error)));
    child.once('close', (code, signal) => resolve(said.trim() || `ended with ${signal ?? `status ${code}`}`));
  });
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(0, MAX_REASON);
  });
  // Each write is told of its own failure; without a listener the stream would throw.
  child.stdin.on('error', codeOf);
  return { input: child.stdin, ended, unref: () => unref(child) };
}

function unref(child: ChildProcessByStdio<Writable, null, Readable>): void {
  child.unref();
  for (const stream of [child.stdin, child.stderr]) if (stream instanceof Socket) stream.unref();
}

/** Resolves when the text is handed over, with the error when it cannot be. */
function writeTo(stream: Writable, text: string): Promise<Error | undefined> {
  return new Promise((resolve) => {
    stream.write(text, (error) => resolve(error ?? undefined));
  });
}
