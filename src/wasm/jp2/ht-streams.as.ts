/** The bit-streams of a high-throughput block (ITU-T T.814, 7.1): forward, backward, and the run-length coded MEL. */

/** MagSgn, and later significance propagation: from the start on, least significant bits first. */
let forwardBits: u64 = 0;
let forwardCount: u32 = 0;
let forwardNext: usize = 0;
let forwardEnd: usize = 0;
let forwardFill: u32 = 0;
let isAfterFull = false;

/** @param fill the byte that follows for ever behind the end. */
export function startForward(start: usize, end: usize, fill: u32): void {
  forwardBits = 0;
  forwardCount = 0;
  forwardNext = start;
  forwardEnd = end;
  forwardFill = fill;
  isAfterFull = false;
}

/** At least the next 32 bits, the first one lowest. After a byte of FF the next one has seven. */
export function peekForward(): u32 {
  while (forwardCount < 32) {
    let byte = forwardFill;
    if (forwardNext < forwardEnd) {
      byte = load<u8>(forwardNext);
      forwardNext++;
    }
    forwardBits |= <u64>byte << forwardCount;
    forwardCount += isAfterFull ? 7 : 8;
    isAfterFull = byte === 0xff;
  }
  return <u32>forwardBits;
}

/** Goes on by `count`, at most 32, of the bits peeked at. */
// @ts-ignore: a decorator
@inline
export function skipForward(count: u32): void {
  forwardBits >>= count;
  forwardCount -= count;
}

/** VLC, and later magnitude refinement: from the end backwards, least significant bits first; zeros behind. */
let backwardBits: u64 = 0;
let backwardCount: u32 = 0;
let backwardNext: usize = 0;
let backwardEnd: usize = 0;
let isAfterHigh = false;

/** At the byte `last`, down to `first`. */
export function startBackward(first: usize, last: usize): void {
  backwardBits = 0;
  backwardCount = 0;
  backwardNext = last;
  backwardEnd = first;
  isAfterHigh = true;
}

/** VLC starts in the upper half of the last byte but one, whose lower half has the length. */
export function startVlc(first: usize, last: usize): void {
  startBackward(first, last - 1);
  const half = <u32>load<u8>(last) >> 4;
  backwardBits = half;
  backwardCount = (half & 7) === 7 ? 3 : 4;
  isAfterHigh = half > 8;
}

/** At least the next 32 bits. After a byte over 8F, one that ends with seven ones has only those. */
export function peekBackward(): u32 {
  while (backwardCount < 32) {
    let byte: u32 = 0;
    if (backwardNext >= backwardEnd) {
      byte = load<u8>(backwardNext);
      backwardNext--;
    }
    backwardBits |= <u64>byte << backwardCount;
    backwardCount += isAfterHigh && (byte & 0x7f) === 0x7f ? 7 : 8;
    isAfterHigh = byte > 0x8f;
  }
  return <u32>backwardBits;
}

// @ts-ignore: a decorator
@inline
export function skipBackward(count: u32): void {
  backwardBits >>= count;
  backwardCount -= count;
}

/** Exponents of the run lengths of MEL's states (Table 2). */
const EXPONENTS: usize = memory.data<u8>([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5]);

let melNext: usize = 0;
let melLast: usize = 0;
let melByte: u32 = 0;
let melLeft: u32 = 0;
let melState: u32 = 0;
let melRun: u32 = 0;
let isOneAfterRun = false;

/** From `first` to `last`, of which the lower half is not MEL's. */
export function startMel(first: usize, last: usize): void {
  melNext = first;
  melLast = last;
  melByte = 0;
  melLeft = 0;
  melState = 0;
  melRun = 0;
  isOneAfterRun = false;
}

/** The next event: whether a quad, or a pair of offsets, is not of the expected kind. */
export function melEvent(): bool {
  if (melRun === 0 && !isOneAfterRun) {
    const exponent = <u32>load<u8>(EXPONENTS + melState);
    if (melBit()) {
      melRun = 1 << exponent;
      melState = min<u32>(melState + 1, 12);
    } else {
      for (let i: u32 = 0; i < exponent; i++) melRun = (melRun << 1) | melBit();
      melState = melState > 0 ? melState - 1 : 0;
      isOneAfterRun = true;
    }
  }
  if (melRun > 0) {
    melRun--;
    return false;
  }
  isOneAfterRun = false;
  return true;
}

/** Most significant bits first; after a byte of FF the next one has seven; ones behind the end. */
function melBit(): u32 {
  if (melLeft === 0) {
    melLeft = melByte === 0xff ? 7 : 8;
    melByte = melNext > melLast ? 0xff : <u32>load<u8>(melNext) | (melNext === melLast ? 0x0f : 0);
    melNext++;
  }
  melLeft--;
  return (melByte >> melLeft) & 1;
}
