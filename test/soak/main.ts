/**
 * Mixed traffic over all protocols while things go wrong: `npm run soak -- [--minutes N] [--seed S] [--workers N] [--faults WORDS]`.
 * With workers they are killed and stopped, too. Of the faults only those are made whose names have one of the WORDS (with
 * commas between them; `none`: nothing goes wrong). Every answer is compared with that of a server that nobody disturbs.
 * Ends with 1 when an answer was wrong or something grows; wrong pictures are kept.
 */
import { chmod, utimes } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { Daemon, startDaemon } from '../support/daemon.ts';
import { freePort } from '../support/ports.ts';
import { PROGRAM, programEnv } from '../support/program.ts';
import { findProgram } from '../support/real-programs.ts';
import { Scope } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { findUser, IS_ROOT, skipUnlessRuns } from '../support/users.ts';
import { diceOf } from '../fuzz/dice.ts';
import { goodClient, leavingClient, slowClient, type Scene } from './clients.ts';
import { findExpected } from './expected.ts';
import { chosenFaults, CLIENT_FAULTS, faultsAtRandom } from './faults.ts';
import { Losses } from './losses.ts';
import { fillFolder } from './requests.ts';
import { soakArgs, soakEnv } from './settings.ts';
import { report, Tally, type Sample } from './tally.ts';
import { Targets } from './targets.ts';
import { UnsteadyFile } from './unsteady-file.ts';

const GOOD_CLIENTS = 6;
const SAMPLE_MS = 2_000;
const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    seed: { type: 'string' },
    workers: { type: 'string' },
    faults: { type: 'string' },
  },
});
const minutes = Number(values.minutes ?? 1);
const seed = Number(values.seed ?? Date.now() % 1_000_000_000);
const workers = Number(values.workers ?? 1);
const faults = chosenFaults(workers > 1, values.faults === 'none' ? [] : values.faults?.split(','));
console.log(`soak of ${minutes} minutes, seed ${seed}, workers ${workers}`);
if (values.faults !== undefined) console.log(`of the faults only: ${faults.join('; ') || 'none'}`);

// What was started ends with this program.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(2));

const scope = new Scope();
try {
  process.exitCode = (await soak()) ? 0 : 1;
} finally {
  await scope.end();
}

async function soak(): Promise<boolean> {
  const expected = await findExpected(scope, workers);
  const folder = await tempFolder(scope);
  await fillFolder(folder, 0);
  const file = new UnsteadyFile(folder);
  const [port, memcachedPort] = [await freePort(), await freePort()];
  const memcached = startMemcached(memcachedPort);
  // Root may read what is closed to all.
  const user = IS_ROOT && skipUnlessRuns('nobody') === false ? findUser('nobody') : undefined;
  await chmod(folder, 0o755);
  const command = [process.execPath, PROGRAM, '--bind', `127.0.0.1:${port}`, ...soakArgs(workers)] as const;
  const server = startDaemon(scope, [...command], {
    ...user,
    env: programEnv({
      ...soakEnv(folder),
      ...(memcached === undefined ? {} : { MEMCACHED_SERVERS: `127.0.0.1:${memcachedPort}` }),
    }),
  }); // prettier-ignore
  await server.waitUntilListening({ port });
  const tally = new Tally();
  const end = performance.now() + minutes * 60_000;
  const isOver = () => performance.now() > end || server.exit !== undefined;
  const losses = new Losses();
  for (const input of [server.child.stdout, server.child.stderr]) {
    createInterface({ input: input! }).on('line', (line) => {
      const complaint = losses.hear(line);
      if (complaint !== undefined) tally.wrong.push(`log: ${complaint.slice(0, 500)}`);
    });
  }
  const targets = new Targets(server.pid, workers > 1);
  const scene: Scene = {
    port, expected, file, tally, isOver, losses,
    pardon: (name) => utimes(path.join(folder, name), new Date(), new Date()),
  }; // prettier-ignore
  const victims = { server, port, targets, losses, file, memcached, tally, isOver };
  const samples: Sample[] = [];
  await Promise.all([
    ...Array.from({ length: GOOD_CLIENTS }, (_, i) => goodClient(scene, diceOf(seed, i))),
    faults.includes(CLIENT_FAULTS.leaving) && leavingClient(scene, diceOf(seed, 100)),
    faults.includes(CLIENT_FAULTS.slow) && slowClient(scene, diceOf(seed, 101)),
    faultsAtRandom(victims, faults, diceOf(seed, 102)),
    measure({ server, targets }, samples, scene),
  ]);
  if (server.exit !== undefined) tally.wrong.push(`the server ended: ${JSON.stringify(server.exit)}`);
  const complaints = server.output.split('\n').filter((line) => /"level":"(error|fatal)"/.test(line));
  tally.wrong.push(...complaints.map((line) => `log: ${line.slice(0, 500)}`));
  const { text, isGood } = report(tally, samples, { slope: slopeLimit(), descriptors: 32 });
  console.log(text);
  return isGood;
}

/** Megabytes a minute. Caches and pools of memory take some minutes to fill: short runs prove nothing. */
function slopeLimit(): number {
  if (minutes < 5) return Infinity;
  return minutes < 10 ? 10 : 1;
}

async function measure(
  { server, targets }: { readonly server: Daemon; readonly targets: Targets },
  samples: Sample[],
  { isOver, tally }: Scene,
): Promise<void> {
  const start = performance.now();
  while (!isOver()) {
    await sleep(SAMPLE_MS);
    if (server.exit !== undefined) return;
    const usage = await targets.usage();
    samples.push({ minutes: (performance.now() - start) / 60_000, requests: tally.requests, ...usage });
  }
}

function startMemcached(port: number) {
  const program = findProgram('memcached');
  if (program === undefined) {
    console.log('not installed: memcached; the soak goes on without it');
    return undefined;
  }
  const isRoot = process.getuid?.() === 0;
  const start = () => new Daemon([program, '-l', '127.0.0.1', '-p', String(port), ...(isRoot ? ['-u', 'root'] : [])]);
  let daemon = start();
  scope.defer(async () => {
    daemon.signal('SIGCONT');
    await daemon.stop();
  });
  return {
    stop: () => daemon.signal('SIGSTOP'),
    go: () => daemon.signal('SIGCONT'),
    restart: async () => {
      daemon.signal('SIGKILL');
      await daemon.exited;
      await sleep(300);
      daemon = start();
    },
  };
} // prettier-ignore
