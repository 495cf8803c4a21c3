/** CCITT fax coding: T.4 (Group 3, one and two-dimensional), T.6 (Group 4), and TIFF's own run lengths (TIFF 6.0, sections 10 and 11). */
import {
  BLACK_RUNS,
  CODE_LENGTH_MASK,
  CODE_VALUE_SHIFT,
  MODE,
  MODE_BITS,
  MODES,
  RUN_BITS,
  WHITE_RUNS,
} from './ccitt-codes.ts';
import { BitReader } from './bit-reader.ts';
import { damaged } from './directory.ts';

/**
 * - `rle`: rows of runs that begin at bytes (Compression 2), `rle-word` at 16-bit words (32771);
 * - `g3`: rows behind end-of-line codes, each one-dimensional, or with a bit that says which;
 * - `g4`: rows of two-dimensional codes without anything between them.
 */
export type CcittScheme = 'rle' | 'rle-word' | 'g3' | 'g4';

export interface CcittOptions {
  readonly width: number;
  readonly height: number;
  /** More than the width needs where pixels have several samples: libtiff leaves the rest of a row 0. */
  readonly rowBytes: number;
  readonly scheme: CcittScheme;
  /** T4Options bit 0: every end of line has a bit more. */
  readonly isTwoDimensional: boolean;
}

const EOL_BITS = 12;
const EOL = 1;

/**
 * Decodes a strip or tile to rows of bits, 0 for white.
 *
 * Rows behind an explicit end (RTC, EOFB) are white, as writers of faxes do not know their number. In Group 3 a row
 * with an impossible code keeps what came before it, and reading goes on at the next end of line, as on a bad
 * telephone line.
 *
 * @returns fewer rows when the data ends before.
 * @throws {ServerError} `damaged` when a code is impossible where no end of line lets reading go on.
 */
export function decodeCcitt(input: Uint8Array, options: CcittOptions): Uint8Array {
  const { height, rowBytes } = options;
  const output = new Uint8Array(rowBytes * height);
  const decoder = new RowDecoder(new BitReader(input), {
    ...options,
    scheme: trueScheme(input, options.scheme),
  });
  for (let y = 0; y < height; y++) {
    const state = decoder.next();
    if (state === 'cut off') return output.subarray(0, y * rowBytes);
    if (state === 'end') break;
    decoder.paint(output, y * rowBytes);
  }
  return output;
}

/** Some writers call rows of runs that begin at bytes Group 3; those have no end of line anywhere. */
function trueScheme(input: Uint8Array, scheme: CcittScheme): CcittScheme {
  if (scheme !== 'g3') return scheme;
  const bits = new BitReader(input);
  bits.seekZeros(EOL_BITS - 1);
  return bits.isAtEnd ? 'rle' : 'g3';
}

type RowState = 'row' | 'end' | 'cut off';

class RowDecoder {
  readonly #bits: BitReader;
  readonly #options: CcittOptions;
  /** Where the color changes in the row that is decoded and in the one above it, the first change to black. */
  #row: Int32Array;
  #above: Int32Array;
  #count = 0;

  constructor(bits: BitReader, options: CcittOptions) {
    this.#bits = bits;
    this.#options = options;
    // Behind the last change, some more at the end of the row let the search look past it.
    this.#row = new Int32Array(options.width + 6).fill(options.width);
    this.#above = this.#row.slice();
  }

  /** Decodes the next row. */
  next(): RowState {
    [this.#row, this.#above] = [this.#above, this.#row];
    this.#count = 0;
    const state = this.#options.scheme === 'g3' ? this.#nextFaxRow() : this.#nextPlainRow();
    this.#row.fill(this.#options.width, this.#count, this.#count + 4);
    return state;
  }

  #nextPlainRow(): RowState {
    const { scheme } = this.#options;
    const bits = this.#bits;
    if (bits.isAtEnd) return 'cut off';
    if (scheme === 'g4' && bits.peek(EOL_BITS) === EOL) return 'end';
    const isWhole = scheme === 'g4' ? this.#readTwoDimensional() : this.#readRuns();
    if (bits.isPastEnd) return 'cut off';
    if (!isWhole) throw damaged('a CCITT code is impossible', { bit: bits.position });
    if (scheme === 'rle') bits.align(8);
    if (scheme === 'rle-word') bits.align(16);
    return 'row';
  }

