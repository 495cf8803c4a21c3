/** Opening files and reading from descriptors, blocking and not: the system calls under `file-source.ts`. */
import fs from 'node:fs';
import type { Stats } from 'node:fs';
import { fileError, openError } from './file-errors.ts';
import { recycling } from '../recycling.ts';

/** A FIFO or device that was put in the file's place must not block the thread that opens it. */
const OPEN_FLAGS = fs.constants.O_RDONLY | fs.constants.O_NONBLOCK;

/**
 * A descriptor of the file at `path`.
 *
 * @param check throws when what was opened is not what was wanted.
 * @throws {ServerError}
 */
export function openSync(path: string, check: (stats: Stats) => void): number {
  let descriptor: number;
  try {
    descriptor = fs.openSync(path, OPEN_FLAGS);
  } catch (cause) {
    throw openError(cause, path);
  }
  try {
    check(fs.fstatSync(descriptor));
    return descriptor;
  } catch (error) {
    fs.closeSync(descriptor);
    throw error;
  }
}

/** The same without blocking. */
export async function openAsync(path: string, check: (stats: Stats) => void): Promise<number> {
  const descriptor = await new Promise<number>((resolve, reject) => {
    fs.open(path, OPEN_FLAGS, (cause, opened) => {
      if (cause === null) resolve(opened);
      else reject(openError(cause, path));
    });
  });
  try {
    const stats = await new Promise<Stats>((resolve, reject) => {
      fs.fstat(descriptor, (cause, found) => {
        if (cause === null) resolve(found);
        else reject(fileError(cause, path));
      });
    });
    check(stats);
    return descriptor;
  } catch (error) {
    fs.closeSync(descriptor);
    throw error;
  }
}

/** Which bytes of an open file. */
export interface Part {
  readonly descriptor: number;
  readonly offset: number;
  readonly length: number;
  /** For errors. */
  readonly path: string;
}

/** The bytes of a part; undefined when the file ends before. @throws {ServerError} */
export function readSync({ descriptor, offset, length, path }: Part): Uint8Array | undefined {
  const bytes = recycling.lend(length);
  for (let done = 0; done < length;) {
    let count: number;
    try {
      count = fs.readSync(descriptor, bytes, done, length - done, offset + done);
    } catch (cause) {
      throw fileError(cause, path);
    }
    if (count === 0) return undefined;
    done += count;
  }
  return bytes;
}

/** The same without blocking. */
export async function readAsync({ descriptor, offset, length, path }: Part): Promise<Uint8Array | undefined> {
  const bytes = recycling.lend(length);
  for (let done = 0; done < length;) {
    const count = await new Promise<number>((resolve, reject) => {
      fs.read(descriptor, bytes, done, length - done, offset + done, (cause, read) => {
        if (cause === null) resolve(read);
        else reject(fileError(cause, path));
      });
    });
    if (count === 0) return undefined;
    done += count;
  }
  return bytes;
}
