/** Viewers at work, with caches at their defaults: how many requests a second, and what the memory comes to. */
import { Running } from '../servers/contender.ts';
import { quantile, spreadOf, type Spread } from '../statistics.ts';
import { sessionUris } from '../workloads/sessions.ts';
import type { LoadResult } from '../load/job.ts';
import { startOptions, type Bench } from './run-suite.ts';

export interface SessionsOfOne {
  readonly name: string;
  readonly requestsPerSecond: Spread;
  readonly rates: readonly number[];
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly megabytesAtRest: number;
  /** After `requests`, and after ten times as many. */
  readonly megabytes: number;
  readonly megabytesLater: number;
}

export interface Sessions {
  readonly clients: number;
  /** After which the memory was read first. */
  readonly requests: number;
  readonly contenders: readonly (SessionsOfOne | { readonly name: string; readonly lacks: string })[];
  /** Requests a second, ours by the peer's, round by round. */
  readonly ratio?: Spread;
}

const CLIENTS = 8;

/** Megabytes are those after the first tenth; what it comes to later is shown beside. */
export const SESSIONS_GOALS = { ratio: 1.8, megabytes: 350 } as const;

const ROUNDS = 10;

/** Both walk the same way, a tenth of it in turn. */
export async function measureSessions(bench: Bench, requests: number): Promise<Sessions> {
  const uris = sessionUris(bench.effort.seed, requests * ROUNDS);
  const walkers: Walker[] = [];
  try {
    for (const contender of [bench.ours, bench.peer]) {
      if (contender === undefined) continue;
      const server = await Running.start(contender, startOptions(bench, {}));
      walkers.push({ server, atRest: server.memoryMegabytes('now'), results: [], megabytes: [] });
    }
    for (let round = 0; round < ROUNDS; round++) {
      const part = uris.slice(round * requests, (round + 1) * requests);
      for (const walker of walkers) await walk(walker, part, bench);
    }
  } finally {
    for (const { server } of walkers) await server.stop();
  }
  const contenders = walkers.map(summary);
  const [ours, peer] = contenders;
  if (ours === undefined || peer === undefined || 'lacks' in ours || 'lacks' in peer)
    return { clients: CLIENTS, requests, contenders };
  const ratio = spreadOf(ours.rates.map((rate, round) => rate / peer.rates[round]!));
  return { clients: CLIENTS, requests, contenders, ratio };
}

interface Walker {
  readonly server: Running;
  readonly atRest: number;
  readonly results: LoadResult[];
  /** After each round. */
  readonly megabytes: number[];
}

async function walk(
  { server, results, megabytes }: Walker,
  uris: readonly string[],
  bench: Bench,
): Promise<void> {
  const result = await bench.generator.run({
    address: server.address,
    uris: server.spell(uris),
    inOrder: true,
    expects: 'by-uri',
    clients: CLIENTS,
    keepAlive: false,
    seconds: 0,
    atLeast: uris.length,
    seed: bench.effort.seed,
    patienceSeconds: 60,
    samples: 0,
  });
  results.push(result);
  megabytes.push(server.memoryMegabytes('now'));
}

function summary({ server, atRest, results, megabytes }: Walker): Sessions['contenders'][number] {
  const wrong = results.flatMap(({ problems }) => [...problems].map(([what, count]) => `${count} x ${what}`));
  if (wrong.length > 0) return { name: server.name, lacks: wrong.join(', ') };
  const latenciesMs = Float64Array.from(results.flatMap((result) => [...result.latenciesMs])).sort();
  const rates = results.map(({ requests, seconds }) => requests / seconds);
  return {
    name: server.name,
    requestsPerSecond: spreadOf(rates),
    rates,
    p50Ms: quantile(latenciesMs, 0.5),
    p99Ms: quantile(latenciesMs, 0.99),
    megabytesAtRest: atRest,
    megabytes: megabytes[0]!,
    megabytesLater: megabytes.at(-1)!,
  };
}
