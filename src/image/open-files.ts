/** The descriptors that a thread keeps open: a bounded set, the least recently used closed first. */
import { closeSync, fstatSync } from 'node:fs';

/** One open descriptor, between `acquire` or `add` and `release` in use by at least one read. */
export interface OpenFile {
  readonly descriptor: number;
  reads: number;
  /** Was given up while it was read; the last `release` closes it. */
  retired: boolean;
  /** Used since the last look at what is idle. */
  isFresh: boolean;
}

/** How often is looked whether the files of idle descriptors still have a name. */
const REMOVED_MS = 2_000;

/**
 * Descriptors by the source that owns them, shared by all sources of a thread so that ten thousand known images
 * do not hold ten thousand descriptors.
 *
 * A descriptor that is being read is never closed: while more than `limit` are read at once, so many are open. One
 * that is idle for a while is closed too; that of a file that was replaced or removed within seconds, also in a thread
 * that is asked for nothing more, so that it does not keep its disk space.
 */
export class OpenFiles {
  readonly #limit: number;
  readonly #idleMs: number;
  #timers: readonly NodeJS.Timeout[] = [];
  /** In order of use, the most recent last. */
  readonly #files = new Map<object, OpenFile>();

  /**
   * @param limit descriptors to keep open, at least 1.
   * @param idleMs one that is not read for so long, or up to twice as long, is closed.
   */
  constructor(limit = 128, idleMs = 30_000) {
    this.#limit = Math.max(1, limit);
    this.#idleMs = idleMs;
  }

  get size(): number {
    return this.#files.size;
  }

  /** The owner's descriptor for one read, when it is open. */
  acquire(owner: object): OpenFile | undefined {
    const file = this.#files.get(owner);
    if (file === undefined) return undefined;
    this.#files.delete(owner);
    this.#files.set(owner, file);
    file.reads++;
    file.isFresh = true;
    return file;
  }

  /** Takes over a descriptor just opened for `owner`, which has none here, and acquires it for one read. */
  add(owner: object, descriptor: number): OpenFile {
    const file: OpenFile = { descriptor, reads: 1, retired: false, isFresh: true };
    this.#files.set(owner, file);
    this.#startTimers();
    this.#closeSurplus();
    return file;
  }

  /** Ends one read. */
  release(file: OpenFile): void {
    file.reads--;
    if (file.retired && file.reads === 0) closeSync(file.descriptor);
    else this.#closeSurplus();
  }

  /** Gives up the owner's descriptor: at once, or when its last read ends. */
  close(owner: object): void {
    const file = this.#files.get(owner);
    if (file === undefined) return;
    this.#files.delete(owner);
    if (file.reads > 0) file.retired = true;
    else closeSync(file.descriptor);
  }

  closeAll(): void {
    for (const owner of [...this.#files.keys()]) this.close(owner);
  }

  #startTimers(): void {
    if (this.#timers.length > 0) return;
    this.#timers = [
      setInterval(() => this.#closeIdle(), this.#idleMs).unref(),
      setInterval(() => this.#closeRemoved(), REMOVED_MS).unref(),
    ];
  }

  #closeIdle(): void {
    for (const [owner, file] of this.#files) {
      if (!file.isFresh && file.reads === 0) this.close(owner);
      file.isFresh = false;
    }
    if (this.#files.size > 0) return;
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
  }

  #closeRemoved(): void {
    for (const [owner, file] of this.#files) {
      if (file.reads === 0 && isRemoved(file.descriptor)) this.close(owner);
    }
  }

  #closeSurplus(): void {
    if (this.#files.size <= this.#limit) return;
    for (const [owner, file] of this.#files) {
      if (file.reads > 0) continue;
      this.close(owner);
      if (this.#files.size <= this.#limit) return;
    }
  }
}

/** Whether the file has no name any more. Where the system cannot say (a stale handle of a network), it is gone. */
function isRemoved(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).nlink === 0;
  } catch {
    return true;
  }
}
