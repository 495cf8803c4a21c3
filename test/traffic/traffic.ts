/**
 * Mixed traffic through nginx on two worker processes, while their memcached dies and comes back, a picture is replaced
 * again and again, and SIGHUP brings new workers. Every picture is compared with what it is when it is asked for alone.
 */
import { copyFile, open, rename } from 'node:fs/promises';
import { Agent } from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startDaemon, waitFor, type Daemon } from '../support/daemon.ts';
import { httpRequest } from '../support/http-client.ts';
import { freePort } from '../support/ports.ts';
import { childrenOf, usageOf } from '../support/proc.ts';
import { FIXTURES, parseLog, startProgram, type Program } from '../support/program.ts';
import { findProgram } from '../support/real-programs.ts';
import type { Scope } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { startNginx } from '../servers/nginx.ts';
import { URI_MAP } from '../servers/questions.ts';
import type { Sample, TrafficReport } from './report.ts';
import { CHANGING, isOfChanging, LASTING, REQUESTS } from './requests.ts';

export interface TrafficOptions {
  readonly seconds: number;
  readonly clients: number;
  /** SIGHUP so often. */
  readonly hangUpSeconds: number;
  /** memcached dies so often, and comes back after half of that. */
  readonly memcachedSeconds: number;
  /** The picture is replaced so often. */
  readonly replaceSeconds: number;
}

const WORKERS = 2;

interface Stage {
  readonly folder: string;
  readonly logFile: string;
  readonly program: Program;
  readonly port: number;
  /** Starts another memcached in the place of one that was killed; undefined: none is installed. */
  readonly startMemcached: (() => Daemon) | undefined;
}

/** Bodies that are right, by address: those of both versions of the picture that changes. */
type Right = ReadonlyMap<string, readonly Buffer[]>;

interface Tally {
  requests: number;
  readonly others: Map<number | 'lost', number>;
  readonly wrong: string[];
  readonly examples: string[];
}

export async function runTraffic(scope: Scope, options: TrafficOptions): Promise<TrafficReport> {
  const stage = await prepare(scope);
  const right = await learn(stage);
  const tally: Tally = { requests: 0, others: new Map(), wrong: [], examples: [] };
  const start = performance.now();
  const isOver = (): boolean => performance.now() - start > options.seconds * 1000;
  const samples: Sample[] = [];
  const disturbances = { hangUps: 0, memcachedDeaths: 0, replacedImages: 0 };
  const every = async (seconds: number, act: () => Promise<void>): Promise<void> => {
    for (;;) {
      await sleep(seconds * 1000);
      if (isOver()) return;
      await act();
    }
  };
  const { program, startMemcached } = stage;
  let memcached = startMemcached?.();
  await Promise.all([
    ...Array.from({ length: options.clients }, (_, client) => ask(stage.port, { client, right, tally, isOver })),
    every(1, async () => void samples.push(await sampleOf(program.pid, start))),
    every(options.hangUpSeconds, async () => {
      disturbances.hangUps += 1;
      const former = new Set(childrenOf(program.pid));
      program.daemon.signal('SIGHUP');
      const areNew = (pids: readonly number[]) => pids.length === WORKERS && !pids.some((pid) => former.has(pid));
      await waitFor(() => areNew(childrenOf(program.pid)), 'the workers are new');
    }),
    every(options.memcachedSeconds, async () => {
      if (memcached === undefined) return;
      disturbances.memcachedDeaths += 1;
      await memcached.stop('SIGKILL');
      await sleep(options.memcachedSeconds * 500);
      memcached = startMemcached?.();
    }),
    every(options.replaceSeconds, async () => {
      disturbances.replacedImages += 1;
      await replaceImage(stage.folder, CHANGING.versions[disturbances.replacedImages % 2]!);
    }),
  ]);
  const seconds = (performance.now() - start) / 1000;
  return { seconds, ...tally, faults: await faultsIn(stage.logFile), samples, disturbances };
} // prettier-ignore

