/** The MQ encoder (ISO/IEC 15444-1 Annex C.2), and raw bits with stuffing: what the decoder's tests encode with. */

/** Table C.2: Qe, next state after MPS, after LPS, whether the symbol's sense is switched. */
const STATES: readonly (readonly [number, number, number, boolean])[] = [
  ...[
    [0x5601, 1, 1, true],
    [0x3401, 2, 6, false],
    [0x1801, 3, 9, false],
    [0x0ac1, 4, 12, false],
  ],
  ...[
    [0x0521, 5, 29, false],
    [0x0221, 38, 33, false],
    [0x5601, 7, 6, true],
    [0x5401, 8, 14, false],
  ],
  ...[
    [0x4801, 9, 14, false],
    [0x3801, 10, 14, false],
    [0x3001, 11, 17, false],
    [0x2401, 12, 18, false],
  ],
  ...[
    [0x1c01, 13, 20, false],
    [0x1601, 29, 21, false],
    [0x5601, 15, 14, true],
    [0x5401, 16, 14, false],
  ],
  ...[
    [0x5101, 17, 15, false],
    [0x4801, 18, 16, false],
    [0x3801, 19, 17, false],
    [0x3401, 20, 18, false],
  ],
  ...[
    [0x3001, 21, 19, false],
    [0x2801, 22, 19, false],
    [0x2401, 23, 20, false],
    [0x2201, 24, 21, false],
  ],
  ...[
    [0x1c01, 25, 22, false],
    [0x1801, 26, 23, false],
    [0x1601, 27, 24, false],
    [0x1401, 28, 25, false],
  ],
  ...[
    [0x1201, 29, 26, false],
    [0x1101, 30, 27, false],
    [0x0ac1, 31, 28, false],
    [0x09c1, 32, 29, false],
  ],
  ...[
    [0x08a1, 33, 30, false],
    [0x0521, 34, 31, false],
    [0x0441, 35, 32, false],
    [0x02a1, 36, 33, false],
  ],
  ...[
    [0x0221, 37, 34, false],
    [0x0141, 38, 35, false],
    [0x0111, 39, 36, false],
    [0x0085, 40, 37, false],
  ],
  ...[
    [0x0049, 41, 38, false],
    [0x0025, 42, 39, false],
    [0x0015, 43, 40, false],
    [0x0009, 44, 41, false],
  ],
  ...[
    [0x0005, 45, 42, false],
    [0x0001, 45, 43, false],
    [0x5601, 46, 46, false],
  ],
] as [number, number, number, boolean][];

export type Contexts = { state: number; mps: number }[];

/** Table D.7. */
export function initialContexts(): Contexts {
  return Array.from({ length: 19 }, (_, i) => ({
    state: i === 0 ? 4 : i === 17 ? 3 : i === 18 ? 46 : 0,
    mps: 0,
  }));
}

export class MqEncoder {
  /** A byte before the first one, for carries. */
  readonly #bytes: number[] = [0];
  #a = 0x8000;
  #c = 0;
  #count = 12;

  encode(contexts: Contexts, cx: number, bit: number): void {
    const context = contexts[cx]!;
    const [qe, nextMps, nextLps, isSwitched] = STATES[context.state]!;
    this.#a -= qe;
    if (bit === context.mps) {
      if (this.#a >= 0x8000) {
        this.#c += qe;
        return;
      }
      if (this.#a < qe) this.#a = qe;
      else this.#c += qe;
      context.state = nextMps;
    } else {
      if (this.#a < qe) this.#c += qe;
      else this.#a = qe;
      if (isSwitched) context.mps = 1 - context.mps;
      context.state = nextLps;
    }
    do {
      this.#a *= 2;
      this.#c *= 2;
      this.#count--;
      if (this.#count === 0) this.#byteOut();
    } while (this.#a < 0x8000);
  }

  /** FLUSH. */
  flush(): Uint8Array {
    const bound = this.#c + this.#a;
    this.#c = Math.floor(this.#c / 0x10000) * 0x10000 + 0xffff;
    if (this.#c >= bound) this.#c -= 0x8000;
    this.#c *= 2 ** this.#count;
    this.#byteOut();
    this.#c *= 2 ** this.#count;
    this.#byteOut();
    const end = this.#bytes.at(-1) === 0xff ? -1 : undefined;
    return Uint8Array.from(this.#bytes.slice(1, end));
  }

  #byteOut(): void {
    const last = this.#bytes.length - 1;
    if (this.#bytes[last] === 0xff) return this.#put(20);
    if (this.#c >= 0x8000000) {
      this.#bytes[last]!++;
      this.#c -= 0x8000000;
      if (this.#bytes[last] === 0xff) return this.#put(20);
    }
    this.#put(19);
  }

  #put(shift: number): void {
    this.#bytes.push(Math.floor(this.#c / 2 ** shift));
    this.#c %= 2 ** shift;
    this.#count = shift === 20 ? 7 : 8;
  }
}

/** Bits as they are, with a 0 after eight ones. */
export class RawEncoder {
  readonly #bytes: number[] = [];
  #byte = 0;
  #left = 8;

  put(bit: number): void {
    this.#left--;
    this.#byte |= bit << this.#left;
    if (this.#left === 0) this.#next();
  }

  flush(): Uint8Array {
    const free = this.#bytes.at(-1) === 0xff ? 7 : 8;
    if (this.#left < free) this.#next();
    return Uint8Array.from(this.#bytes.at(-1) === 0xff ? this.#bytes.slice(0, -1) : this.#bytes);
  }

  #next(): void {
    this.#bytes.push(this.#byte);
    this.#left = this.#byte === 0xff ? 7 : 8;
    this.#byte = 0;
  }
}
