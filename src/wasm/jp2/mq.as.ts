/**
 * The MQ decoder (ISO/IEC 15444-1 Annex C), arranged so that a probable symbol costs one load, one subtraction and
 * one comparison (after Taubman and Marcellin, "JPEG2000", 12.1.1).
 *
 * A and C are held with 8 bits below the binary point of the standard. Between two renormalizations both only shrink,
 * by the same amounts; so D = min(C, A - 0x8000) shrinks in their stead and falls below 0 exactly when a symbol needs
 * more than that. D lives in a local variable of the coding passes, the rest here:
 *
 *     const word = load<u32>(context); d -= word & PROBABILITY; bit = word & 1;
 *     if (d < 0) { const r = exchange(context, d); bit = r & 1; d = r >> 1; }
 */

/** Of the word of a context: Qe in bits 8 to 23, below it the state's index and the more probable symbol. */
export const PROBABILITY: u32 = 0x7fff00;

/** Table C.2, four bytes a row: Qe (two), next state after MPS, after LPS with the switch in bit 7. */
const STATES: usize = memory.data<u8>([
  0x56, 0x01, 1, 129, 0x34, 0x01, 2, 6, 0x18, 0x01, 3, 9, 0x0a, 0xc1, 4, 12, 0x05, 0x21, 5, 29, 0x02, 0x21, 38, 33,
  0x56, 0x01, 7, 134, 0x54, 0x01, 8, 14, 0x48, 0x01, 9, 14, 0x38, 0x01, 10, 14, 0x30, 0x01, 11, 17, 0x24, 0x01, 12, 18,
  0x1c, 0x01, 13, 20, 0x16, 0x01, 29, 21, 0x56, 0x01, 15, 142, 0x54, 0x01, 16, 14, 0x51, 0x01, 17, 15, 0x48, 0x01, 18,
  16, 0x38, 0x01, 19, 17, 0x34, 0x01, 20, 18, 0x30, 0x01, 21, 19, 0x28, 0x01, 22, 19, 0x24, 0x01, 23, 20, 0x22, 0x01,
  24, 21, 0x1c, 0x01, 25, 22, 0x18, 0x01, 26, 23, 0x16, 0x01, 27, 24, 0x14, 0x01, 28, 25, 0x12, 0x01, 29, 26, 0x11,
  0x01, 30, 27, 0x0a, 0xc1, 31, 28, 0x09, 0xc1, 32, 29, 0x08, 0xa1, 33, 30, 0x05, 0x21, 34, 31, 0x04, 0x41, 35, 32,
  0x02, 0xa1, 36, 33, 0x02, 0x21, 37, 34, 0x01, 0x41, 38, 35, 0x01, 0x11, 39, 36, 0x00, 0x85, 40, 37, 0x00, 0x49, 41,
  38, 0x00, 0x25, 42, 39, 0x00, 0x15, 43, 40, 0x00, 0x09, 44, 41, 0x00, 0x05, 45, 42, 0x00, 0x01, 45, 43, 0x56, 0x01,
  46, 46,
]);
const STATE_COUNT: i32 = 47;

/** For each state and symbol the words that follow: after MPS, after LPS. */
const FOLLOWING: usize = memory.data(47 * 2 * 8, 16);

/** Words of the 19 contexts (Table D.7): 0 to 8 significance, 9 to 13 sign, 14 to 16 magnitude, then these. */
export const CONTEXTS: usize = memory.data(19 * 4, 16);
export const RUN_CONTEXT: usize = CONTEXTS + 17 * 4;
export const UNIFORM_CONTEXT: usize = CONTEXTS + 18 * 4;

/** A - D, C - D, the shifts until the next byte, where it is, and how many were made up behind the end. */
const A_LESS_D: usize = memory.data(20, 16);
const C_LESS_D: usize = A_LESS_D + 4;
const SHIFTS: usize = A_LESS_D + 8;
const POSITION: usize = A_LESS_D + 12;
const MADE_UP: usize = A_LESS_D + 16;

const A_LEAST: i32 = 0x800000;

function wordOf(state: i32, symbol: i32): u32 {
  const row = STATES + state * 4;
  return (<u32>load<u8>(row) << 16) | (<u32>load<u8>(row, 1) << 8) | (state << 1) | symbol;
}

