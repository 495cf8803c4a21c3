/** Bytes of a file that one request has read: a packet's header and its blocks are asked for at different times. */
import type { ByteSource } from '../../source.ts';

interface Chunk {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/**
 * Wanted ranges that are so near to each other are read at once, as long as what lies between them is at most a
 * quarter of what is wanted.
 */
const MAX_GAP = 1_024;
const MAX_WASTE = 1 / 4;

/** Longest single read of neighboring ranges. */
const MAX_READ = 2 ** 22;

/** What a scan of a large tile leaves behind is dropped beyond this. */
const MAX_HELD = 2 ** 24;

export class Chunks {
  readonly #source: ByteSource;
  /** By start. */
  #chunks: Chunk[] = [];
  #held = 0;
  #longest = 0;
  /** Where something was found last: the next thing is mostly there, too. */
  #lastHolding: Chunk | undefined;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Bytes from `offset` to the end of what is held there; undefined when fewer than `least` are. */
  held(offset: number, least: number): Uint8Array | undefined {
    const chunk = this.#holding(offset, offset + least);
    return chunk?.bytes.subarray(offset - chunk.start);
  }

  /** Whether those bytes are held. */
  holds(offset: number, length: number): boolean {
    return this.#holding(offset, offset + length) !== undefined;
  }

  /** Just those bytes; undefined when they are not held. */
  piece(offset: number, length: number): Uint8Array | undefined {
    const chunk = this.#holding(offset, offset + length);
    return chunk?.bytes.subarray(offset - chunk.start, offset - chunk.start + length);
  }

  /**
   * A view of at least `least` bytes from `offset`; where it has to be read, `ahead` bytes are.
   *
   * @throws {ServerError} `damaged` when the file ends before.
   */
  async view(offset: number, least: number, ahead: number): Promise<Uint8Array> {
    const held = this.held(offset, least);
    if (held !== undefined) return held;
    while (this.#held + ahead > MAX_HELD && this.#chunks.length > 0) {
      this.#held -= this.#chunks.shift()!.bytes.length;
      this.#lastHolding = undefined;
    }
    return this.#read(offset, Math.max(least, ahead));
  }

  /**
   * Reads what is not held yet of many ranges.
   *
   * @param ranges pairs of offset and length; sorted in place.
   */
  async load(ranges: readonly (readonly [offset: number, length: number])[]): Promise<void> {
    const missing = ranges.filter(([offset, length]) => length > 0 && !this.holds(offset, length));
    missing.sort((a, b) => a[0] - b[0]);
    for (let i = 0; i < missing.length;) {
      const start = missing[i]![0];
      let end = start + missing[i]![1];
      let wasted = 0;
      for (i++; i < missing.length; i++) {
        const [offset, length] = missing[i]!;
        const newEnd = Math.max(end, offset + length);
        const gap = Math.max(0, offset - end);
        const wanted = newEnd - start - wasted - gap;
        if (gap > MAX_GAP || wasted + gap > wanted * MAX_WASTE || newEnd - start > MAX_READ) break;
        wasted += gap;
        end = newEnd;
      }
      await this.#read(start, end - start);
    }
  }

  #holding(offset: number, end: number): Chunk | undefined {
    const last = this.#lastHolding;
    if (last !== undefined && last.start <= offset && end <= last.start + last.bytes.length) return last;
    for (let i = this.#lastBefore(offset); i >= 0; i--) {
      const chunk = this.#chunks[i]!;
      if (chunk.start + chunk.bytes.length >= end) return (this.#lastHolding = chunk);
      if (chunk.start + this.#longest < end) return undefined;
    }
    return undefined;
  }

  async #read(start: number, length: number): Promise<Uint8Array> {
    const reading = this.#source.read(start, length);
    const bytes = reading instanceof Uint8Array ? reading : await reading;
    this.#chunks.splice(this.#lastBefore(start) + 1, 0, { start, bytes });
    this.#held += bytes.length;
    this.#longest = Math.max(this.#longest, bytes.length);
    return bytes;
  }

  /** Index of the last chunk that begins at or before `offset`; -1 for none. */
  #lastBefore(offset: number): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#chunks[middle]!.start <= offset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
