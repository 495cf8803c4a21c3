/** Steady requests for good pictures: each answer is compared with the first one, and timed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { cgiParams, fcgiRequest, type Where } from '../../support/fcgi-client.ts';

/** Of each client; requests come at a pace, so that the traffic itself is not what fills the machine. */
const PAUSE_MS = 20;

export class GoodTraffic {
  readonly #where: Where;
  readonly #uris: readonly string[];
  readonly #right = new Map<string, Buffer>();

  private constructor(where: Where, uris: readonly string[]) {
    this.#where = where;
    this.#uris = uris;
  }

  /** Asks for everything once: those are the right answers. @throws Error when one is no 200. */
  static async start(where: Where, uris: readonly string[]): Promise<GoodTraffic> {
    const traffic = new GoodTraffic(where, uris);
    for (const uri of uris) {
      const { status, body } = await fcgiRequest(where, cgiParams(uri));
      if (status !== 200) throw new Error(`${uri}: ${status} ${body.toString('utf8', 0, 200)}`);
      traffic.#right.set(uri, body);
    }
    return traffic;
  }

  /** Two clients, for as long as `work` lasts. */
  async during<T>(work: () => Promise<T>): Promise<GoodRun & { readonly done: T }> {
    const times: number[] = [];
    const wrong: string[] = [];
    const state = { isOver: false };
    const client = async (first: number): Promise<void> => {
      for (let at = first; !state.isOver; at++) {
        const uri = this.#uris[at % this.#uris.length]!;
        const start = performance.now();
        const { status, body } = await fcgiRequest(this.#where, cgiParams(uri));
        times.push(performance.now() - start);
        const isRight = status === 200 && body.equals(this.#right.get(uri)!);
        if (!isRight) wrong.push(`${uri}: ${status} ${body.toString('utf8', 0, 100)}`);
        await sleep(PAUSE_MS);
      }
    };
    const working = work().finally(() => (state.isOver = true));
    const [done] = await Promise.all([working, client(0), client(3)]);
    return { done, wrong, times: times.sort((a, b) => a - b) };
  }
}

export interface GoodRun {
  /** Milliseconds of each answer, the smallest first. */
  readonly times: readonly number[];
  readonly wrong: readonly string[];
}

/** @param share 0.99 for p99. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
