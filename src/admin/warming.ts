/** Makes the tiles of images before anybody asks, one after the other, and only while nobody else wants anything. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log.ts';
import type { Administered } from './readings.ts';

const BUSY_PAUSE_MS = 20;

/** Images that may wait to be warmed. */
export const MAX_WAITING = 10_000;

export class Warming {
  readonly #server: Administered;
  readonly #log: Pick<Log, 'info' | 'warn'>;
  readonly #waiting: string[] = [];
  #isRunning = false;
  #isStopped = false;

  constructor(server: Administered, log: Pick<Log, 'info' | 'warn'>) {
    this.#server = server;
    this.#log = log;
  }

  /** Images that are waiting, the present one included. */
  get waiting(): number {
    return this.#waiting.length + Number(this.#isRunning);
  }

  /** How many of them were taken: the others are too many. */
  add(ids: readonly string[]): number {
    const taken = ids.slice(0, Math.max(0, MAX_WAITING - this.#waiting.length));
    this.#waiting.push(...taken);
    if (!this.#isRunning && taken.length > 0) void this.#run();
    return taken.length;
  }

  stop(): void {
    this.#isStopped = true;
    this.#waiting.length = 0;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    for (let id = this.#waiting.shift(); id !== undefined; id = this.#waiting.shift()) {
      try {
        await this.#warm(id);
      } catch (err) {
        this.#log.warn({ id, err }, 'an image could not be warmed');
      }
    }
    this.#isRunning = false;
  }

  async #warm(id: string): Promise<void> {
    const tiles = await this.#server.tilesOf(id);
    let made = 0;
    for (const uri of tiles) {
      await this.#idle();
      if (this.#isStopped) return;
      made += Number((await this.#server.make(uri)) === 200);
    }
    this.#log.info({ id, tiles: tiles.length, made }, 'an image is warm');
  }

  async #idle(): Promise<void> {
    while (!this.#isStopped) {
      const { active, queued } = await this.#server.readings();
      if (active === 0 && queued === 0) return;
      await sleep(BUSY_PAUSE_MS, undefined, { ref: false });
    }
  }
}
