/** A source whose reads are timed. */
import type { ReadClock } from '../metrics/stage-clock.ts';
import type { ByteSource, FileIdentity } from './source.ts';

/** The same bytes as from `source`; how long they are waited for is counted by `clock`. */
export class ClockedSource implements ByteSource {
  readonly path: string;
  readonly identity: FileIdentity;
  readonly #source: ByteSource;
  readonly #clock: ReadClock;

  constructor(source: ByteSource, clock: ReadClock) {
    this.path = source.path;
    this.identity = source.identity;
    this.#source = source;
    this.#clock = clock;
  }

  read(offset: number, length: number): Uint8Array | Promise<Uint8Array> {
    const clock = this.#clock;
    let reading: Promise<Uint8Array> | undefined;
    clock.begin();
    try {
      const bytes = this.#source.read(offset, length);
      if (!(bytes instanceof Promise)) return bytes;
      reading = bytes;
    } finally {
      if (reading === undefined) clock.end();
    }
    return reading.finally(() => clock.end());
  }

  close(): void {
    this.#source.close();
  }
}
