/** Parses packet headers (ISO/IEC 15444-1, B.10): which code-blocks are in the packet, with how many passes and bytes. */
import type { CodeBlockStyle } from '../core/types.ts';
import { MARKER } from '../codestream/markers.ts';
import { passesLeftInSegment } from './coding-passes.ts';
import type { Contributions } from './contributions.ts';
import { HeaderBits } from './header-bits.ts';
import { BLOCK, type Precinct, type PrecinctBand } from './precinct.ts';
import type { TreeShape } from './tag-tree.ts';

/** More zero bit-planes than samples of 38 bits with every gain can have. */
const MAX_ZERO_PLANES = 82;

const MAX_LENGTH_BITS = 32;

/** Passes of a code-block over all layers: three a bit-plane. */
const MAX_PASSES = 3 * MAX_ZERO_PLANES;

const SOP_BYTES = 6;

/** Where a packet header is: in `bytes` from `at`, at most up to `end`. */
export interface HeaderBytes {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly end: number;
}

/** One parser reads all packets of a tile, one after the other. */
export class PacketParser {
  readonly #contributions: Contributions;
  readonly #bits = new HeaderBits();
  /** Of the last header: where it ended, markers included. */
  headerEnd = 0;
  /** Bytes of the code-blocks of the last packet. */
  bodyLength = 0;
  /** Number of the last packet's first contribution; the others follow. */
  firstContribution = 0;

  constructor(contributions: Contributions) {
    this.#contributions = contributions;
  }

  /**
   * Takes one packet into account. Its contributions have lengths, but their places in the file are for the caller to
   * say, who knows where the header was.
   *
   * @param precinct gives the state, which is not needed for an empty packet.
   * @returns false when the header makes no sense or is cut off.
   */
  parse(
    { bytes, at, end }: HeaderBytes,
    layer: number,
    style: CodeBlockStyle,
    precinct: () => Precinct,
  ): boolean {
    this.firstContribution = this.#contributions.count;
    this.bodyLength = 0;
    const start = isMarker(bytes, at, MARKER.SOP) ? at + SOP_BYTES : at;
    this.#bits.start(bytes, start, end);
    let isRight = true;
    if (this.#bits.bit() === 1) {
      const { bands, state } = precinct();
      for (const band of bands) {
        if (isRight) isRight = this.#parseBand(band, state, layer, style);
      }
    }
    const behind = this.#bits.finish();
    this.headerEnd = isMarker(bytes, behind, MARKER.EPH) ? behind + 2 : behind;
    return isRight && !this.#bits.isOverrun;
  }

  #parseBand(band: PrecinctBand, state: Int32Array, layer: number, style: CodeBlockStyle): boolean {
    let at = band.blocks;
    for (let row = 0; row < band.rows; row++) {
      for (let column = 0; column < band.columns; column++, at += BLOCK.size) {
        const isKnown = state[at + BLOCK.head] !== -1;
        const isIncluded = isKnown
          ? this.#bits.bit() === 1
          : this.#isBelow(state, band.tree, band.inclusion, column, row, layer + 1);
        if (!isIncluded) continue;
        if (!isKnown) {
          let planes = 0;
          while (!this.#isBelow(state, band.tree, band.zeroPlanes, column, row, planes + 1)) {
            if (++planes > MAX_ZERO_PLANES) return false;
          }
          state[at + BLOCK.zeroPlanes] = planes;
        }
        if (!this.#parsePasses(state, at, layer, style)) return false;
      }
    }
    return true;
  }

  /** Whether the value of a leaf is less than `threshold`; reads as many bits as are needed to tell. */
  #isBelow(
    state: Int32Array,
    { widths, starts }: TreeShape,
    base: number,
    column: number,
    row: number,
    threshold: number,
  ): boolean {
    let least = 0;
    let node = 0;
    for (let level = widths.length - 1; level >= 0; level--) {
      const at = base + starts[level]! + (row >> level) * widths[level]! + (column >> level);
      // Twice the least value that is still possible, and 1 when it is the value.
      node = Math.max(state[at]!, least * 2);
      while ((node & 1) === 0 && node >> 1 < threshold) {
        if (this.#bits.isOverrun) return false;
        node += this.#bits.bit() === 1 ? 1 : 2;
      }
      state[at] = node;
      least = node >> 1;
    }
    return (node & 1) === 1 && least < threshold;
  }

  #parsePasses(state: Int32Array, at: number, layer: number, style: CodeBlockStyle): boolean {
    const bits = this.#bits;
    const passes = this.#passCount();
    while (bits.bit() === 1) state[at + BLOCK.lengthBits]!++;
    if (style.highThroughput) return this.#parseHighThroughput(state, at, layer, passes);
    for (let left = passes; left > 0;) {
      const done = state[at + BLOCK.passes]!;
      const count = Math.min(left, passesLeftInSegment(style, done));
      if (done + count > MAX_PASSES) return false;
      if (!this.#addSegment(state, at, layer, count)) return false;
      left -= count;
    }
    return !bits.isOverrun;
  }

  /**
   * ISO/IEC 15444-15, B.3: every three passes before the last HT set stand for a set that is not there, which is one
   * bit-plane more that is zero.
   */
  #parseHighThroughput(state: Int32Array, at: number, layer: number, passes: number): boolean {
    if (state[at + BLOCK.passes]! > 0) return this.#addSegment(state, at, layer, passes);
    const placeholders = Math.floor((passes - 1) / 3);
    state[at + BLOCK.zeroPlanes]! += placeholders;
    if (!this.#addSegment(state, at, layer, 1, 3 * placeholders + 1)) return false;
    const refinements = passes - 3 * placeholders - 1;
    return refinements === 0 || this.#addSegment(state, at, layer, refinements);
  }

  /** B.10.7: the length in Lblock bits, and one more for each doubling of the passes. */
  #addSegment(state: Int32Array, at: number, layer: number, passes: number, counted = passes): boolean {
    const width = state[at + BLOCK.lengthBits]! + 31 - Math.clz32(counted);
    if (width > MAX_LENGTH_BITS) return false;
    const length = this.#bits.bits(width);
    if (this.#bits.isOverrun) return false;
    const contribution = this.#contributions.add(layer, passes, length);
    if (state[at + BLOCK.head] === -1) state[at + BLOCK.head] = contribution;
    else this.#contributions.next[state[at + BLOCK.tail]!] = contribution;
    state[at + BLOCK.tail] = contribution;
    state[at + BLOCK.passes]! += passes;
    this.bodyLength += length;
    return true;
  }

  /** Table B.4. */
  #passCount(): number {
    const bits = this.#bits;
    if (bits.bit() === 0) return 1;
    if (bits.bit() === 0) return 2;
    const few = bits.bits(2);
    if (few < 3) return 3 + few;
    const some = bits.bits(5);
    return some < 31 ? 6 + some : 37 + bits.bits(7);
  }
}

/** Neither a packet header nor a code-block can hold such two bytes. */
export function isMarker(bytes: Uint8Array, at: number, marker: number): boolean {
  return bytes[at] === marker >> 8 && bytes[at + 1] === (marker & 0xff);
}
