/** LZMA: bytes and matches behind an adaptive range coder (LZMA specification, Igor Pavlov, 2015). */
import { damaged } from './directory.ts';
import { RangeDecoder } from './range-decoder.ts';

const STATES = 12;
const POSITION_STATES = 16;
const LITERAL_PROBABILITIES = 0x300;
const LENGTH_PROBABILITIES = 2 + POSITION_STATES * 16 + 256;
const FIRST_STATE_AFTER_MATCH = 7;
const LEAST_MATCH = 2;
const END_OF_DATA = 0xffffffff;

/** Where the probabilities of each decision begin. */
const AT = (() => {
  let end = 0;
  const take = (count: number): number => (end += count) - count;
  return {
    isMatch: take(STATES * POSITION_STATES),
    isRepeated: take(STATES),
    isRepeated0: take(STATES),
    isRepeated1: take(STATES),
    isRepeated2: take(STATES),
    isLongRepeated0: take(STATES * POSITION_STATES),
    slot: take(4 * 64),
    special: take(128),
    align: take(16),
    length: take(LENGTH_PROBABILITIES),
    repeatedLength: take(LENGTH_PROBABILITIES),
    literal: end,
  };
})();

export class LzmaDecoder {
  readonly #output: Uint8Array;
  readonly #coder: RangeDecoder;
  readonly #input: Uint8Array;
  #written = 0;
  /** Where the dictionary begins: matches reach no further back. */
  #start = 0;
  #literalContextBits = 0;
  #literalPositionMask = 0;
  #positionMask = 0;
  #hasProperties = false;
  #state = 0;
  /** Distances of the last four matches, less one. */
  #distances: [number, number, number, number] = [0, 0, 0, 0];

  constructor(input: Uint8Array, output: Uint8Array) {
    this.#input = input;
    this.#output = output;
    this.#coder = new RangeDecoder(input);
  }

  get written(): number {
    return this.#written;
  }

  /** A block begins: nothing is known of it. */
  begin(): void {
    this.forget();
    this.#hasProperties = false;
  }

  /** Matches reach no further back than to here. */
  forget(): void {
    this.#start = this.#written;
  }

  /**
   * Sets the properties ((pb * 5 + lp) * 9 + lc) and resets the state.
   *
   * @throws {ServerError} `damaged`.
   */
  setProperties(byte: number): void {
    const contextBits = byte % 9;
    const positionBits = Math.floor(byte / 9) % 5;
    const maskBits = Math.floor(byte / 45);
    if (maskBits > 4 || contextBits + positionBits > 4) throw damaged('LZMA data has impossible properties');
    this.#literalContextBits = contextBits;
    this.#literalPositionMask = (1 << positionBits) - 1;
    this.#positionMask = (1 << maskBits) - 1;
    this.#hasProperties = true;
    this.#coder.allocate(AT.literal + (LITERAL_PROBABILITIES << (contextBits + positionBits)));
    this.reset();
  }

  reset(): void {
    this.#state = 0;
    this.#distances = [0, 0, 0, 0];
    this.#coder.forget();
  }

  /** Bytes of the input as they are. */
  copy(from: number, count: number): void {
    const bytes = this.#input.subarray(from, from + Math.min(count, this.#output.length - this.#written));
    this.#output.set(bytes, this.#written);
    this.#written += bytes.length;
  }

