/** Log lines to standard error and to a file, without ever blocking on a reader that has stopped reading. */
import { close, constants, fstatSync, open, openSync, write } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Outlet, type Tell, codeOf } from './outlet.ts';

const closeDescriptor = promisify(close);
const openDescriptor = promisify(open);
const writeDescriptor = promisify(write);

const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK | constants.O_NOCTTY;
const FULL_PIPE_WAIT_MS = 100;

/** Standard error. It is never closed, and there is nothing to open anew. */
export class StderrOutlet implements Outlet {
  readonly #writer: LineWriter;

  constructor(descriptor: number) {
    this.#writer = new LineWriter(withoutBlocking(descriptor));
  }

  open(): Promise<void> {
    return Promise.resolve();
  }

  write(text: string): Promise<void> {
    return this.#writer.write(text);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A file that lines are appended to; while it cannot be opened they go to `fallback`. */
export class FileOutlet implements Outlet {
  readonly #path: string;
  readonly #fallback: Outlet;
  readonly #tell: Tell;
  #file: LineWriter | undefined;

  constructor(path: string, fallback: Outlet, tell: Tell) {
    this.#path = path;
    this.#fallback = fallback;
    this.#tell = tell;
  }

  /** When a file is open and cannot be opened anew, the open one stays in use. */
  async open(): Promise<void> {
    const former = this.#file;
    try {
      this.#file = new LineWriter(await openDescriptor(this.#path, APPEND | constants.O_CREAT, 0o644));
      await former?.close();
    } catch (error) {
      const instead = this.#file === undefined ? 'standard error' : 'the file that is open';
      this.#tell(
        { path: this.#path, code: codeOf(error) },
        `the log file cannot be opened: logging to ${instead}`,
      );
    }
  }

  write(text: string): Promise<void> {
    return (this.#file ?? this.#fallback).write(text);
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }
}

/** Writes texts whole to one descriptor and waits while a pipe is full. */
class LineWriter {
  readonly #descriptor: number;
  /** Whether the last write broke off within a line. */
  #isTorn = false;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  async write(text: string): Promise<void> {
    const bytes = Buffer.from(this.#isTorn ? `\n${text}` : text);
    let done = 0;
    try {
      while (done < bytes.length) done += await this.#writeSome(bytes, done);
    } finally {
      this.#isTorn = done === 0 ? this.#isTorn : bytes[done - 1] !== 0x0a;
    }
  }

  /** Bytes written; 0 when the reader has to catch up first. */
  async #writeSome(bytes: Buffer, start: number): Promise<number> {
    try {
      return (await writeDescriptor(this.#descriptor, bytes, start)).bytesWritten;
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') throw error;
      await delay(FULL_PIPE_WAIT_MS, undefined, { ref: false });
      return 0;
    }
  }

  /** Never rejects: the lines are handed over, and a descriptor whose closing fails is closed all the same. */
  async close(): Promise<void> {
    await closeDescriptor(this.#descriptor).catch(codeOf);
  }
}

/**
 * A second descriptor for a pipe or terminal that does not block, or `descriptor` itself where there is none.
 *
 * A blocked write would hold one of libuv's threads, and the program could not even exit. To set the flag on the
 * descriptor itself would change it for every program that shares it. Regular files do not block, and a second
 * descriptor would have its own position.
 */
function withoutBlocking(descriptor: number): number {
  try {
    const kind = fstatSync(descriptor);
    const canBlock = kind.isFIFO() || kind.isCharacterDevice();
    return canBlock ? openSync(`/proc/self/fd/${descriptor}`, APPEND) : descriptor;
  } catch {
    // Closed, of another user, or no Linux: writing to it works or fails as it can.
    return descriptor;
  }
}
