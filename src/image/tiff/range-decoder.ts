/** The adaptive binary range coder of LZMA (LZMA specification, Igor Pavlov, 2015). */

/** Probabilities of a 0, in 2048ths. */
const PROBABILITY_BITS = 11;
const HALF = 1 << (PROBABILITY_BITS - 1);
const ADAPTATION_BITS = 5;
const LEAST_RANGE = 0x1000000;

export class RangeDecoder {
  readonly #input: Uint8Array;
  #probabilities = new Uint16Array(0);
  #position = 0;
  #end = 0;
  #range = 0;
  #code = 0;

  constructor(input: Uint8Array) {
    this.#input = input;
  }

  /** Whether more was decoded than the input holds. */
  get isPastEnd(): boolean {
    return this.#position > this.#end;
  }

  /** Makes room for so many decisions. */
  allocate(count: number): void {
    if (this.#probabilities.length !== count) this.#probabilities = new Uint16Array(count);
  }

  /** All decisions are open again. */
  forget(): void {
    this.#probabilities.fill(HALF);
  }

  /** Begins with the five bytes of the first code. */
  start(from: number, end: number): void {
    this.#position = from + 1;
    this.#end = end;
    this.#range = 0xffffffff;
    this.#code = 0;
    for (let i = 0; i < 4; i++) this.#code = ((this.#code << 8) | this.#next()) >>> 0;
  }

  /** One decision, whose probability is learned from. */
  bit(index: number): number {
    const probability = this.#probabilities[index]!;
    const bound = (this.#range >>> PROBABILITY_BITS) * probability;
    let bit = 0;
    if (this.#code < bound) {
      this.#range = bound;
      this.#probabilities[index] = probability + ((2 * HALF - probability) >> ADAPTATION_BITS);
    } else {
      this.#range -= bound;
      this.#code -= bound;
      this.#probabilities[index] = probability - (probability >> ADAPTATION_BITS);
      bit = 1;
    }
    this.#fill();
    return bit;
  }

  /** A number of so many bits, the highest first, each decided in view of those before. */
  tree(at: number, bits: number): number {
    let symbol = 1;
    for (let i = 0; i < bits; i++) symbol = (symbol << 1) | this.bit(at + symbol);
    return symbol - (1 << bits);
  }

  /** As `tree`, the lowest bit first. */
  reverseTree(at: number, bits: number): number {
    let symbol = 1;
    let value = 0;
    for (let i = 0; i < bits; i++) {
      const bit = this.bit(at + symbol);
      symbol = (symbol << 1) | bit;
      value |= bit << i;
    }
    return value;
  }

  /** A number of so many bits that are as likely 0 as 1. */
  direct(bits: number): number {
    let value = 0;
    for (let i = 0; i < bits; i++) {
      this.#range >>>= 1;
      const isSet = this.#code >= this.#range;
      if (isSet) this.#code -= this.#range;
      value = value * 2 + (isSet ? 1 : 0);
      this.#fill();
    }
    return value;
  }

  #fill(): void {
    if (this.#range >= LEAST_RANGE) return;
    this.#range = (this.#range << 8) >>> 0;
    this.#code = ((this.#code << 8) | this.#next()) >>> 0;
  }

  /** Behind the end there are zeros. */
  #next(): number {
    const position = this.#position++;
    return position < this.#end ? this.#input[position]! : 0;
  }
}