  #nextFaxRow(): RowState {
    const bits = this.#bits;
    const isMarked = this.#skipEol();
    if (bits.isAtEnd) return 'cut off';
    const isRuns = !this.#options.isTwoDimensional || !isMarked || bits.take(1) === 1;
    // Two ends of line, one after the other, are the beginning of the six that end the page.
    if (isMarked && bits.peek(EOL_BITS) === EOL) return 'end';
    const isWhole = isRuns ? this.#readRuns() : this.#readTwoDimensional();
    if (bits.isPastEnd) return 'cut off';
    if (!isWhole) {
      this.#endWhite();
      bits.seekZeros(EOL_BITS - 1);
    }
    return 'row';
  }

  /** Passes the fill bits and the code of an end of line; where there is none, nothing. */
  #skipEol(): boolean {
    const bits = this.#bits;
    if (bits.peek(EOL_BITS - 1) !== 0) return false;
    bits.skipZeros();
    bits.skip(1);
    return true;
  }

  /** Runs, white and black in turn, up to the width; false at a code that does not exist. */
  #readRuns(): boolean {
    const { width } = this.#options;
    let isBlack = false;
    for (let at = 0; at < width; isBlack = !isBlack) {
      at = this.#changeAfterRun(at, isBlack);
      if (at < 0) return false;
    }
    return true;
  }

  /** Modes (T.4, 4.2.1.3): changes relative to those of the row above; false at a code that does not exist. */
  #readTwoDimensional(): boolean {
    const { width } = this.#options;
    const bits = this.#bits;
    const above = this.#above;
    // The place before the first pixel, so that a change at 0 is right of it.
    let at = -1;
    let isBlack = false;
    let b1 = 0;
    while (at < width) {
      const entry = MODES[bits.peek(MODE_BITS)]!;
      if (entry === 0) return false;
      bits.skip(entry & CODE_LENGTH_MASK);
      b1 = firstRightOf(above, b1, at, isBlack);
      const mode = entry >> CODE_VALUE_SHIFT;
      if (mode === MODE.pass) {
        at = above[b1 + 1]!;
      } else if (mode === MODE.horizontal) {
        at = this.#changeAfterRun(at < 0 ? 0 : at, isBlack);
        if (at >= 0) at = this.#changeAfterRun(at, !isBlack);
        if (at < 0) return false;
      } else {
        const change = above[b1]! + mode - MODE.vertical;
        if (change < at || change < 0 || change > width || !this.#change(change)) return false;
        at = change;
        isBlack = !isBlack;
      }
    }
    return true;
  }

  /** Where the run ends, noted as a change; -1 at a code that does not exist. */
  #changeAfterRun(at: number, isBlack: boolean): number {
    const run = this.#readRun(isBlack);
    if (run === undefined) return -1;
    const end = Math.min(at + run, this.#options.width);
    return this.#change(end) ? end : -1;
  }

  /** Make-up codes and a terminating one. */
  #readRun(isBlack: boolean): number | undefined {
    const table = isBlack ? BLACK_RUNS : WHITE_RUNS;
    const bits = this.#bits;
    for (let run = 0; run <= this.#options.width;) {
      const entry = table[bits.peek(RUN_BITS)]!;
      if (entry === 0) return undefined;
      bits.skip(entry & CODE_LENGTH_MASK);
      const length = entry >> CODE_VALUE_SHIFT;
      run += length;
      if (length < 64) return run;
    }
    return undefined;
  }

  /** False when there are more changes than pixels. */
  #change(at: number): boolean {
    if (this.#count > this.#options.width) return false;
    this.#row[this.#count++] = at;
    return true;
  }

  /** A row that ends early is white from where it does. */
  #endWhite(): void {
    if (this.#count % 2 === 1) this.#change(this.#row[this.#count - 1]!);
  }

  /** Sets the bits of the black runs. */
  paint(output: Uint8Array, start: number): void {
    const row = this.#row;
    for (let i = 0; i < this.#count; i += 2) fillBits(output, start, row[i]!, row[i + 1]!);
  }
}

/** b1: index of the first change right of `at` to the other color; even indexes are changes to black. */
function firstRightOf(above: Int32Array, from: number, at: number, isBlack: boolean): number {
  // A change left of the last one can be right of `at`: vertical modes go up to 3 pixels back.
  const start = from < 4 ? 0 : from - 4;
  let index = (start & 1) === (isBlack ? 1 : 0) ? start : start + 1;
  while (above[index]! <= at) index += 2;
  return index;
}

/** Of the first and the last byte only some bits. */
function fillBits(output: Uint8Array, start: number, from: number, to: number): void {
  if (from >= to) return;
  const first = start + (from >> 3);
  const last = start + (to >> 3);
  const head = 0xff >> (from & 7);
  const tail = 0xff00 >> (to & 7);
  if (first === last) {
    output[first] = output[first]! | (head & tail);
    return;
  }
  output[first] = output[first]! | head;
  for (let byte = first + 1; byte < last; byte++) output[byte] = 0xff;
  // A run that ends with a byte has nothing in the next one, which may be outside.
  if ((to & 7) !== 0) output[last] = output[last]! | tail;
}
