/** Prefix codes that fit the frequencies of symbols, none longer than allowed (RFC 1951, section 3.2.2). */

export const MOST_SYMBOLS = 288;
const MOST_BITS = 15;

/** Symbols that occur with their frequencies, `frequency << 16 | symbol`, by frequency; then what becomes of them. */
const SORTED: usize = memory.data(8 * 288, 8);
const WORK: usize = memory.data(4 * 288, 4);
const OF_LENGTH: usize = memory.data(4 * 64, 4);

/**
 * Lengths and codes of `symbols` symbols.
 *
 * @param frequencies of 32 bits.
 * @param lengths a byte for each symbol, 0 for those that do not occur.
 * @param codes of 16 bits, as they are written: the first bit lowest.
 */
export function makeCodes(frequencies: usize, symbols: i32, mostBits: i32, lengths: usize, codes: usize): void {
  const used = sortUsed(frequencies, symbols);
  memory.fill(lengths, 0, symbols);
  memory.fill(OF_LENGTH, 0, 4 * 64);
  if (used == 1) store<u32>(OF_LENGTH + 4, 1);
  if (used > 1) {
    depths(used);
    for (let i = 0; i < used; i++) {
      const depth = min(load<u32>(WORK + (<usize>i << 2)), 63);
      const at = OF_LENGTH + (<usize>depth << 2);
      store<u32>(at, load<u32>(at) + 1);
    }
    shorten(mostBits);
  }
  // The rarest symbols, which come first, get the longest codes.
  let next = 0;
  for (let length = mostBits; length > 0; length--) {
    for (let left = load<u32>(OF_LENGTH + (<usize>length << 2)); left > 0; left--, next++) {
      const symbol = <usize>(load<u64>(SORTED + (<usize>next << 3)) & 0xffff);
      store<u8>(lengths + symbol, <u8>length);
    }
  }
  assignCodes(symbols, lengths, codes);
}

/** Insertion into lists by Shell's gaps: some hundred symbols at most. @returns how many there are. */
function sortUsed(frequencies: usize, symbols: i32): i32 {
  let used = 0;
  for (let symbol = 0; symbol < symbols; symbol++) {
    const frequency = load<u32>(frequencies + (<usize>symbol << 2));
    if (frequency == 0) continue;
    store<u64>(SORTED + ((<usize>used) << 3), ((<u64>frequency) << 16) | <u64>symbol);
    used++;
  }
  for (let gap = 121; gap > 0; gap = gap / 3) {
    for (let i = gap; i < used; i++) {
      const value = load<u64>(SORTED + (<usize>i << 3));
      let at = i;
      for (; at >= gap; at -= gap) {
        const before = load<u64>(SORTED + (<usize>(at - gap) << 3));
        if (before <= value) break;
        store<u64>(SORTED + (<usize>at << 3), before);
      }
      store<u64>(SORTED + (<usize>at << 3), value);
    }
  }
  return used;
}

/** Work as an array of 32 bits. */
function get(index: i32): u32 {
  return load<u32>(WORK + (<usize>index << 2));
}
function set(index: i32, value: u32): void {
  store<u32>(WORK + (<usize>index << 2), value);
}

/** Depths of the leaves of Huffman's tree, made in place (Moffat and Katajainen, 1995). */
function depths(n: i32): void {
  for (let i = 0; i < n; i++) set(i, <u32>(load<u64>(SORTED + (<usize>i << 3)) >> 16));
  set(0, get(0) + get(1));
  let root = 0;
  let leaf = 2;
  for (let next = 1; next < n - 1; next++) {
    let sum: u32 = 0;
    for (let side = 0; side < 2; side++) {
      if (leaf >= n || (root < next && get(root) < get(leaf))) {
        sum += get(root);
        set(root++, next);
      } else {
        sum += get(leaf++);
      }
    }
    set(next, sum);
  }
  set(n - 2, 0);
  for (let next = n - 3; next >= 0; next--) set(next, get(get(next)) + 1);
  let available = 1;
  let inner = 0;
  let depth: u32 = 0;
  root = n - 2;
  let next = n - 1;
  while (available > 0) {
    while (root >= 0 && get(root) == depth) {
      inner++;
      root--;
    }
    while (available > inner) {
      set(next--, depth);
      available--;
    }
    available = 2 * inner;
    depth++;
    inner = 0;
  }
}

/** Too long codes become as long as allowed; for each that there is no room for, another one is made longer. */
function shorten(mostBits: i32): void {
  const last = OF_LENGTH + (<usize>mostBits << 2);
  for (let length = mostBits + 1; length < 64; length++) {
    const at = OF_LENGTH + (<usize>length << 2);
    store<u32>(last, load<u32>(last) + load<u32>(at));
    store<u32>(at, 0);
  }
  let taken: u32 = 0;
  for (let length = mostBits; length > 0; length--)
    taken += load<u32>(OF_LENGTH + (<usize>length << 2)) << (mostBits - length);
  for (; taken > <u32>1 << mostBits; taken--) {
    store<u32>(last, load<u32>(last) - 1);
    for (let length = mostBits - 1; length > 0; length--) {
      const at = OF_LENGTH + (<usize>length << 2);
      if (load<u32>(at) == 0) continue;
      store<u32>(at, load<u32>(at) - 1);
      store<u32>(at + 4, load<u32>(at + 4) + 2);
      break;
    }
  }
}

/** Codes of one length are consecutive, in the order of their symbols. */
function assignCodes(symbols: i32, lengths: usize, codes: usize): void {
  let code: u32 = 0;
  store<u32>(WORK, 0);
  for (let length = 1; length <= MOST_BITS; length++) {
    const shorter = length == 1 ? 0 : load<u32>(OF_LENGTH + (<usize>(length - 1) << 2));
    code = (code + shorter) << 1;
    set(length, code);
  }
  for (let symbol = 0; symbol < symbols; symbol++) {
    const length = <i32>load<u8>(lengths + <usize>symbol);
    if (length == 0) continue;
    const own = get(length);
    set(length, own + 1);
    store<u16>(codes + (<usize>symbol << 1), <u16>reversed(own, length));
  }
}

function reversed(code: u32, length: i32): u32 {
  let turned: u32 = 0;
  for (let bit = 0; bit < length; bit++) turned |= ((code >> bit) & 1) << (length - 1 - bit);
  return turned;
}
