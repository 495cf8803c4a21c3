/** The program itself, built and started as an operator would start it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { Daemon, waitFor, type Exit } from './daemon.ts';
import type { Where } from './fcgi-client.ts';
import { freePort } from './ports.ts';
import type { Scope } from './scope.ts';

/** What `npm run build` made; another build can be tried by naming it. */
export const PROGRAM = path.resolve(process.env['IIPSRV_PROGRAM'] ?? 'dist/main.js');

export const FIXTURES = path.resolve('fixtures/images') + path.sep;

export type ProgramEnv = Readonly<Record<string, string>>;

export interface ProgramOptions {
  readonly env?: ProgramEnv;
  /** Where to listen; a free port of 127.0.0.1 when not given. */
  readonly where?: Where;
  /** Serves HTTP on this port too, with the page that lists the images. */
  readonly httpPort?: number;
  /** A command that runs the program, its first words. */
  readonly wrapper?: readonly [string, ...string[]];
  /** Further arguments. */
  readonly args?: readonly string[];
  /** Serves metrics on this port of 127.0.0.1. */
  readonly adminPort?: number;
  /** The user to run as. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

export type LogLine = Readonly<Record<string, unknown>> & { readonly level: string; readonly msg: string };

/** Nothing of the environment of whoever runs the tests, but what a program needs to run. */
export function programEnv(env: ProgramEnv = {}): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', FILESYSTEM_PREFIX: FIXTURES, ...env };
}

export class Program {
  readonly where: Where;
  readonly daemon: Daemon;

  constructor(where: Where, daemon: Daemon) {
    this.where = where;
    this.daemon = daemon;
  }

  get pid(): number {
    return this.daemon.pid;
  }

  /** The lines of its log on standard error so far. */
  get log(): readonly LogLine[] {
    return parseLog(this.daemon.output);
  }

  /** Resolves with the first line that `matches`. */
  async logged(matches: (line: LogLine) => boolean): Promise<LogLine> {
    await waitFor(() => this.log.some(matches), 'the log has the line');
    return this.log.find(matches)!;
  }

  /** Ends it in good order. @throws AssertionError when it had died, or had met with an error of its own. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    const exit = await this.daemon.stop(signal);
    assert.deepEqual(
      exit,
      { code: 0, signal: null },
      `the program ended badly: ${this.daemon.output.slice(-2000)}`,
    );
    assertNoFaults(this.daemon.output);
    return exit;
  }
}

/** @throws AssertionError when a log has a fault of the program in it, or something that is no line of a log. */
export function assertNoFaults(text: string): void {
  const lines = text.split('\n').filter((line) => line !== '');
  const strays = lines.filter((line) => !line.startsWith('{'));
  assert.deepEqual(strays, [], 'the program printed what is no line of its log');
  const faults = parseLog(text).filter(({ level }) => level === 'error' || level === 'fatal');
  assert.deepEqual(faults, [], 'the program logged errors of its own');
}

export function parseLog(text: string): readonly LogLine[] {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return whole.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as LogLine);
}

/** Started, listening, and stopped with the scope, which fails when the program did not end well. */
export async function startProgram(scope: Scope, options: ProgramOptions = {}): Promise<Program> {
  const where = options.where ?? { port: await freePort() };
  const bind = 'path' in where ? where.path : `127.0.0.1:${where.port}`;
  const http = options.httpPort === undefined ? [] : ['--http', String(options.httpPort), '--gallery'];
  const admin = options.adminPort === undefined ? [] : ['--admin', String(options.adminPort)];
  const args = [...http, ...admin, ...(options.args ?? [])];
  const command = [process.execPath, PROGRAM, '--bind', bind, ...args] as const;
  const { wrapper } = options;
  const daemon = new Daemon(wrapper === undefined ? [...command] : [...wrapper, ...command], {
    env: programEnv(options.env),
    ...options.user,
  });
  const program = new Program(where, daemon);
  scope.defer(async () => void (await program.stop()));
  await daemon.waitUntilListening(where);
  for (const port of [options.httpPort, options.adminPort])
    if (port !== undefined) await daemon.waitUntilListening({ port });
  return program;
}

export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The program from start to end, nothing on its input. */
export function runProgram(args: readonly string[], env: ProgramEnv = {}): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      env: programEnv(env),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, stdout, stderr }));
  });
}
