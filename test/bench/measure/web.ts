/** Over HTTP: through nginx, and by our server itself, asked by wrk. */
import { findProgram } from '../../support/real-programs.ts';
import { freePort } from '../../support/ports.ts';
import { Running, type Contender } from '../servers/contender.ts';
import { spreadOf, type Spread } from '../statistics.ts';
import { startNginx, type Front } from '../web/nginx.ts';
import { runWrk, type WrkResult } from '../web/wrk.ts';
import { infoUris, tileUris } from '../workloads/uris.ts';
import { SETTINGS, type Setting } from '../workloads/workload.ts';
import { WrongAnswers } from './measure.ts';
import { startOptions, type Bench } from './run-suite.ts';

export interface WebRow {
  readonly name: string;
  readonly clients: number;
  readonly goal: number;
  /** In the order of `WEB_WAYS`; absent where there is no peer. */
  readonly ways: readonly WebWay[];
}

export interface WebWay {
  readonly name: string;
  readonly requestsPerSecond: Spread;
  readonly p99Ms: number;
  /** Requests a second by those of the peer behind nginx, round by round. */
  readonly ratio?: Spread;
}

interface WebWorkload {
  readonly name: string;
  readonly setting: Setting;
  readonly uris: readonly string[];
  readonly goals: Readonly<Record<number, number>>;
}

const WORKLOADS: readonly WebWorkload[] = [
  { name: 'info.json', setting: 'default', uris: infoUris('rgb-deflate'), goals: { 8: 2.8, 64: 3 } },
  {
    name: 'tile, cached',
    setting: 'default',
    uris: tileUris('rgb-deflate', 'JTL').slice(0, 200),
    goals: { 8: 2.8, 64: 3 },
  },
  {
    name: 'tile, deflate',
    setting: 'uncached',
    uris: tileUris('rgb-deflate', 'JTL'),
    goals: { 8: 1.8, 64: 1.8 },
  },
];

/** A contender that can be asked over HTTP in some way. */
interface Entrance {
  readonly name: string;
  readonly origin: string;
  readonly isPeer: boolean;
}

/** `undefined`, after saying why, without the programs. */
export async function measureWeb(
  bench: Bench,
  clients: readonly number[],
  tell: (line: string) => void,
): Promise<readonly WebRow[] | undefined> {
  const [nginx, wrk] = [findProgram('nginx'), findProgram('wrk')];
  if (nginx === undefined || wrk === undefined) {
    tell(`skipped: web: ${nginx === undefined ? 'nginx' : 'wrk'} is not installed`);
    return undefined;
  }
  const rows: WebRow[] = [];
  for (const workload of WORKLOADS) {
    const stops: (() => Promise<void>)[] = [];
    try {
      const entrances = await openAll(bench, workload.setting, { nginx, stops });
      for (const count of clients) {
        if (workload.goals[count] !== undefined)
          rows.push(await measureRow(bench, { workload, clients: count, entrances, wrk }));
      }
    } catch (thrown) {
      if (!(thrown instanceof WrongAnswers)) throw thrown;
      tell(`no row: web: ${workload.name}: ${thrown.message}`);
    } finally {
      for (const stop of stops.reverse()) await stop();
    }
  }
  return rows;
}

interface Openings {
  readonly nginx: string;
  readonly stops: (() => Promise<void>)[];
}

async function openAll(
  bench: Bench,
  setting: Setting,
  { nginx, stops }: Openings,
): Promise<readonly Entrance[]> {
  const start = async (contender: Contender): Promise<Running> => {
    const server = await Running.start(contender, startOptions(bench, SETTINGS[setting]));
    stops.push(() => server.stop());
    return server;
  };
  const front = async (server: Running, keepAlive: boolean): Promise<Front> => {
    const opened = await startNginx({ program: nginx, upstream: server.address, keepAlive, folder: bench.folder }); // prettier-ignore
    stops.push(() => opened.stop());
    return opened;
  };
  const port = await freePort();
  const ours = await start({ ...bench.ours, command: `${bench.ours.command} --http ${port}` });
  const entrances: Entrance[] = [
    { name: 'ours, nginx', origin: (await front(ours, false)).origin, isPeer: false },
    { name: 'ours, nginx kept', origin: (await front(ours, true)).origin, isPeer: false },
    { name: 'ours, --http', origin: `http://127.0.0.1:${port}`, isPeer: false },
  ];
  if (bench.peer !== undefined) {
    const peer = await start(bench.peer);
    entrances.push({ name: 'peer, nginx', origin: (await front(peer, false)).origin, isPeer: true });
  }
  return entrances;
}

interface Frame {
  readonly workload: WebWorkload;
  readonly clients: number;
  readonly entrances: readonly Entrance[];
  readonly wrk: string;
}

/** @throws {WrongAnswers} */
async function measureRow(bench: Bench, { workload, clients, entrances, wrk }: Frame): Promise<WebRow> {
  const results = entrances.map((): WrkResult[] => []);
  for (let round = 0; round < bench.effort.rounds; round++) {
    for (const [index, { origin, name }] of entrances.entries()) {
      const { uris } = workload;
      const result = await runWrk({ program: wrk, origin, uris, clients, seconds: bench.effort.seconds, folder: bench.folder }); // prettier-ignore
      if (result.problems.length > 0) throw new WrongAnswers(`${name}: ${result.problems.join(', ')}`);
      results[index]!.push(result);
    }
  }
  const ratesOf = (index: number) => results[index]!.map(({ requestsPerSecond }) => requestsPerSecond);
  const peer = entrances.findIndex(({ isPeer }) => isPeer);
  const ways = entrances.map(({ name, isPeer }, index): WebWay => {
    const rates = ratesOf(index);
    return {
      name,
      requestsPerSecond: spreadOf(rates),
      p99Ms: Math.max(...results[index]!.map(({ p99Ms }) => p99Ms)),
      ...(peer < 0 || isPeer ? {} : { ratio: spreadOf(rates.map((rate, round) => rate / ratesOf(peer)[round]!)) }), // prettier-ignore
    };
  });
  return { name: workload.name, clients, goal: workload.goals[clients]!, ways };
}
