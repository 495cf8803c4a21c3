/** The descriptors that a thread keeps open: a bounded set, the least recently used closed first. */
import { closeSync } from 'node:fs';

/** One open descriptor, between `acquire` or `add` and `release` in use by at least one read. */
export interface OpenFile {
  readonly descriptor: number;
  reads: number;
  /** Was given up while it was read; the last `release` closes it. */
  retired: boolean;
}

/**
 * Descriptors by the source that owns them, shared by all sources of a thread so that ten thousand known images
 * do not hold ten thousand descriptors.
 *
 * A descriptor that is being read is never closed: while more than `limit` are read at once, so many are open.
 */
export class OpenFiles {
  readonly #limit: number;
  /** In order of use, the most recent last. */
  readonly #files = new Map<object, OpenFile>();

  /** @param limit descriptors to keep open, at least 1. */
  constructor(limit = 128) {
    this.#limit = Math.max(1, limit);
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
    return file;
  }

  /** Takes over a descriptor just opened for `owner`, which has none here, and acquires it for one read. */
  add(owner: object, descriptor: number): OpenFile {
    const file: OpenFile = { descriptor, reads: 1, retired: false };
    this.#files.set(owner, file);
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

  #closeSurplus(): void {
    if (this.#files.size <= this.#limit) return;
    for (const [owner, file] of this.#files) {
      if (file.reads > 0) continue;
      this.close(owner);
      if (this.#files.size <= this.#limit) return;
    }
  }
}
