/** A slow, plain encoder of code-blocks (ISO/IEC 15444-1 Annex D), written from the standard's tables. */
import type { CodeBlockStyle, Orientation } from '../../../../src/image/jp2/core/types.ts';
import { initialContexts, MqEncoder, RawEncoder } from './mq-encoder.ts';

export const PLAIN_STYLE: CodeBlockStyle = {
  bypass: false,
  resetContexts: false,
  terminateAll: false,
  verticallyCausal: false,
  predictableTermination: false,
  segmentationSymbols: false,
  highThroughput: false,
};

export interface EncodedBlock {
  readonly planes: number;
  readonly segments: { readonly chunks: readonly Uint8Array[]; readonly passes: number }[];
}

const RUN = 17;
const UNIFORM = 18;

/** Encodes all bit-planes of `values`, row after row. */
export function encodeBlock(
  values: Int32Array,
  width: number,
  height: number,
  orientation: Orientation,
  style: CodeBlockStyle,
): EncodedBlock {
  const planes = Math.max(0, ...Array.from(values, (value) => 32 - Math.clz32(Math.abs(value))));
  const encoder = new BlockEncoder(values, width, height, orientation, style);
  const passes = Math.max(0, 3 * planes - 2);
  for (let pass = 0; pass < passes; pass++) encoder.pass(pass, planes - 1 - Math.floor((pass + 2) / 3));
  return { planes, segments: encoder.segments };
}

class BlockEncoder {
  readonly segments: { chunks: Uint8Array[]; passes: number }[] = [];
  #contexts = initialContexts();
  #coder: MqEncoder | RawEncoder = new MqEncoder();
  #passes = 0;
  readonly #significant: Uint8Array;
  readonly #visited: Uint8Array;
  readonly #refined: Uint8Array;
  #plane = 0;
  readonly values: Int32Array;
  readonly width: number;
  readonly height: number;
  readonly orientation: Orientation;
  readonly style: CodeBlockStyle;

  constructor(
    values: Int32Array,
    width: number,
    height: number,
    orientation: Orientation,
    style: CodeBlockStyle,
  ) {
    this.values = values;
    this.width = width;
    this.height = height;
    this.orientation = orientation;
    this.style = style;
    this.#significant = new Uint8Array(values.length);
    this.#visited = new Uint8Array(values.length);
    this.#refined = new Uint8Array(values.length);
  }

  pass(number: number, plane: number): void {
    this.#plane = plane;
    const kind = (number + 2) % 3;
    const isRaw = this.style.bypass && number >= 10 && kind !== 2;
    if (this.#passes === 0) this.#coder = isRaw ? new RawEncoder() : new MqEncoder();
    this.#eachStripeColumn((x, top) => {
      if (kind === 0) this.#significance(x, top);
      else if (kind === 1) this.#refinement(x, top);
      else this.#cleanup(x, top);
    });
    if (kind === 2) {
      this.#visited.fill(0);
      if (this.style.segmentationSymbols) for (const bit of [1, 0, 1, 0]) this.#put(UNIFORM, bit);
    }
    this.#passes++;
    if (this.#ends(number)) this.#terminate();
    if (this.style.resetContexts) this.#contexts = initialContexts();
  }

