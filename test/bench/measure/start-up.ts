/** How soon a fresh process answers, and how much memory it takes at rest and after work. */
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from '../load/client.ts';
import type { Address } from '../load/job.ts';
import { requestBytes } from '../load/wire.ts';
import { Running, type Contender } from '../servers/contender.ts';
import { spreadOf, type Spread } from '../statistics.ts';
import { iiifTileUris, infoUris, squareUris, tileUris } from '../workloads/uris.ts';
import { shuffled } from '../seeded.ts';
import { startOptions, type Bench } from './run-suite.ts';

export interface StartUp {
  readonly name: string;
  /** From exec to the last byte of the first answer. */
  readonly firstInfoMs: Spread;
  readonly firstTileMs: Spread;
  readonly idleMegabytes: number;
  readonly workedMegabytes: number;
  /** Requests before `workedMegabytes` was read. */
  readonly requests: number;
}

const TIMES = { quick: 3, full: 7 } as const;
const REST_MS = 1_000;
const MIXED_REQUESTS = { quick: 500, full: 2_000 } as const;

const FIRST_INFO = infoUris('rgb-deflate')[0]!;
const FIRST_TILE = tileUris('rgb-deflate', 'JTL')[0]!;

/** Contenders in turn, as everywhere. */
export async function measureStartUps(bench: Bench): Promise<readonly StartUp[]> {
  const contenders = [bench.ours, bench.peer].filter((contender) => contender !== undefined);
  const times = contenders.map(() => ({ info: [] as number[], tile: [] as number[] }));
  for (let time = 0; time < TIMES[bench.effort.quick ? 'quick' : 'full']; time++) {
    for (const [index, contender] of contenders.entries()) {
      times[index]!.info.push(await firstAnswerMs(contender, FIRST_INFO, bench));
      times[index]!.tile.push(await firstAnswerMs(contender, FIRST_TILE, bench));
    }
  }
  const result: StartUp[] = [];
  for (const [index, contender] of contenders.entries()) {
    const { info, tile } = times[index]!;
    const memory = await measureMemory(contender, bench);
    result.push({
      name: contender.name,
      firstInfoMs: spreadOf(info),
      firstTileMs: spreadOf(tile),
      ...memory,
    });
  }
  return result;
}

async function firstAnswerMs(contender: Contender, uri: string, bench: Bench): Promise<number> {
  const start = performance.now();
  const server = await Running.start(contender, startOptions(bench, {}));
  await askOnce(server.address, uri);
  const ms = performance.now() - start;
  await server.stop();
  return ms;
}

/** @throws Error when there is no answer, or none of 200. */
function askOnce(address: Address, uri: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let isAsked = false;
    const client = new Client(address, false, {
      next: () => {
        if (isAsked) return undefined;
        isAsked = true;
        return { bytes: requestBytes(uri, false), keepsBody: false };
      },
      onAnswer: (_, { status }) =>
        status === 200 ? resolve() : reject(new Error(`the first answer was ${status}`)),
      onFailure: (_, reason) => reject(new Error(`no first answer: ${reason}`)),
    });
    client.ask();
  });
}

async function measureMemory(contender: Contender, bench: Bench) {
  const server = await Running.start(contender, startOptions(bench, {}));
  try {
    await wait(REST_MS);
    const idleMegabytes = server.memoryMegabytes('now');
    const { requests, problems } = await bench.generator.run({
      address: server.address,
      uris: mixedUris(),
      expects: 'anything',
      clients: 8,
      keepAlive: false,
      seconds: 0,
      atLeast: MIXED_REQUESTS[bench.effort.quick ? 'quick' : 'full'],
      seed: bench.effort.seed,
      patienceSeconds: 60,
      samples: 0,
    });
    if (problems.size > 0) throw new Error(`${contender.name}: ${[...problems.keys()].join(', ')}`);
    return { idleMegabytes, workedMegabytes: server.memoryMegabytes('now'), requests };
  } finally {
    await server.stop();
  }
}

/** Some of everything that every contender knows: mostly tiles, some of them treated, a few parts. */
function mixedUris(): readonly string[] {
  const some = (uris: readonly string[], count: number): readonly string[] =>
    shuffled(uris, count).slice(0, count);
  return [
    ...some(tileUris('rgb-deflate', 'JTL'), 700),
    ...some(iiifTileUris('rgb-deflate'), 400),
    ...some(tileUris('rgb-jpeg', 'JTL'), 400),
    ...some(tileUris('gray16', 'JTL', 'GAM=0.5'), 150),
    ...some(tileUris('float', 'JTL', 'CMP=jet'), 150),
    ...some(squareUris({ image: 'rgb-deflate', side: 1024, width: 512 }), 40),
    ...infoUris('rgb-deflate'),
    ...infoUris('gray16'),
  ];
}

/** Pictures that this needs. */
export const START_UP_IMAGES = ['rgb-deflate', 'rgb-jpeg', 'gray16', 'float'] as const;
