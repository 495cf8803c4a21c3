/** What goes wrong in the soak, at random. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Daemon } from '../support/daemon.ts';
import type { Dice } from '../fuzz/dice.ts';
import type { Losses } from './losses.ts';
import type { Tally } from './tally.ts';
import { signal, type Targets } from './targets.ts';
import type { UnsteadyFile } from './unsteady-file.ts';

export interface Victims {
  readonly server: Daemon;
  readonly port: number;
  readonly targets: Targets;
  readonly losses: Losses;
  readonly file: UnsteadyFile;
  /** undefined where it is not installed. */
  readonly memcached: { stop(): void; go(): void; restart(): Promise<void> } | undefined;
  readonly tally: Tally;
  readonly isOver: () => boolean;
}

type Fault = (victims: Victims, dice: Dice) => Promise<void>;

const FAULTS: Readonly<Record<string, Fault>> = {
  'file replaced': async ({ file }, dice) => file.replace(dice.below(2)),
  'file cut off': async ({ file }, dice) => {
    await file.cutOff(dice.below(250_000));
    await sleep(dice.below(500));
    await file.replace(dice.below(2));
  },
  'file deleted': async ({ file }, dice) => {
    await file.remove();
    await sleep(dice.below(500));
    await file.replace(dice.below(2));
  },
  'file turned into a folder': async ({ file }, dice) => {
    await file.becomeFolder();
    await sleep(dice.below(500));
    await file.replace(dice.below(2));
  },
  'file closed to all and opened again': async ({ file }, dice) => {
    await file.close();
    await sleep(dice.below(500));
    await file.open();
  },
  'decoding process killed': ({ targets, losses }, dice) => {
    const { decoders } = targets;
    if (decoders.length > 0) {
      losses.decoderEnded();
      signal(dice.pick(decoders), 'SIGKILL');
    }
    return Promise.resolve();
  },
  'decoding process stopped for a while': ({ targets }, dice) => pause(targets.decoders, dice),
  'hundreds of connections': async ({ port }, dice) => {
    const sockets = Array.from({ length: 300 }, () =>
      connect(port, '127.0.0.1').on('error', () => undefined),
    );
    await sleep(dice.below(500));
    for (const socket of sockets) socket.destroy();
  },
  'rubbish sent': async ({ port }, dice) => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    socket.end(Buffer.from(Array.from({ length: 1 + dice.below(2_000) }, () => dice.below(256))));
    await sleep(dice.below(200));
    socket.destroy();
  },
  'memcached stopped for a while': async ({ memcached }, dice) => {
    memcached?.stop();
    await sleep(dice.below(1_500));
    memcached?.go();
  },
  'memcached killed and started again': async ({ memcached }) => memcached?.restart(),
  'caches emptied': ({ server, losses }) => {
    losses.renewing();
    server.signal('SIGHUP');
    return Promise.resolve();
  },
};

/** Of a server that has workers. */
const WORKER_FAULTS: Readonly<Record<string, Fault>> = {
  'worker killed': ({ targets, losses }, dice) => {
    const { workers } = targets;
    if (workers.length > 0) {
      const pid = dice.pick(workers);
      losses.workerEnded(pid);
      signal(pid, 'SIGKILL');
    }
    return Promise.resolve();
  },
  'worker stopped for a while': ({ targets }, dice) => pause(targets.workers, dice),
};

/** Stops one of them and lets it go on. */
async function pause(pids: readonly number[], dice: Dice): Promise<void> {
  if (pids.length === 0) return;
  const pid = dice.pick(pids);
  signal(pid, 'SIGSTOP');
  await sleep(dice.below(2_000));
  signal(pid, 'SIGCONT');
}

/** What some clients do; they are faults that can be chosen, too. */
export const CLIENT_FAULTS = { leaving: 'client left', slow: 'slow client' } as const;

/**
 * Names of what is to go wrong.
 *
 * @param words the faults with one of these in their names; undefined: all there are. An empty list: none.
 * @throws Error when a word is in none of them: nothing would go wrong unseen.
 */
export function chosenFaults(hasWorkers: boolean, words: readonly string[] | undefined): readonly string[] {
  const names = [
    ...Object.keys(FAULTS),
    ...(hasWorkers ? Object.keys(WORKER_FAULTS) : []),
    ...Object.values(CLIENT_FAULTS),
  ];
  if (words === undefined) return names;
  const idle = words.filter((word) => !names.some((name) => name.includes(word)));
  if (idle.length > 0) throw new Error(`no fault is called ${idle.join()}; there are: ${names.join('; ')}`);
  return names.filter((name) => words.some((word) => name.includes(word)));
}

/** Does one after the other, with pauses. @param chosen names of any faults; those of clients are theirs. */
export async function faultsAtRandom(victims: Victims, chosen: readonly string[], dice: Dice): Promise<void> {
  const faults = { ...FAULTS, ...WORKER_FAULTS };
  const names = Object.keys(faults).filter((name) => chosen.includes(name));
  while (!victims.isOver() && names.length > 0) {
    await sleep(300 + dice.below(1_500));
    const name = dice.pick(names);
    await faults[name]!(victims, dice);
    victims.tally.count(victims.tally.faults, name);
  }
}