  /**
   * Decodes `size` bytes, fewer when the output is full or the input at its end.
   *
   * @throws {ServerError} `damaged`.
   */
  decode(from: number, end: number, size: number): void {
    if (!this.#hasProperties) throw damaged('LZMA data begins without properties');
    const coder = this.#coder;
    coder.start(from, end);
    const stop = Math.min(this.#written + size, this.#output.length);
    while (this.#written < stop && !coder.isPastEnd) {
      const position = (this.#written - this.#start) & this.#positionMask;
      const state = this.#state;
      if (coder.bit(AT.isMatch + state * POSITION_STATES + position) === 0) this.#literal();
      else if (coder.bit(AT.isRepeated + state) === 0) this.#match(position, stop);
      else this.#repeatedMatch(position, stop);
    }
    // What was decoded from zeros behind the end is nothing.
    if (coder.isPastEnd) throw damaged('LZMA data ends too early');
  }

  #literal(): void {
    const previous = this.#written > this.#start ? this.#output[this.#written - 1]! : 0;
    const position = (this.#written - this.#start) & this.#literalPositionMask;
    const bits = this.#literalContextBits;
    const context = (position << bits) + (previous >> (8 - bits));
    const at = AT.literal + LITERAL_PROBABILITIES * context;
    const coder = this.#coder;
    let symbol = 1;
    if (this.#state >= FIRST_STATE_AFTER_MATCH) {
      // The byte that the last match would go on with tells what this one is not.
      let expected = this.#output[this.#written - this.#distances[0] - 1] ?? 0;
      while (symbol < 0x100) {
        const bit = (expected >> 7) & 1;
        expected <<= 1;
        const read = coder.bit(at + ((1 + bit) << 8) + symbol);
        symbol = (symbol << 1) | read;
        if (read !== bit) break;
      }
    }
    while (symbol < 0x100) symbol = (symbol << 1) | coder.bit(at + symbol);
    this.#output[this.#written++] = symbol;
    this.#state = this.#state < 4 ? 0 : this.#state < 10 ? this.#state - 3 : this.#state - 6;
  }

  #match(position: number, stop: number): void {
    const [last, second, third] = this.#distances;
    const length = this.#length(AT.length, position);
    const distance = this.#distance(length);
    if (distance === END_OF_DATA) throw damaged('LZMA data ends too early');
    this.#distances = [distance, last, second, third];
    this.#state = this.#state < FIRST_STATE_AFTER_MATCH ? 7 : 10;
    this.#repeat(length, stop);
  }

  #repeatedMatch(position: number, stop: number): void {
    const coder = this.#coder;
    const state = this.#state;
    const [last, second, third, fourth] = this.#distances;
    if (coder.bit(AT.isRepeated0 + state) === 0) {
      if (coder.bit(AT.isLongRepeated0 + state * POSITION_STATES + position) === 0) {
        this.#state = state < FIRST_STATE_AFTER_MATCH ? 9 : 11;
        this.#repeat(1, stop);
        return;
      }
    } else if (coder.bit(AT.isRepeated1 + state) === 0) {
      this.#distances = [second, last, third, fourth];
    } else if (coder.bit(AT.isRepeated2 + state) === 0) {
      this.#distances = [third, last, second, fourth];
    } else {
      this.#distances = [fourth, last, second, third];
    }
    const length = this.#length(AT.repeatedLength, position);
    this.#state = state < FIRST_STATE_AFTER_MATCH ? 8 : 11;
    this.#repeat(length, stop);
  }

  /** 2 to 273: three trees, of 8 short lengths, of 8 middle ones, and of 256 long ones. */
  #length(at: number, position: number): number {
    const coder = this.#coder;
    const low = at + 2;
    const middle = low + POSITION_STATES * 8;
    if (coder.bit(at) === 0) return LEAST_MATCH + coder.tree(low + position * 8, 3);
    if (coder.bit(at + 1) === 0) return LEAST_MATCH + 8 + coder.tree(middle + position * 8, 3);
    return LEAST_MATCH + 16 + coder.tree(low + POSITION_STATES * 16, 8);
  }

  /** The distance less one: a slot tells its highest two bits and how many follow. */
  #distance(length: number): number {
    const coder = this.#coder;
    const slot = coder.tree(AT.slot + Math.min(length - LEAST_MATCH, 3) * 64, 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const base = ((2 | (slot & 1)) << bits) >>> 0;
    if (slot < 14) return base + coder.reverseTree(AT.special + base - slot, bits);
    return base + coder.direct(bits - 4) * 16 + coder.reverseTree(AT.align, 4);
  }

  #repeat(length: number, stop: number): void {
    const distance = this.#distances[0] + 1;
    if (distance > this.#written - this.#start) throw damaged('an LZMA match begins before the data');
    const output = this.#output;
    const end = Math.min(this.#written + length, stop);
    for (let i = this.#written; i < end; i++) output[i] = output[i - distance]!;
    this.#written = end;
  }
}
