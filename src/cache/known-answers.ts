/** What was found out about requests, kept for the next equal one: parsed, planned, with its headers. */
import { LRUCache } from 'lru-cache';
import type { Request } from '../server/request.ts';

/** Something that was made out of one request alone, and can tell whether it still holds. */
export interface Lasting {
  /** Looks at the file: one `stat`; of a remote image, at what is known of it (SOURCE_REVALIDATE). */
  isCurrent(): boolean;
  /** The file, or the address of a remote image. */
  readonly path?: string;
}

/** Entries of one thread: an entry is one to two kilobytes. */
const MAX_ENTRIES = 4096;

/** A request may have a matrix of a hundred kilobytes, which would be kept as a key and as numbers. No viewer's is as long. */
const MAX_LENGTH = 4096;

export class KnownAnswers<T extends Lasting> {
  readonly #entries = new LRUCache<string, T>({ max: MAX_ENTRIES });

  /** What is known of this request and still holds. */
  get(request: Request): T | undefined {
    if (!isKept(request)) return undefined;
    const key = keyOf(request);
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.isCurrent()) return entry;
    this.#entries.delete(key);
    return undefined;
  }

  set(request: Request, entry: T): void {
    if (isKept(request)) this.#entries.set(keyOf(request), entry);
  }

  /** Forgets what is about one file. */
  forget(path: string): void {
    for (const [key, entry] of this.#entries) if (entry.path === path) this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }
}

const isKept = ({ method, uri, query, host, accept, iiifId }: Request): boolean =>
  (method === 'GET' || method === 'HEAD') &&
  uri.length + query.length + host.length + accept.length + iiifId.length <= MAX_LENGTH;

/**
 * Everything in a request that an answer can depend on, but its conditions and who asks. The lengths stand first, so
 * that no text of a client can pass for two others.
 */
function keyOf({ uri, query, isHttps, host, accept, iiifId }: Request): string {
  const lengths = `${uri.length},${query.length},${host.length},${accept.length}`;
  return `${lengths}${isHttps ? 's' : ':'}${uri}${query}${host}${accept}${iiifId}`;
}
