/** Cuts a stream of bytes into FastCGI records; takes any split of its input and knows no socket. */
import { ServerError } from '../../errors.ts';
import { HEADER_BYTES, VERSION } from './records.ts';

/** `content` is a view of the chunk it came in; whoever keeps it keeps the chunk. */
export type OnRecord = (type: number, id: number, content: Buffer) => void;

const NOTHING = Buffer.alloc(0);

/** Bytes of the record whose header starts at `at`. */
function sizeOfRecord(bytes: Buffer, at: number): number {
  if (bytes[at] !== VERSION) {
    throw new ServerError('bad-request', `a record of FastCGI version ${bytes[at]!}, not ${VERSION}`);
  }
  return HEADER_BYTES + ((bytes[at + 4]! << 8) | bytes[at + 5]!) + bytes[at + 6]!;
}

/**
 * Reads in place: only a record that straddles chunks is copied.
 * `pause` may be called from inside `onRecord`; what has not been read then waits for `resume`.
 */
export class RecordReader {
  readonly #onRecord: OnRecord;
  /** A record that has begun: as long as its header, and as the whole record once that is known. */
  #partial: Buffer | undefined;
  #partialBytes = 0;
  /** What came while reading was paused. */
  #held: Buffer | undefined;
  #isPaused = false;

  constructor(onRecord: OnRecord) {
    this.#onRecord = onRecord;
  }

  /** Whether a record has begun and not ended. */
  get isMidRecord(): boolean {
    return this.#partial !== undefined;
  }

  /** Reads `chunk`, which must not change afterwards. @throws ServerError `bad-request`: no FastCGI. */
  push(chunk: Buffer): void {
    if (this.#isPaused) {
      this.#held = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk]);
      return;
    }
    const at = this.#partial === undefined ? 0 : this.#fillPartial(this.#partial, chunk);
    this.#readFrom(chunk, at);
  }

  /** Reads no further record until `resume`. */
  pause(): void {
    this.#isPaused = true;
  }

  /** Reads on. @throws ServerError `bad-request`: no FastCGI. */
  resume(): void {
    const held = this.#held;
    this.#isPaused = false;
    this.#held = undefined;
    if (held !== undefined) this.push(held);
  }

  #readFrom(chunk: Buffer, start: number): void {
    let at = start;
    while (!this.#isPaused && chunk.length - at >= HEADER_BYTES) {
      const size = sizeOfRecord(chunk, at);
      if (chunk.length - at < size) break;
      this.#emit(chunk, at);
      at += size;
    }
    if (at === chunk.length) return;
    const rest = chunk.subarray(at);
    if (this.#isPaused) this.#held = rest;
    else this.#fillPartial(Buffer.allocUnsafe(HEADER_BYTES), rest);
  }

  /** Copies from `chunk` what the record in `partial` lacks; returns how many bytes of `chunk` that took. */
  #fillPartial(partial: Buffer, chunk: Buffer): number {
    let taken = chunk.copy(partial, this.#partialBytes);
    this.#partial = partial;
    this.#partialBytes += taken;
    if (this.#partialBytes < HEADER_BYTES) return taken;

    const size = sizeOfRecord(partial, 0);
    if (partial.length < size) {
      this.#partial = Buffer.allocUnsafe(size);
      partial.copy(this.#partial);
      const more = chunk.copy(this.#partial, this.#partialBytes, taken);
      this.#partialBytes += more;
      taken += more;
    }
    if (this.#partialBytes === size) this.#endPartial(this.#partial);
    return taken;
  }

  #endPartial(record: Buffer): void {
    this.#partial = undefined;
    this.#partialBytes = 0;
    this.#emit(record, 0);
  }

  #emit(bytes: Buffer, at: number): void {
    const length = (bytes[at + 4]! << 8) | bytes[at + 5]!;
    const start = at + HEADER_BYTES;
    const id = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    this.#onRecord(bytes[at + 1]!, id, length === 0 ? NOTHING : bytes.subarray(start, start + length));
  }
}