export function makeTransitions(): void {
  for (let state = 0; state < STATE_COUNT; state++) {
    const row = STATES + state * 4;
    for (let symbol = 0; symbol < 2; symbol++) {
      const lps = <i32>load<u8>(row, 3);
      const target = FOLLOWING + ((state << 1) | symbol) * 8;
      store<u32>(target, wordOf(load<u8>(row, 2), symbol));
      store<u32>(target, wordOf(lps & 127, symbol ^ (lps >> 7)), 4);
    }
  }
}

/** Table D.7's initial states. */
export function resetContexts(): void {
  for (let i = 0; i < 19; i++) store<u32>(CONTEXTS + i * 4, wordOf(0, 0));
  store<u32>(CONTEXTS, wordOf(4, 0));
  store<u32>(RUN_CONTEXT, wordOf(3, 0));
  store<u32>(UNIFORM_CONTEXT, wordOf(46, 0));
}

/** INITDEC (C.3.5) at the first byte of a segment that ends with two bytes of FF. Returns D. */
export function startDecoder(position: usize): i32 {
  store<u32>(POSITION, <u32>position);
  store<i32>(MADE_UP, 0);
  const c = nextByte(<i32>load<u8>(position) << 8) << 7;
  store<i32>(SHIFTS, load<i32>(SHIFTS) - 7);
  return settle(A_LEAST, c);
}

/**
 * Whether the decoder is where an encoder with predictable termination leaves it (D.4.2), as OpenJPEG tests it: at
 * most two bytes before `end`, at most two made up behind it.
 */
export function isSpent(end: usize): bool {
  return <usize>load<u32>(POSITION) + 2 >= end && load<i32>(MADE_UP) <= 2;
}

/** BYTEIN (C.3.4): C with the next byte below it. */
// @ts-ignore: a decorator
@inline
function nextByte(c: i32): i32 {
  const position = <usize>load<u32>(POSITION);
  const following = <i32>load<u8>(position, 1);
  if (load<u8>(position) === 0xff) {
    if (following > 0x8f) {
      store<i32>(SHIFTS, 8);
      store<i32>(MADE_UP, load<i32>(MADE_UP) + 1);
      return c + 0xff;
    }
    store<u32>(POSITION, <u32>position + 1);
    store<i32>(SHIFTS, 7);
    return c + (following << 1);
  }
  store<u32>(POSITION, <u32>position + 1);
  store<i32>(SHIFTS, 8);
  return c + following;
}

// @ts-ignore: a decorator
@inline
function settle(a: i32, c: i32): i32 {
  const d = min<i32>(c, a - A_LEAST);
  store<i32>(A_LESS_D, a - d);
  store<i32>(C_LESS_D, c - d);
  return d;
}

/**
 * DECODE's rarer ways (C.3.2): exchanges, the context's next state, RENORMD. Inlined wherever it is used: around a call
 * the passes would have to put all their variables away and fetch them again.
 *
 * @param context the address of the context's word.
 * @param d D after the subtraction, below 0.
 * @returns the new D times two, plus the symbol.
 */
// @ts-ignore: a decorator
@inline
export function exchange(context: usize, d: i32): i32 {
  const word = load<u32>(context);
  const qe = <i32>(word & PROBABILITY);
  let a = load<i32>(A_LESS_D) + d;
  let c = load<i32>(C_LESS_D) + d;
  const isLower = c >> 31; // -1 in the lower interval, whose size is Qe
  const isLess = <u32>(isLower & 1) ^ <u32>(a < qe);
  c += qe & isLower;
  a = isLower ? qe : a;
  store<u32>(context, load<u32>(FOLLOWING + <usize>((word & 0xff) << 3) + <usize>(isLess << 2)));

  let shift = clz(a) - 8;
  let available = load<i32>(SHIFTS);
  while (shift > available) {
    c = nextByte(c << available);
    a <<= available;
    shift -= available;
    available = load<i32>(SHIFTS);
  }
  store<i32>(SHIFTS, available - shift);
  return (settle(a << shift, c << shift) << 1) | ((word & 1) ^ isLess);
}
