/** Finished pictures in memcached (MEMCACHED_SERVERS), shared by many machines; wraps a `Render` from outside. */
import { createHash } from 'node:crypto';
import type { Config } from '../../config/config.ts';
import { showAddress } from '../../config/address.ts';
import type { Log } from '../../log.ts';
import type { Render } from '../../render/picture.ts';
import { planKey, type Plan } from '../../render/plan.ts';
import { HashRing } from './hash-ring.ts';
import { MemcachedServer } from './server.ts';

const PREFIX = 'iipsrv::';

/** memcached's limit, in bytes. */
const MAX_KEY_BYTES = 250;

const PATIENCE_MS = 50;

export type MemcachedSettings = Pick<
  Config,
  'memcachedServers' | 'memcachedTimeoutSeconds' | 'memcachedUsername' | 'memcachedPassword'
>;

/** Who counts what a memcached does, besides the numbers here. */
export interface MemcachedMeter {
  countLookup(lookup: 'memcachedHits' | 'memcachedMisses'): void;
  setServer(index: number, isUp: boolean): void;
}

export interface MemcachedDeps {
  readonly log: Pick<Log, 'info' | 'warn'>;
  readonly meter?: MemcachedMeter;
  /** What a request may lose by a server that is dead or slow, once. */
  readonly patienceMs?: number;
}

export class Memcached {
  readonly servers: readonly MemcachedServer[];
  readonly #ring: HashRing;
  readonly #expirySeconds: number;
  readonly #salt: string;
  readonly #meter: MemcachedMeter | undefined;
  hits = 0;
  misses = 0;
  stored = 0;

  /** @param salt what makes different bytes of the same plan: the program's version, the watermark's picture. */
  constructor(
    settings: MemcachedSettings,
    salt: string,
    { log, meter, patienceMs = PATIENCE_MS }: MemcachedDeps,
  ) {
    this.#meter = meter;
    const { memcachedServers, memcachedTimeoutSeconds, memcachedUsername, memcachedPassword } = settings;
    const credentials = { username: memcachedUsername, password: memcachedPassword };
    this.servers = memcachedServers.map(({ host, port }, index) => {
      const onState = (isUp: boolean): void => meter?.setServer(index, isUp);
      return new MemcachedServer({ host, port, ...credentials, patienceMs, log, onState });
    });
    this.#ring = new HashRing(memcachedServers.map((server) => showAddress({ kind: 'tcp', ...server })));
    this.#expirySeconds = memcachedTimeoutSeconds;
    this.#salt = createHash('sha256').update(salt).digest('base64url').slice(0, 8);
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const whole = memcachedKey(`${this.#salt}|${key}`);
    const value = await this.#serverOf(whole).get(whole);
    if (value === undefined) {
      this.misses++;
      this.#meter?.countLookup('memcachedMisses');
      return undefined;
    }
    this.hits++;
    this.#meter?.countLookup('memcachedHits');
    // Memory of its own: a view would keep alive all that came with it.
    return new Uint8Array(value);
  }

  /** What is larger than the server keeps is not sent. */
  set(key: string, bytes: Uint8Array): void {
    const whole = memcachedKey(`${this.#salt}|${key}`);
    if (this.#serverOf(whole).set(whole, bytes, this.#expirySeconds)) this.stored++;
  }

  close(): void {
    for (const server of this.servers) server.close();
  }

  #serverOf(key: string): MemcachedServer {
    return this.servers[this.servers.length === 1 ? 0 : this.#ring.serverOf(key)]!;
  }
}

/** A key as memcached takes it: hashed when it is too long or has blanks, signs of control, or more than ASCII. */
export function memcachedKey(key: string): string {
  const plain = PREFIX + key;
  if (plain.length <= MAX_KEY_BYTES && /^[\x21-\x7e]+$/.test(plain)) return plain;
  return PREFIX + createHash('sha256').update(key).digest('base64url');
}

/**
 * A `Render` that asks memcached first and stores what it had to make. Keys have the file's identity, so what was made
 * of a replaced image is never found; errors are thrown and so never stored.
 */
export function withMemcached(render: Render, memcached: Pick<Memcached, 'get' | 'set'>): Render {
  return async (plan, signal) => {
    if (isCheaperToMake(plan)) return render(plan, signal);
    const key = planKey(plan);
    const kept = await memcached.get(key);
    if (kept !== undefined) return { bytes: kept, origin: 'memcached' };
    signal.throwIfAborted();
    const picture = await render(plan, signal);
    memcached.set(key, picture.bytes);
    return picture;
  };
}

/** Stored tiles of files on this machine are sent as they are: reading one costs less than asking. */
const isCheaperToMake = (plan: Plan): boolean =>
  plan.kind === 'copy' && plan.otherwise.source.path.startsWith('/');
