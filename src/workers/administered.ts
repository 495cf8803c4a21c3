/** Several processes as operators see them: sums, and what all of them forget. */
import { readingsOf, type Administered } from '../admin/readings.ts';
import { ServerError } from '../errors.ts';
import type { Questions } from './messages.ts';
import type { Supervisor } from './supervisor.ts';
import { NoAnswer } from './worker.ts';

/** To say whether it is ready, for what costs it nothing, and for a picture. */
const READY_LIMIT_MS = 1_000;
const LIMIT_MS = 10_000;
const PICTURE_LIMIT_MS = 120_000;

/** @param memcached names of the servers, in the order of the meters. */
export function administerWorkers(supervisor: Supervisor, memcached: readonly string[]): Administered {
  return {
    readings: async () => {
      const { sum, running } = await supervisor.counts();
      return { ...readingsOf(sum, memcached), workers: { running, lost: supervisor.lost } };
    },
    isReady: async () => {
      const asked = supervisor.listening.map((worker) => worker.ask({ kind: 'is-ready' }, READY_LIMIT_MS));
      return (await Promise.allSettled(asked)).some((each) => each.status === 'fulfilled' && each.value);
    },
    purge: async (id) => firstOf(await askAll(supervisor, { kind: 'purge', id }, LIMIT_MS)),
    purgeAll: async () => void (await askAll(supervisor, { kind: 'purge-all' }, LIMIT_MS)),
    tilesOf: (id) => {
      const [worker] = supervisor.listening;
      if (worker === undefined) throw noWorker();
      return worker.ask({ kind: 'tiles-of', id }, LIMIT_MS);
    },
    // Each has a cache of its own, so each makes it.
    make: async (uri) => Math.max(...(await askAll(supervisor, { kind: 'make', uri }, PICTURE_LIMIT_MS))),
  };
}

/**
 * The answers of all workers. One that ends meanwhile has nothing more to forget or to tell.
 *
 * @throws {ServerError} what one of them throws; `overloaded` when one does not answer in time.
 */
async function askAll<K extends keyof Questions>(
  supervisor: Supervisor,
  question: { readonly kind: K } & Questions[K]['needs'],
  limitMs: number,
): Promise<readonly Questions[K]['answer'][]> {
  const asked = await Promise.allSettled(supervisor.workers.map((worker) => worker.ask(question, limitMs)));
  return asked.flatMap((each) => {
    if (each.status === 'fulfilled') return [each.value];
    if (!(each.reason instanceof NoAnswer)) throw each.reason;
    if (each.reason.hasEnded) return [];
    throw new ServerError('overloaded', 'a worker does not answer');
  });
}

function firstOf<T>(answers: readonly T[]): T {
  const [first] = answers;
  if (first === undefined) throw noWorker();
  return first;
}

const noWorker = (): ServerError => new ServerError('overloaded', 'no worker serves at the moment');