  /** Table D.9, or after each pass, or after the last. */
  #ends(number: number): boolean {
    const isLast = this.#plane === 0 && number % 3 === 0;
    if (isLast || this.style.terminateAll) return true;
    return this.style.bypass && number >= 9 && number % 3 !== 1;
  }

  #terminate(): void {
    this.segments.push({ chunks: [this.#coder.flush()], passes: this.#passes });
    this.#passes = 0;
  }

  #eachStripeColumn(code: (x: number, top: number) => void): void {
    for (let top = 0; top < this.height; top += 4) for (let x = 0; x < this.width; x++) code(x, top);
  }

  #put(cx: number, bit: number): void {
    if (this.#coder instanceof RawEncoder) this.#coder.put(bit);
    else this.#coder.encode(this.#contexts, cx, bit);
  }

  #bit(i: number): number {
    return Math.floor(Math.abs(this.values[i]!) / 2 ** this.#plane) & 1;
  }

  /** 1 or 0; outside of the block, and below the stripe in causal mode, nothing is significant. */
  #at(x: number, y: number, top: number): number {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return 0;
    if (this.style.verticallyCausal && y >= top + 4) return 0;
    return this.#significant[y * this.width + x]!;
  }

  #sums(x: number, y: number, top: number): { h: number; v: number; d: number } {
    const at = (dx: number, dy: number): number => this.#at(x + dx, y + dy, top);
    return {
      h: at(-1, 0) + at(1, 0),
      v: at(0, -1) + at(0, 1),
      d: at(-1, -1) + at(1, -1) + at(-1, 1) + at(1, 1),
    };
  }

  /** Table D.1. */
  #zeroContext(x: number, y: number, top: number): number {
    const { d, ...sums } = this.#sums(x, y, top);
    if (this.orientation === 'HH') {
      const hv = sums.h + sums.v;
      if (d >= 3) return 8;
      if (d === 2) return hv >= 1 ? 7 : 6;
      if (d === 1) return hv >= 2 ? 5 : hv === 1 ? 4 : 3;
      return hv >= 2 ? 2 : hv;
    }
    const [h, v] = this.orientation === 'HL' ? [sums.v, sums.h] : [sums.h, sums.v];
    if (h === 2) return 8;
    if (h === 1) return v >= 1 ? 7 : d >= 1 ? 6 : 5;
    if (v > 0) return v === 2 ? 4 : 3;
    return d >= 2 ? 2 : d;
  }

  /** Tables D.2 and D.3. */
  #sign(x: number, y: number, top: number): void {
    const at = (dx: number, dy: number): number =>
      this.#at(x + dx, y + dy, top) === 0 ? 0 : this.values[(y + dy) * this.width + x + dx]! < 0 ? -1 : 1;
    const h = Math.sign(at(-1, 0) + at(1, 0));
    const v = Math.sign(at(0, -1) + at(0, 1));
    const isFlipped = h < 0 || (h === 0 && v < 0);
    const cx = h === 0 ? 9 + Math.abs(v) : 12 + h * v;
    const bit = this.values[y * this.width + x]! < 0 ? 1 : 0;
    const isRaw = this.#coder instanceof RawEncoder;
    this.#put(cx, isFlipped && !isRaw ? 1 - bit : bit);
    this.#significant[y * this.width + x] = 1;
  }

  #significance(x: number, top: number): void {
    for (let y = top; y < Math.min(top + 4, this.height); y++) {
      const i = y * this.width + x;
      const { h, v, d } = this.#sums(x, y, top);
      if (this.#significant[i] || h + v + d === 0) continue;
      this.#put(this.#zeroContext(x, y, top), this.#bit(i));
      if (this.#bit(i)) this.#sign(x, y, top);
      this.#visited[i] = 1;
    }
  }

  #refinement(x: number, top: number): void {
    for (let y = top; y < Math.min(top + 4, this.height); y++) {
      const i = y * this.width + x;
      if (!this.#significant[i] || this.#visited[i]) continue;
      const { h, v, d } = this.#sums(x, y, top);
      this.#put(this.#refined[i] ? 16 : h + v + d > 0 ? 15 : 14, this.#bit(i));
      this.#refined[i] = 1;
    }
  }

  #cleanup(x: number, top: number): void {
    const end = Math.min(top + 4, this.height);
    let y = top;
    if (this.#isRun(x, top)) {
      while (y < end && !this.#bit(y * this.width + x)) y++;
      this.#put(RUN, y === end ? 0 : 1);
      if (y === end) return;
      this.#put(UNIFORM, (y - top) >> 1);
      this.#put(UNIFORM, (y - top) & 1);
      this.#sign(x, y, top);
      y++;
    }
    for (; y < end; y++) {
      const i = y * this.width + x;
      if (this.#significant[i] || this.#visited[i]) continue;
      this.#put(this.#zeroContext(x, y, top), this.#bit(i));
      if (this.#bit(i)) this.#sign(x, y, top);
    }
  }

  #isRun(x: number, top: number): boolean {
    if (top + 4 > this.height) return false;
    for (let y = top; y < top + 4; y++) {
      const i = y * this.width + x;
      const { h, v, d } = this.#sums(x, y, top);
      if (this.#significant[i] || this.#visited[i] || h + v + d > 0) return false;
    }
    return true;
  }
}
