/** How much the load generator can ask for, shown with a server that does nothing: rates far below are the servers' own. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { Running } from '../servers/contender.ts';
import type { Bench } from './run-suite.ts';

export interface Headroom {
  readonly clients: number;
  readonly keepAlive: boolean;
  readonly requestsPerSecond: number;
  /** Of the generator. */
  readonly cpuMicroseconds: number;
}

const SOURCE = path.resolve('test/bench/load/fixed-answer.c');

/** `undefined`, after saying why, without a C compiler. */
export async function measureHeadroom(
  bench: Bench,
  tell: (line: string) => void,
): Promise<readonly Headroom[] | undefined> {
  const program = path.join(bench.folder, 'fixed-answer');
  const compiled = spawnSync('cc', ['-O2', '-o', program, SOURCE], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (compiled.status !== 0) {
    tell(
      'The fixed-answer server cannot be compiled (no cc?): the limit of the load generator is not shown.',
    );
    return undefined;
  }
  const contender = { name: 'fixed answer', command: program, environment: {} };
  const server = await Running.start(contender, { environment: {}, transport: 'unix', folder: bench.folder });
  try {
    const result: Headroom[] = [];
    for (const keepAlive of [false, true]) {
      for (const clients of [1, 8, 64]) result.push(await measureOne(server, { clients, keepAlive }, bench));
    }
    return result;
  } finally {
    await server.stop();
  }
}

async function measureOne(
  server: Running,
  pressure: { clients: number; keepAlive: boolean },
  bench: Bench,
): Promise<Headroom> {
  const job = {
    ...pressure,
    address: server.address,
    uris: ['/'],
    expects: 'jpeg',
    samples: 0,
    patienceSeconds: 10,
    seed: 1,
  } as const;
  await bench.generator.run({ ...job, seconds: 0.2, atLeast: 1 });
  const { requests, seconds, ownCpuSeconds } = await bench.generator.run({
    ...job,
    seconds: bench.effort.quick ? 0.3 : 1,
    atLeast: 1,
  });
  return {
    ...pressure,
    requestsPerSecond: requests / seconds,
    cpuMicroseconds: (ownCpuSeconds / requests) * 1e6,
  };
}
