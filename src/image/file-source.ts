/** Reads one version of one local file through a pool of descriptors; refuses to read any other version. */
import type { Stats } from 'node:fs';
import { ServerError } from '../errors.ts';
import { openAsync, openSync, readAsync, readSync } from './descriptors.ts';
import { staleError } from './file-errors.ts';
import type { OpenFile, OpenFiles } from './open-files.ts';
import { ReadCaution } from './read-caution.ts';
import { identityKey } from './source.ts';
import type { ByteSource, FileIdentity } from './source.ts';

/**
 * `sync` blocks the thread for a read (rendering threads), `async` goes through the thread pool, `either` (threads
 * that listen) blocks for as long as the system has the bytes at hand, which costs a tenth of the other way.
 */
export type ReadMode = 'sync' | 'async' | 'either';

export interface FileVersion {
  readonly path: string;
  readonly identity: FileIdentity;
}

/** More is never asked for in one piece; a claim of more is a mistake in the file or in us. */
const MAX_READ_BYTES = 2 ** 30;

/** The identity of what `stat` found. */
export function statIdentity(stats: Stats): FileIdentity {
  return { size: stats.size, mtimeMs: stats.mtimeMs, inode: stats.ino };
}

/** A source for one version of a file. Opens nothing until the first read. */
export function openFileSource(version: FileVersion, files: OpenFiles, mode: ReadMode): ByteSource {
  return new FileSource(version, files, mode);
}

class FileSource implements ByteSource {
  readonly path: string;
  readonly identity: FileIdentity;
  readonly #files: OpenFiles;
  readonly #mode: ReadMode;
  #opening: Promise<OpenFile> | undefined;
  readonly #caution = new ReadCaution();

  constructor(version: FileVersion, files: OpenFiles, mode: ReadMode) {
    this.path = version.path;
    this.identity = version.identity;
    this.#files = files;
    this.#mode = mode;
  }

  read(offset: number, length: number): Uint8Array | Promise<Uint8Array> {
    this.#checkRange(offset, length);
    switch (this.#mode) {
      case 'sync':
        return this.#readSync(offset, length);
      case 'async':
        return this.#readAsync(offset, length);
      case 'either':
        return this.#readEither(offset, length);
    }
  }

  close(): void {
    this.#files.close(this);
  }

  #checkRange(offset: number, length: number): void {
    const isInside =
      Number.isSafeInteger(offset) &&
      Number.isSafeInteger(length) &&
      offset >= 0 &&
      length >= 0 &&
      offset + length <= this.identity.size;
    if (!isInside) throw this.#tooShort(offset, length);
    if (length > MAX_READ_BYTES) {
      throw new ServerError('too-large', 'the image has parts that are too large', {
        facts: { path: this.path, length },
      });
    }
  }

  #readSync(offset: number, length: number): Uint8Array {
    const file = this.#files.acquire(this) ?? this.#files.add(this, openSync(this.path, this.#check));
    try {
      const bytes = readSync({ descriptor: file.descriptor, offset, length, path: this.path });
      if (bytes === undefined) throw this.#tooShort(offset, length);
      return bytes;
    } finally {
      this.#files.release(file);
    }
  }

  async #readAsync(offset: number, length: number): Promise<Uint8Array> {
    const file = await this.#acquire();
    try {
      const bytes = await readAsync({ descriptor: file.descriptor, offset, length, path: this.path });
      if (bytes === undefined) throw this.#tooShort(offset, length);
      return bytes;
    } finally {
      this.#files.release(file);
    }
  }

  #readEither(offset: number, length: number): Uint8Array | Promise<Uint8Array> {
    const start = performance.now();
    if (this.#caution.isCautious(start)) return this.#readAsync(offset, length);
    const bytes = this.#readSync(offset, length);
    this.#caution.note(start, performance.now());
    return bytes;
  }

  /** Reads that start while the file is being opened wait for the same descriptor. */
  async #acquire(): Promise<OpenFile> {
    const open = this.#files.acquire(this);
    if (open !== undefined) return open;
    if (this.#opening !== undefined) {
      await this.#opening;
      return this.#acquire();
    }
    this.#opening = openAsync(this.path, this.#check).then((descriptor) => this.#files.add(this, descriptor));
    try {
      return await this.#opening;
    } finally {
      this.#opening = undefined;
    }
  }

  /** @throws {ServerError} that `isStale` knows. */
  readonly #check = (stats: Stats): void => {
    if (!stats.isFile()) throw staleError(this.path, 'no regular file');
    const found = statIdentity(stats);
    if (identityKey(found) !== identityKey(this.identity)) throw staleError(this.path, 'replaced');
  };

  #tooShort(offset: number, length: number): ServerError {
    const facts = { path: this.path, offset, length, size: this.identity.size };
    return new ServerError('damaged', 'the image file ends too early', { facts });
  }
}
