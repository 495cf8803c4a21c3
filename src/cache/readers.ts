/** Open images, kept by path and bounded in number (MAX_IMAGE_METADATA_CACHE_SIZE); a changed file is opened anew. */
import { LRUCache } from 'lru-cache';
import { rescued, type Awaitable } from '../awaitable.ts';
import { ServerError, type ErrorKind } from '../errors.ts';
import type { ImageReader } from '../image/reader.ts';
import { isSameIdentity, type FileIdentity } from '../image/source.ts';

/** Opens one version of a file. */
export type OpenReader = (path: string, identity: FileIdentity) => Promise<ImageReader>;

interface Entry {
  readonly identity: FileIdentity;
  /** Once it is open, itself. */
  reader: Awaitable<ImageReader>;
}

/** What finding out again will not change, as long as the file is the same. */
const LASTING: ReadonlySet<ErrorKind> = new Set(['damaged', 'unsupported', 'too-large', 'not-a-picture']);

/** So long a failure is believed: whatever it was, it may be another one then. */
const FAILURE_MS = 10_000;

const MAX_FAILURES = 1_000;

/** Why a version of a file could not be opened. */
interface Failure {
  readonly identity: FileIdentity;
  readonly error: ServerError;
}

export class ReaderCache {
  readonly #open: OpenReader;
  readonly #failures = new LRUCache<string, Failure>({ max: MAX_FAILURES, ttl: FAILURE_MS });
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

  /** Whether this version of the file has just been found to be none that can be opened. */
  hasFailed(path: string, identity: FileIdentity): boolean {
    return this.#failureOf(path, identity) !== undefined;
  }

  /**
   * The reader for this version of the file; simultaneous callers share one opening. That a file cannot be opened is remembered for
   * some seconds.
   *
   * @throws {ServerError} as opening does.
   */
  get(path: string, identity: FileIdentity): Awaitable<ImageReader> {
    if (this.#entries === undefined) return this.#open(path, identity);
    const kept = this.#entries.get(path);
    if (kept !== undefined && isSameIdentity(kept.identity, identity)) return kept.reader;
    const failure = this.#failureOf(path, identity);
    if (failure !== undefined) throw failure.error;
    const opening = this.#open(path, identity);
    const entry: Entry = { identity, reader: opening };
    this.#entries.set(path, entry);
    opening.then(
      (reader) => (entry.reader = reader),
      (thrown: unknown) => {
        if (this.#entries?.peek(path) !== entry) return;
        this.#entries.delete(path);
        if (thrown instanceof ServerError && LASTING.has(thrown.kind))
          this.#failures.set(path, { identity, error: thrown });
      },
    );
    return opening;
  }

  #failureOf(path: string, identity: FileIdentity): Failure | undefined {
    const failure = this.#failures.size > 0 ? this.#failures.get(path) : undefined;
    return failure !== undefined && isSameIdentity(failure.identity, identity) ? failure : undefined;
  }

  /** Opens the file anew when it is asked for again. */
  forget(path: string): void {
    this.#entries?.delete(path);
    this.#failures.delete(path);
  }

  clear(): void {
    this.#failures.clear();
    this.#entries?.clear();
  }

  get size(): number {
    return this.#entries?.size ?? 0;
  }
}

async function closeEntry(entry: Entry): Promise<void> {
  const reader = await rescued<ImageReader | undefined>(
    () => entry.reader,
    () => undefined,
  );
  reader?.close();
}
