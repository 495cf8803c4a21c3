/** Writes bits, the lowest of a byte first. Up to eight bytes behind the last one are written over. */

let out: usize = 0;
/** Bits that fill no byte yet, fewer than eight. */
let held: u64 = 0;
let count: u64 = 0;

export function startBits(at: usize): void {
  out = at;
  held = 0;
  count = 0;
}

/** The lowest `length` bits of `bits`, 32 at most. */
export function putBits(bits: u32, length: u32): void {
  held |= (<u64>bits) << count;
  count += <u64>length;
  store<u64>(out, held);
  out += <usize>(count >> 3);
  held >>= count & 0x38;
  count &= 7;
}

/** `codes` has for every token its bits and, from bit 32 on, how many: 21 at most, so that two fit. */
export function putTokens(tokens: usize, number: i32, codes: usize): void {
  let at = out;
  let bits = held;
  let filled = count;
  const end = tokens + ((<usize>number) << 1);
  for (let p = tokens; p < end; p += 4) {
    const first = load<u64>(codes + ((<usize>load<u16>(p)) << 3));
    // Behind an odd number there is a token without bits.
    const second = load<u64>(codes + ((<usize>load<u16>(p, 2)) << 3));
    bits |= (first & 0xffffffff) << filled;
    filled += first >> 32;
    bits |= (second & 0xffffffff) << filled;
    filled += second >> 32;
    store<u64>(at, bits);
    at += <usize>(filled >> 3);
    bits >>= filled & 0x38;
    filled &= 7;
  }
  out = at;
  held = bits;
  count = filled;
}

/** Bytes as they are, after the next full byte. */
export function putBytes(from: usize, length: i32): void {
  fillByte();
  memory.copy(out, from, length);
  out += <usize>length;
}

/** To the next full byte. @returns its address. */
export function fillByte(): usize {
  if (count > 0) putBits(0, 8 - <u32>count);
  return out;
}
