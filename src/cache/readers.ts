/** Open images, kept by path and bounded in number (MAX_IMAGE_METADATA_CACHE_SIZE); a changed file is opened anew. */
import { LRUCache } from 'lru-cache';
import type { ImageReader } from '../image/reader.ts';
import { identityKey, type FileIdentity } from '../image/source.ts';

/** Opens one version of a file. */
export type OpenReader = (path: string, identity: FileIdentity) => Promise<ImageReader>;

interface Entry {
  readonly identity: string;
  readonly reader: Promise<ImageReader>;
}

export class ReaderCache {
  readonly #open: OpenReader;
  readonly #entries: LRUCache<string, Entry> | undefined;

  /** @param maxEntries `Infinity` without limit, 0 off. */
  constructor(open: OpenReader, maxEntries: number) {
    this.#open = open;
    // Counted as sizes: lru-cache allocates for `max` entries at once, but not for a size.
    this.#entries =
      maxEntries < 1
        ? undefined
        : new LRUCache({
            maxSize: Math.min(maxEntries, Number.MAX_SAFE_INTEGER),
            sizeCalculation: () => 1,
            dispose: (entry) => void closeEntry(entry),
          });
  }

  /**
   * The reader for this version of the file; simultaneous callers share one opening, a failed one is forgotten.
   *
   * @throws {ServerError} as opening does.
   */
  get(path: string, identity: FileIdentity): Promise<ImageReader> {
    if (this.#entries === undefined) return this.#open(path, identity);
    const key = identityKey(identity);
    const kept = this.#entries.get(path);
    if (kept?.identity === key) return kept.reader;
    const entry: Entry = { identity: key, reader: this.#open(path, identity) };
    this.#entries.set(path, entry);
    entry.reader.catch(() => {
      if (this.#entries?.peek(path) === entry) this.#entries.delete(path);
    });
    return entry.reader;
  }

  /** Opens the file anew when it is asked for again. */
  forget(path: string): void {
    this.#entries?.delete(path);
  }

  clear(): void {
    this.#entries?.clear();
  }

  get size(): number {
    return this.#entries?.size ?? 0;
  }
}

async function closeEntry(entry: Entry): Promise<void> {
  const reader = await entry.reader.catch(() => undefined);
  reader?.close();
}
