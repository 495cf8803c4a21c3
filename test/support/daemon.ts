/** Programs that run beside a test: started, waited for, ended with it; what they print is kept. */
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Where } from './fcgi-client.ts';
import type { Scope } from './scope.ts';

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 30_000;
const POLL_MS = 20;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Those that still run are not left behind when the tests end early. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Characters of output that are kept at most: ten minutes of traffic write more than a string can hold. */
const MAX_KEPT = 2 ** 26;

/** Runs until it is stopped. */
export class Daemon {
  readonly child: ChildProcess;
  readonly exited: Promise<Exit>;
  /** Set when it has ended. */
  exit: Exit | undefined;
  /** What it has printed so far on both of its outputs. */
  output = '';

  constructor(command: readonly [string, ...string[]], options: SpawnOptions = {}) {
    const [program, ...args] = command;
    this.child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.#keep(text));
    }
    running.add(this.child);
    this.exited = new Promise((resolve, reject) => {
      this.child.once('error', reject);
      this.child.once('close', (code, signal) => {
        running.delete(this.child);
        this.exit = { code, signal };
        resolve(this.exit);
      });
    });
    this.exited.catch(() => undefined);
  }

  /** Of too much only the later half, from the beginning of a line. */
  #keep(text: string): void {
    this.output += text;
    if (this.output.length > MAX_KEPT)
      this.output = this.output.slice(this.output.indexOf('\n', this.output.length - MAX_KEPT / 2) + 1);
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('the program could not be started');
    return this.child.pid;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Asks it to end, and ends it when it does not. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    if (this.exit === undefined) this.signal(signal);
    const limit = setTimeout(() => this.signal('SIGKILL'), STOP_LIMIT_MS);
    try {
      return await this.exited;
    } finally {
      clearTimeout(limit);
    }
  }

  /** @throws Error when the program ends, or nobody listens for a minute. */
  async waitUntilListening(where: Where): Promise<void> {
    await waitFor(
      () => {
        if (this.exit !== undefined) throw new Error(`the program ended (${this.exit.code}): ${this.output}`);
        return isListening(where);
      },
      `somebody listens on ${JSON.stringify(where)}: ${this.output}`,
    );
  }
}

/** A program that is stopped with the scope. */
export function startDaemon(
  scope: Scope,
  command: readonly [string, ...string[]],
  options: SpawnOptions = {},
): Daemon {
  const daemon = new Daemon(command, options);
  scope.defer(async () => void (await daemon.stop()));
  return daemon;
}

/** Whether a connection is taken there. */
export function isListening(where: Where): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect('path' in where ? { path: where.path } : { host: '127.0.0.1', ...where });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Asks again and again until `condition` holds. @throws Error naming `what` after a minute. */
export async function waitFor(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + START_LIMIT_MS;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await sleep(POLL_MS);
  }
}
