/** Reads one version of one local file through a pool of descriptors; refuses to read any other version. */
import fs from 'node:fs';
import type { Stats } from 'node:fs';
import { ServerError } from '../errors.ts';
import type { OpenFile, OpenFiles } from './open-files.ts';
import { recycling } from './recycling.ts';
import { identityKey } from './source.ts';
import type { ByteSource, FileIdentity } from './source.ts';

/**
 * `sync` blocks the thread for a read (rendering threads), `async` goes through the thread pool, `either` (threads
 * that listen) blocks for as long as the system has the bytes at hand, which costs a tenth of the other way.
 */
export type ReadMode = 'sync' | 'async' | 'either';

/** A read that blocked for longer came from a disk or the network: others are read without blocking for a while. */
const LONG_READ_MS = 2;
const CAUTION_MS = 1_000;

export interface FileVersion {
  readonly path: string;
  readonly identity: FileIdentity;
}

/** More is never asked for in one piece; a claim of more is a mistake in the file or in us. */
const MAX_READ_BYTES = 2 ** 30;

/** A FIFO or device that was put in the file's place must not block the thread that opens it. */
const OPEN_FLAGS = fs.constants.O_RDONLY | fs.constants.O_NONBLOCK;

/** Codes of `open` and `stat` that say: under this name there is nothing that we may read. */
const ABSENT_CODES = new Set([
  'ENOENT',
  'ENOTDIR',
  'EACCES',
  'EPERM',
  'ELOOP',
  'ENAMETOOLONG',
  'EINVAL',
  'ENXIO',
]);

/** The identity of what `stat` found. */
export function statIdentity(stats: Stats): FileIdentity {
  return { size: stats.size, mtimeMs: stats.mtimeMs, inode: stats.ino };
}

/** A source for one version of a file. Opens nothing until the first read. */
export function openFileSource(version: FileVersion, files: OpenFiles, mode: ReadMode): ByteSource {
  return new FileSource(version, files, mode);
}

/**
 * Whether an error says that the file is gone or is no longer the version that was asked for: look it up again,
 * once, and retry.
 */
export function isStale(error: unknown): error is ServerError {
  return error instanceof ServerError && error.facts['stale'] === true;
}

/** What a failed system call on a picture's file means to a client. */
export function fileError(cause: unknown, path: string): ServerError {
  const code = errorCode(cause);
  const facts = { path, code };
  if (ABSENT_CODES.has(code)) return new ServerError('not-found', 'image not found', { facts, cause });
  if (code === 'EMFILE' || code === 'ENFILE') {
    return new ServerError('overloaded', 'too many files are open', { facts, cause });
  }
  return new ServerError('internal', 'the image file can not be read', { facts, cause });
}

function errorCode(cause: unknown): string {
  const code: unknown = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : '';
}

class FileSource implements ByteSource {
  readonly path: string;
  readonly identity: FileIdentity;
  readonly #files: OpenFiles;
  readonly #mode: ReadMode;
  #opening: Promise<OpenFile> | undefined;
  #cautiousUntil = 0;

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
    const file = this.#files.acquire(this) ?? this.#files.add(this, this.#openSync());
    try {
      return this.#fillSync(file.descriptor, offset, length);
    } finally {
      this.#files.release(file);
    }
  }

  async #readAsync(offset: number, length: number): Promise<Uint8Array> {
    const file = await this.#acquire();
    try {
      return await this.#fill(file.descriptor, offset, length);
    } finally {
      this.#files.release(file);
    }
  }

  #readEither(offset: number, length: number): Uint8Array | Promise<Uint8Array> {
    const start = performance.now();
    if (start < this.#cautiousUntil) return this.#readAsync(offset, length);
    const bytes = this.#readSync(offset, length);
    const end = performance.now();
    if (end - start > LONG_READ_MS) this.#cautiousUntil = end + CAUTION_MS;
    return bytes;
  }

  #openSync(): number {
    let descriptor: number;
    try {
      descriptor = fs.openSync(this.path, OPEN_FLAGS);
    } catch (cause) {
      throw this.#openError(cause);
    }
    try {
      this.#checkVersion(fs.fstatSync(descriptor));
      return descriptor;
    } catch (error) {
      fs.closeSync(descriptor);
      throw error;
    }
  }

  /** Reads that start while the file is being opened wait for the same descriptor. */
  async #acquire(): Promise<OpenFile> {
    const open = this.#files.acquire(this);
    if (open !== undefined) return open;
    if (this.#opening !== undefined) {
      await this.#opening;
      return this.#acquire();
    }
    this.#opening = this.#open().then((descriptor) => this.#files.add(this, descriptor));
    try {
      return await this.#opening;
    } finally {
      this.#opening = undefined;
    }
  }

  async #open(): Promise<number> {
    const descriptor = await new Promise<number>((resolve, reject) => {
      fs.open(this.path, OPEN_FLAGS, (cause, opened) => {
        if (cause === null) resolve(opened);
        else reject(this.#openError(cause));
      });
    });
    try {
      const stats = await new Promise<Stats>((resolve, reject) => {
        fs.fstat(descriptor, (cause, found) => {
          if (cause === null) resolve(found);
          else reject(fileError(cause, this.path));
        });
      });
      this.#checkVersion(stats);
      return descriptor;
    } catch (error) {
      fs.closeSync(descriptor);
      throw error;
    }
  }

  #checkVersion(stats: Stats): void {
    if (!stats.isFile()) throw this.#stale('no regular file');
    const found = statIdentity(stats);
    if (identityKey(found) !== identityKey(this.identity)) throw this.#stale('replaced');
  }

  #fillSync(descriptor: number, offset: number, length: number): Uint8Array {
    const bytes = recycling.lend(length);
    for (let done = 0; done < length;) {
      let count: number;
      try {
        count = fs.readSync(descriptor, bytes, done, length - done, offset + done);
      } catch (cause) {
        throw fileError(cause, this.path);
      }
      if (count === 0) throw this.#tooShort(offset, length);
      done += count;
    }
    return bytes;
  }

  async #fill(descriptor: number, offset: number, length: number): Promise<Uint8Array> {
    const bytes = recycling.lend(length);
    for (let done = 0; done < length;) {
      const count = await new Promise<number>((resolve, reject) => {
        fs.read(descriptor, bytes, done, length - done, offset + done, (cause, read) => {
          if (cause === null) resolve(read);
          else reject(fileError(cause, this.path));
        });
      });
      if (count === 0) throw this.#tooShort(offset, length);
      done += count;
    }
    return bytes;
  }

  #tooShort(offset: number, length: number): ServerError {
    const facts = { path: this.path, offset, length, size: this.identity.size };
    return new ServerError('damaged', 'the image file ends too early', { facts });
  }

  #openError(cause: unknown): ServerError {
    const error = fileError(cause, this.path);
    return error.kind === 'not-found' ? this.#stale(String(error.facts['code']), cause) : error;
  }

  #stale(reason: string, cause?: unknown): ServerError {
    const facts = { path: this.path, stale: true, reason };
    return new ServerError('not-found', 'the image was replaced or removed', { facts, cause });
  }
}
