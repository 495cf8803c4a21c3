/** What is compared: image servers as commands that listen where they are told. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Address } from '../load/job.ts';
import { cpuSeconds, memoryMegabytes, processTree, resetPeak } from '../../support/process-tree.ts';

export interface Contender {
  readonly name: string;
  /** A shell's line; `{address}` in it is where to listen, else `--bind` and that are put behind it. */
  readonly command: string;
  /** Added to every environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** A request in this server's dialect; absent: as it is. */
  readonly spell?: (uri: string) => string;
}

export type Transport = 'unix' | 'tcp';

export interface StartOptions {
  readonly environment: Readonly<Record<string, string>>;
  readonly transport: Transport;
  /** Where UNIX sockets may be made. */
  readonly folder: string;
}

const PATIENCE_MS = 20_000;
const POLL_MS = 2;

let started = 0;

/** A contender's program that runs. */
export class Running {
  readonly contender: Contender;
  readonly address: Address;
  readonly #child: ChildProcess;

  private constructor(contender: Contender, address: Address, child: ChildProcess) {
    this.contender = contender;
    this.address = address;
    this.#child = child;
  }

  /**
   * Starts it and waits until it listens.
   *
   * @throws Error with its name when it ends or does not listen in time.
   */
  static async start(contender: Contender, options: StartOptions): Promise<Running> {
    const address = await newAddress(options);
    const env = { ...process.env, ...options.environment, ...contender.environment };
    const child = spawn('sh', ['-c', `exec ${commandLine(contender.command, address)}`], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const running = new Running(contender, address, child);
    try {
      await running.#untilItListens();
    } catch (thrown) {
      await running.stop();
      throw thrown;
    }
    return running;
  }

  get name(): string {
    return this.contender.name;
  }

  /** Some servers end at some requests. */
  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Requests in its dialect. */
  spell(uris: readonly string[]): readonly string[] {
    const { spell } = this.contender;
    return spell === undefined ? uris : uris.map(spell);
  }

  /** Processor seconds of all its processes so far. */
  get cpuSeconds(): number {
    return cpuSeconds(this.#processes);
  }

  memoryMegabytes(which: 'now' | 'peak'): number {
    return memoryMegabytes(this.#processes, which);
  }

  resetPeak(): void {
    resetPeak(this.#processes);
  }

  async stop(): Promise<void> {
    if (this.hasEnded) return;
    const ended = once(this.#child, 'exit');
    for (const pid of this.#processes) signal(pid, 'SIGTERM');
    const isInTime = await Promise.race([ended.then(() => true), wait(5_000, false, { ref: false })]);
    if (isInTime) return;
    for (const pid of this.#processes) signal(pid, 'SIGKILL');
    await ended;
  }

  get #processes(): readonly number[] {
    return this.#child.pid === undefined ? [] : processTree(this.#child.pid);
  }

  async #untilItListens(): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!(await canConnect(this.address))) {
      if (this.hasEnded)
        throw new Error(`${this.name} ended with status ${String(this.#child.exitCode)} at its start`);
      if (performance.now() > deadline) throw new Error(`${this.name} does not listen`);
      await wait(POLL_MS);
    }
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown; // It has gone already.
  }
}

function commandLine(command: string, address: Address): string {
  const where = address.kind === 'unix' ? address.path : `${address.host}:${address.port}`;
  return command.includes('{address}')
    ? command.replaceAll('{address}', where)
    : `${command} --bind ${where}`;
}

async function newAddress({ transport, folder }: StartOptions): Promise<Address> {
  if (transport === 'unix') return { kind: 'unix', path: path.join(folder, `${++started}.sock`) };
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return { kind: 'tcp', host: '127.0.0.1', port };
}

function canConnect(address: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(
      address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port },
    );
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
