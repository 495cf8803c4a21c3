/** Where our server spends its time under one workload: V8's sampling profiler in every thread, added up by function. */
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Running, type Contender } from '../servers/contender.ts';
import { SETTINGS, type Pressure, type Workload } from '../workloads/workload.ts';
import { startOptions, type Bench } from './run-suite.ts';

export interface Heat {
  /** Function, file and line. */
  readonly where: string;
  /** Of all time that was not idle. */
  readonly share: number;
}

const SECONDS = 3;
const INTERVAL_MICROSECONDS = 200;

/** Heaviest first. @throws Error when our command does not begin with node. */
export async function profile(
  bench: Bench,
  workload: Workload,
  pressure: Pressure,
): Promise<readonly Heat[]> {
  const folder = await mkdtemp(path.join(bench.folder, 'profile-'));
  const server = await Running.start(
    profiled(bench.ours, folder),
    startOptions(bench, SETTINGS[workload.setting]),
  );
  try {
    const { uris, expects } = workload;
    const job = { address: server.address, uris, expects, seed: 1, patienceSeconds: 60, samples: 0 };
    await bench.generator.run({ ...job, ...pressure, seconds: SECONDS, atLeast: pressure.clients });
  } finally {
    await server.stop(); // The profiles are written at the end.
  }
  return heatIn(folder);
}

function profiled(ours: Contender, folder: string): Contender {
  const [, node, rest] = /^(\S*node)\s(.*)$/.exec(ours.command) ?? [];
  if (node === undefined || rest === undefined)
    throw new Error(`only a command that begins with node can be profiled`);
  const flags = `--cpu-prof --cpu-prof-interval ${INTERVAL_MICROSECONDS} --cpu-prof-dir ${folder}`;
  return { ...ours, command: `${node} ${flags} ${rest}` };
}

/** The parts of a .cpuprofile that are used. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** What V8 calls time in which nothing runs. */
const NOT_WORK = new Set(['(idle)', '(root)']);

async function heatIn(folder: string): Promise<readonly Heat[]> {
  const microseconds = new Map<string, number>();
  for (const name of await readdir(folder)) {
    add(JSON.parse(await readFile(path.join(folder, name), 'utf8')) as CpuProfile, microseconds);
  }
  const total = [...microseconds.values()].reduce((sum, value) => sum + value, 0);
  return [...microseconds]
    .sort(([, a], [, b]) => b - a)
    .map(([where, value]) => ({ where, share: value / total }));
}

function add({ nodes, samples, timeDeltas }: CpuProfile, microseconds: Map<string, number>): void {
  const places = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
  samples.forEach((id, index) => {
    const place = places.get(id) ?? '(unknown)';
    if (!NOT_WORK.has(place)) microseconds.set(place, (microseconds.get(place) ?? 0) + timeDeltas[index]!);
  });
}

function placeOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (url === '') return name;
  const file = url.startsWith('file:')
    ? fileURLToPath(url).replace(/^.*\/(dist|src|node_modules)\//, '')
    : url;
  return `${name} (${file}:${lineNumber + 1})`;
}
