/** One request on a connection, from its BEGIN_REQUEST until it is answered and all of its input has come. */
import type { CgiParams } from './params.ts';

const NOTHING = Buffer.alloc(0);

/** The contents of one stream's records, joined; a stream of one record is not copied. */
export class StreamBytes {
  #bytes: Buffer = NOTHING;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(content: Buffer): void {
    const length = this.#length + content.length;
    if (this.#length === 0) {
      this.#bytes = content;
    } else {
      // The first content is a view of what others own: it is as long as what it holds, so it is never written to.
      if (this.#bytes.length < length) this.#grow(length);
      content.copy(this.#bytes, this.#length);
    }
    this.#length = length;
  }

  /** All bytes so far, which are then forgotten. */
  take(): Buffer {
    const taken = this.#bytes.length === this.#length ? this.#bytes : this.#bytes.subarray(0, this.#length);
    this.clear();
    return taken;
  }

  clear(): void {
    this.#bytes = NOTHING;
    this.#length = 0;
  }

  #grow(length: number): void {
    const roomy = Buffer.allocUnsafe(2 * length);
    this.#bytes.copy(roomy, 0, 0, this.#length);
    this.#bytes = roomy;
  }
}

export class Exchange {
  readonly id: number;
  readonly paramBytes = new StreamBytes();
  readonly body = new StreamBytes();
  /** Known when PARAMS has ended. */
  params: CgiParams | undefined;
  isParamsEnded = false;
  isStdinEnded = false;
  /** Its END_REQUEST was sent: for the client the id is free, what still comes for it is dropped. */
  isAnswered = false;
  /** Stops the work on an answer that comes later. */
  controller: AbortController | undefined;

  constructor(id: number) {
    this.id = id;
  }

  get isInputEnded(): boolean {
    return this.isParamsEnded && this.isStdinEnded;
  }
}
