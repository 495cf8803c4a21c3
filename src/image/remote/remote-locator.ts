/** Finds remote images: which object a name means, and which version of it is the present one. */
import path from 'node:path';
import { LRUCache } from 'lru-cache';
import { matchSource, showBase } from '../../config/source-map.ts';
import { ServerError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { cleanName, type LocatedImage, type Locator } from '../locate.ts';
import type { FileIdentity } from '../source.ts';
import { encodeKey } from './object-key.ts';
import { objectKey, type RemoteParts } from './remote-source.ts';
import type { RemoteSettings } from './settings.ts';

/** An image that is not there is not asked for again at once; one that was just uploaded is not missed for long. */
const ABSENT_MS = 2_000;

/** When the storage cannot be asked, what is known stays good for so long before it is asked again. */
const GRACE_MS = 5_000;

const MAX_ENTRIES = 10_000;

/** What is known of an object: its version, or why there is none. */
interface Known {
  readonly identity?: FileIdentity;
  readonly absent?: ServerError;
  readonly goodUntil: number;
}

export interface RemoteLocatorDeps {
  readonly log: Pick<Log, 'warn'>;
  readonly now?: () => number;
}

export class RemoteLocator implements Locator {
  readonly #settings: RemoteSettings;
  readonly #files: Locator;
  readonly #parts: RemoteParts;
  readonly #log: Pick<Log, 'warn'>;
  readonly #now: () => number;
  readonly #known = new LRUCache<string, Known>({ max: MAX_ENTRIES });
  readonly #asking = new Map<string, Promise<FileIdentity>>();

  /** @param files for names that SOURCE_MAP does not have. */
  constructor(settings: RemoteSettings, files: Locator, parts: RemoteParts, deps: RemoteLocatorDeps) {
    this.#settings = settings;
    this.#files = files;
    this.#parts = parts;
    this.#log = deps.log;
    this.#now = deps.now ?? (() => performance.now());
  }

  locate(name: string, view?: Parameters<Locator['locate']>[1]): LocatedImage | Promise<LocatedImage> {
    const match = matchSource(this.#settings.sourceMap, name);
    if (match === undefined) return this.#files.locate(name, view);
    const object = showBase(match.mapping.base) + encodeKey(match.key);
    const { name: stem } = path.posix.parse(cleanName(match.key));
    const known = this.#known.get(object);
    if (known !== undefined && this.#now() < known.goodUntil) {
      if (known.identity === undefined) throw known.absent!;
      return located(object, known.identity, stem);
    }
    return this.#ask(object, known?.identity).then((identity) => located(object, identity, stem));
  }

  /** Asks anew at the next request: this version was found to be gone. */
  forget(object: string): void {
    this.#known.delete(object);
    this.#files.forget?.(object);
  }

  /** Everybody who needs the same object waits for one question. */
  #ask(object: string, known: FileIdentity | undefined): Promise<FileIdentity> {
    const asking = this.#asking.get(object) ?? this.#askStorage(object, known);
    this.#asking.set(object, asking);
    const forget = () => void this.#asking.delete(object);
    asking.then(forget, forget);
    return asking;
  }

  async #askStorage(object: string, known: FileIdentity | undefined): Promise<FileIdentity> {
    try {
      const probe = await this.#parts.store.probe(object, known);
      const identity = probe?.identity ?? known!;
      if (probe !== undefined) this.#parts.blocks.put(objectKey(object, identity), probe.head, identity.size);
      this.#keep(object, { identity }, this.#settings.sourceRevalidateSeconds * 1000);
      return identity;
    } catch (thrown) {
      if (thrown instanceof ServerError && thrown.kind === 'not-found') {
        this.#keep(
          object,
          { absent: thrown },
          Math.min(ABSENT_MS, this.#settings.sourceRevalidateSeconds * 1000),
        );
      }
      const isUnreachable = thrown instanceof ServerError && thrown.kind === 'unreachable';
      if (!isUnreachable || known === undefined) throw thrown;
      this.#log.warn({ path: object, ...thrown.facts }, 'the storage cannot be asked whether an image has changed; it is taken to be the same'); // prettier-ignore
      this.#keep(object, { identity: known }, GRACE_MS);
      return known;
    }
  }

  #keep(object: string, known: Omit<Known, 'goodUntil'>, forMs: number): void {
    this.#known.set(object, { ...known, goodUntil: this.#now() + forMs });
  }
}

function located(object: string, identity: FileIdentity, stem: string): LocatedImage {
  return { path: object, identity, mtimeMs: identity.mtimeMs, stem };
}
