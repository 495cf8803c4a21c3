/** Lempel-Ziv-Welch as TIFF and GIF write it: one coder, told apart by bit order and when codes grow. */

export interface LzwVariant {
  /** Symbols are below 2 to this power: 8 for TIFF, 2 to 8 for GIF. */
  readonly symbolBits: number;
  readonly bitOrder: 'high-first' | 'low-first';
  /** 1: codes grow wider one code before they have to (TIFF); 0: when they have to (GIF). */
  readonly earlyChange: 0 | 1;
}

/** TIFF 6.0, section 13. */
export const TIFF_LZW: LzwVariant = { symbolBits: 8, bitOrder: 'high-first', earlyChange: 1 };

/** GIF89a, appendix F. */
export function gifLzw(symbolBits: number): LzwVariant {
  return { symbolBits, bitOrder: 'low-first', earlyChange: 0 };
}

/** The table is emptied before it holds this many codes, so no code needs more than 12 bits in either format. */
const MAX_CODES = 4094;
/** Slots of the hash table from (prefix code, symbol) to code; a power of two, at most half full. */
const SLOTS = 8192;
const EMPTY = -1;

/** All `symbols` as one LZW stream with clear and end codes. */
export function lzwCompress(symbols: Uint8Array, variant: LzwVariant): Uint8Array {
  const { symbolBits, earlyChange } = variant;
  const clear = 1 << symbolBits;
  const bits = new BitWriter(symbols.length, variant.bitOrder);
  const keys = new Int32Array(SLOTS).fill(EMPTY);
  const codes = new Uint16Array(SLOTS);
  let width = symbolBits + 1;
  let next = clear + 2;
  bits.write(clear, width);
  let prefix = symbols.length > 0 ? symbols[0]! : EMPTY;
  for (let index = 1; index < symbols.length; index++) {
    const symbol = symbols[index]!;
    const key = (prefix << 8) | symbol;
    let slot = Math.imul(key, 0x9e3779b1) >>> 19;
    while (keys[slot] !== EMPTY && keys[slot] !== key) slot = (slot + 1) & (SLOTS - 1);
    if (keys[slot] === key) {
      prefix = codes[slot]!;
      continue;
    }
    bits.write(prefix, width);
    prefix = symbol;
    keys[slot] = key;
    codes[slot] = next++;
    if (next > (1 << width) - earlyChange) width++;
    if (next === MAX_CODES) {
      bits.write(clear, width);
      keys.fill(EMPTY);
      width = symbolBits + 1;
      next = clear + 2;
    }
  }
  if (prefix !== EMPTY) {
    bits.write(prefix, width);
    // The decoder adds a code for this one too, and may widen before the end code.
    if (next + 1 > (1 << width) - earlyChange) width++;
  }
  bits.write(clear + 1, width);
  return bits.finish();
}

class BitWriter {
  readonly #highFirst: boolean;
  #bytes: Uint8Array;
  #length = 0;
  #pending = 0;
  #pendingBits = 0;

  constructor(expectedSymbols: number, order: LzwVariant['bitOrder']) {
    this.#highFirst = order === 'high-first';
    // 12 bits for each symbol is the worst case; the codes around them take a few bytes more.
    this.#bytes = new Uint8Array(Math.ceil(expectedSymbols * 1.5 * 1.001) + 16);
  }

  write(code: number, width: number): void {
    if (this.#highFirst) this.#pending = (this.#pending << width) | code;
    else this.#pending |= code << this.#pendingBits;
    this.#pendingBits += width;
    while (this.#pendingBits >= 8) {
      this.#pendingBits -= 8;
      this.#bytes[this.#length++] = this.#highFirst ? this.#pending >>> this.#pendingBits : this.#pending;
      if (this.#highFirst) this.#pending &= (1 << this.#pendingBits) - 1;
      else this.#pending >>>= 8;
    }
  }

  finish(): Uint8Array {
    if (this.#pendingBits > 0) {
      const last = this.#highFirst ? this.#pending << (8 - this.#pendingBits) : this.#pending;
      this.#bytes[this.#length++] = last;
    }
    return this.#bytes.slice(0, this.#length);
  }
}
