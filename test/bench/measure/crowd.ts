/** Whether a thousand connections that are kept and idle cost those at work anything. */
import { Client } from '../load/client.ts';
import type { Address, LoadJob } from '../load/job.ts';
import { requestBytes } from '../load/wire.ts';
import { Running, type Contender } from '../servers/contender.ts';
import { spreadOf, type Spread } from '../statistics.ts';
import { tileUris } from '../workloads/uris.ts';
import { probeKeeping } from './probe.ts';
import { startOptions, type Bench } from './run-suite.ts';

export interface Crowd {
  readonly name: string;
  readonly idle: number;
  readonly busy: number;
  /** Requests a second. */
  readonly alone: Spread;
  readonly crowded: Spread;
  /** Crowded by alone, round by round. */
  readonly ratio: Spread;
}

export type CrowdOrLack = Crowd | { readonly name: string; readonly lacks: string };

const IDLE = 1_000;
const BUSY = 64;

/** No more than a tenth is to be lost. */
export const CROWD_GOAL = 0.9;

/** Opened at once; the kernel's queue of connections that wait is bounded. */
const OPENED_AT_ONCE = 50;

const URIS = tileUris('rgb-deflate', 'JTL').slice(0, 200);

export async function measureCrowds(bench: Bench): Promise<readonly CrowdOrLack[]> {
  const result: CrowdOrLack[] = [];
  for (const contender of [bench.ours, bench.peer]) {
    if (contender !== undefined) result.push(await measureCrowd(contender, bench));
  }
  return result;
}

async function measureCrowd(contender: Contender, bench: Bench): Promise<CrowdOrLack> {
  const { name } = contender;
  const server = await Running.start(contender, startOptions(bench, {}));
  try {
    if ((await probeKeeping(server, URIS[0]!, bench.generator)) !== 'many')
      return { name, lacks: 'serves one kept connection and lets the others wait' };
    const alone: number[] = [];
    const crowded: number[] = [];
    await rateOf(server.address, bench, 0); // Fills the cache.
    for (let round = 1; round <= bench.effort.rounds; round++) {
      alone.push(await rateOf(server.address, bench, round));
      const idle = await openIdle(server.address);
      crowded.push(await rateOf(server.address, bench, round));
      for (const client of idle) client.stop();
    }
    const ratio = spreadOf(crowded.map((rate, round) => rate / alone[round]!));
    return { name, idle: IDLE, busy: BUSY, alone: spreadOf(alone), crowded: spreadOf(crowded), ratio };
  } finally {
    await server.stop();
  }
}

/** @throws Error for a wrong answer. */
async function rateOf(address: Address, bench: Bench, round: number): Promise<number> {
  const job: LoadJob = {
    address,
    uris: URIS,
    expects: 'jpeg',
    clients: BUSY,
    keepAlive: true,
    seconds: bench.effort.seconds,
    atLeast: URIS.length,
    seed: bench.effort.seed + round,
    patienceSeconds: 30,
    samples: 0,
  };
  const { requests, seconds, problems } = await bench.generator.run(job);
  if (problems.size > 0) throw new Error(`wrong answers: ${[...problems.keys()].join(', ')}`);
  return requests / seconds;
}

/** Connections that have each had one answer, and are kept. */
async function openIdle(address: Address): Promise<readonly Client[]> {
  const clients: Client[] = [];
  while (clients.length < IDLE)
    clients.push(...(await Promise.all(Array.from({ length: OPENED_AT_ONCE }, () => openOne(address)))));
  return clients;
}

const HELLO = requestBytes(URIS[0]!, true);

/** The client asks no more after its first answer, and does not hang up either. */
function openOne(address: Address): Promise<Client> {
  return new Promise((resolve, reject) => {
    const client = new Client(address, true, {
      next: () => ({ bytes: HELLO, keepsBody: false }),
      onAnswer: () => resolve(client),
      onFailure: (_, reason) => reject(new Error(`an idle connection: ${reason}`)),
    });
    client.askOnce();
  });
}