async function prepare(scope: Scope): Promise<Stage> {
  const folder = await tempFolder(scope);
  for (const name of LASTING) await copyFile(path.join(FIXTURES, name), path.join(folder, name));
  await replaceImage(folder, CHANGING.versions[0]);
  const memcached = findProgram('memcached');
  const memcachedPort = await freePort();
  const logFile = path.join(await tempFolder(scope), 'iipsrv.log');
  const asRoot = process.getuid?.() === 0 ? ['-u', 'root'] : [];
  const program = await startProgram(scope, {
    args: ['--workers', String(WORKERS)],
    env: {
      FILESYSTEM_PREFIX: folder + path.sep,
      URI_MAP,
      // Every request is logged, as by default: of ten minutes that is more than a test can hold in memory.
      LOGFILE: logFile,
      ...(memcached === undefined ? {} : { MEMCACHED_SERVERS: `127.0.0.1:${memcachedPort}` }),
    },
  });
  await waitFor(() => childrenOf(program.pid).length === WORKERS, 'the workers run');
  const { port } = await startNginx(scope, { upstream: program.where, isKeepingConnections: true });
  const start = (file: string) => () =>
    startDaemon(scope, [file, '-l', '127.0.0.1', '-p', String(memcachedPort), ...asRoot]);
  return {
    folder,
    logFile,
    program,
    port,
    startMemcached: memcached === undefined ? undefined : start(memcached),
  };
}

/** Messages of the log that tell of a fault of the program. */
async function faultsIn(logFile: string): Promise<readonly string[]> {
  const faults: string[] = [];
  const file = await open(logFile);
  for await (const line of file.readLines())
    for (const { level, msg } of parseLog(`${line}\n`))
      if (level === 'error' || level === 'fatal') faults.push(msg);
  return faults;
}

/** At once, as a careful operator does it. */
async function replaceImage(folder: string, version: string): Promise<void> {
  const fresh = path.join(folder, `.${CHANGING.name}`);
  await copyFile(path.join(FIXTURES, version), fresh);
  await rename(fresh, path.join(folder, CHANGING.name));
}

async function learn({ folder, port }: Stage): Promise<Right> {
  const right = new Map<string, Buffer[]>();
  for (const version of CHANGING.versions) {
    await replaceImage(folder, version);
    for (const uri of REQUESTS) {
      if (right.has(uri) && !isOfChanging(uri)) continue;
      const { status, body } = await httpRequest(port, uri);
      if (status !== 200) throw new Error(`${uri}: status ${status} when it is asked for alone`);
      right.set(uri, [...(right.get(uri) ?? []), body]);
    }
  }
  return right;
}

interface Asking {
  readonly client: number;
  readonly right: Right;
  readonly tally: Tally;
  readonly isOver: () => boolean;
}

/** On one connection, from another place of the list than the others. */
async function ask(port: number, { client, right, tally, isOver }: Asking): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let turn = client * 7; !isOver(); turn++) {
    const uri = REQUESTS[turn % REQUESTS.length]!;
    tally.requests += 1;
    try {
      const { status, body } = await httpRequest(port, uri, { agent });
      if (status !== 200) count(tally, status, uri);
      else if (right.get(uri)?.some((each) => each.equals(body)) !== true) tally.wrong.push(uri);
    } catch {
      count(tally, 'lost', uri);
    }
  }
  agent.destroy();
}

function count({ others, examples }: Tally, kind: number | 'lost', uri: string): void {
  others.set(kind, (others.get(kind) ?? 0) + 1);
  if (examples.length < 10) examples.push(`${kind}: ${uri}`);
}

async function sampleOf(pid: number, start: number): Promise<Sample> {
  const pids = [pid, ...childrenOf(pid)];
  // One may end between the two looks.
  const usages = (await Promise.allSettled(pids.map(usageOf))).flatMap((each) =>
    each.status === 'fulfilled' && each.value.megabytes > 0 ? [each.value] : [],
  );
  return {
    seconds: (performance.now() - start) / 1000,
    megabytes: usages.reduce((sum, { megabytes }) => sum + megabytes, 0),
    descriptors: usages.reduce((sum, { descriptors }) => sum + descriptors, 0),
    processes: usages.length,
  };
}
