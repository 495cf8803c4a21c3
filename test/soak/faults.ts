/** What goes wrong in the soak, at random. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Daemon } from '../support/daemon.ts';
import type { Dice } from '../fuzz/dice.ts';
import { childrenOf } from '../support/proc.ts';
import type { Tally } from './tally.ts';
import type { UnsteadyFile } from './unsteady-file.ts';

export interface Victims {
  readonly server: Daemon;
  readonly file: UnsteadyFile;
  /** undefined where it is not installed. */
  readonly memcached: { stop(): void; go(): void; restart(): Promise<void> } | undefined;
  readonly tally: Tally;
  readonly isOver: () => boolean;
  /** A decoder is ended now. */
  readonly onDecoderEnd: () => void;
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
  'decoding process killed': ({ server, onDecoderEnd }, dice) => {
    const children = childrenOf(server.pid);
    if (children.length > 0) endProcess(dice.pick(children), onDecoderEnd);
    return Promise.resolve();
  },
  'memcached stopped for a while': async ({ memcached }, dice) => {
    memcached?.stop();
    await sleep(dice.below(1_500));
    memcached?.go();
  },
  'memcached killed and started again': async ({ memcached }) => memcached?.restart(),
  'caches emptied': ({ server }) => {
    server.signal('SIGHUP');
    return Promise.resolve();
  },
};

function endProcess(pid: number, onEnd: () => void): void {
  onEnd();
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It may have ended since it was seen.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Does one after the other, with pauses. */
export async function faultsAtRandom(victims: Victims, dice: Dice): Promise<void> {
  const names = Object.keys(FAULTS);
  while (!victims.isOver()) {
    await sleep(300 + dice.below(1_500));
    const name = dice.pick(names);
    await FAULTS[name]!(victims, dice);
    victims.tally.count(victims.tally.faults, name);
  }
}
