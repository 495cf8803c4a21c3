/** How long cached tiles take while large exports are made: nothing heavy is to delay them. */
import { Generator } from '../load/generator-process.ts';
import type { LoadJob, LoadResult } from '../load/job.ts';
import { Running, type Contender } from '../servers/contender.ts';
import { quantile } from '../statistics.ts';
import { exportUris, tileUris } from '../workloads/uris.ts';
import { startOptions, type Bench } from './run-suite.ts';

export interface Exports {
  readonly name: string;
  /** Of cached tiles, while nothing else and while exports are under way. */
  readonly alone: Tail;
  readonly beside: Tail;
  /** How long one of the exports took, at the median. */
  readonly exportMs: number;
}

interface Tail {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export type ExportsOrLack = Exports | { readonly name: string; readonly lacks: string };

export const EXPORTS_GOAL_MS = 5;

const EXPORTS = 4;
const TILE_CLIENTS = 8;
const SIDE = 5_000;

const TILES = tileUris('rgb-deflate', 'JTL').slice(0, 200);

export async function measureExports(bench: Bench): Promise<readonly ExportsOrLack[]> {
  const result: ExportsOrLack[] = [];
  const other = new Generator();
  try {
    for (const contender of [bench.ours, bench.peer]) {
      if (contender !== undefined) result.push(await measureOne(contender, bench, other));
    }
  } finally {
    other.stop();
  }
  return result;
}

async function measureOne(contender: Contender, bench: Bench, other: Generator): Promise<ExportsOrLack> {
  const server = await Running.start(contender, startOptions(bench, {}));
  const common = { address: server.address, expects: 'jpeg', keepAlive: false, seed: 1, samples: 0 } as const;
  const seconds = Math.max(1, bench.effort.seconds);
  const tiles: LoadJob = { ...common, uris: TILES, clients: TILE_CLIENTS, seconds, atLeast: TILES.length, patienceSeconds: 60 }; // prettier-ignore
  const exports: LoadJob = { ...common, uris: exportUris('rgb-deflate', SIDE), clients: EXPORTS, seconds, atLeast: EXPORTS, patienceSeconds: 120 }; // prettier-ignore
  try {
    // Fills the cache, and warms up as elsewhere.
    await bench.generator.run({ ...tiles, seconds: Math.max(seconds, bench.effort.warmUpSeconds) });
    const alone = await bench.generator.run(tiles);
    const [beside, heavy] = await Promise.all([
      bench.generator.run({ ...tiles, atLeast: 1 }),
      other.run(exports),
    ]);
    const wrong = [alone, beside, heavy].flatMap(({ problems }) => [...problems.keys()]);
    if (wrong.length > 0) return { name: contender.name, lacks: wrong.join(', ') };
    return {
      name: contender.name,
      alone: tailOf(alone),
      beside: tailOf(beside),
      exportMs: quantile(heavy.latenciesMs, 0.5),
    };
  } finally {
    await server.stop();
  }
}

function tailOf({ requests, seconds, latenciesMs }: LoadResult): Tail {
  return {
    requestsPerSecond: requests / seconds,
    p50Ms: quantile(latenciesMs, 0.5),
    p99Ms: quantile(latenciesMs, 0.99),
  };
}
