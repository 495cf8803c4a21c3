/** The cleanup pass of a high-throughput block: quads of two by two samples, two quads at a time (T.814, 7.3). */
import { COEFFICIENTS } from './memory.as';
import { melEvent, peekBackward, peekForward, skipBackward, skipForward } from './ht-streams.as';
import { FIRST_ROW_CODES, OTHER_ROW_CODES } from './ht-tables.as';

/** Exponents of the lower samples of the quads above, and of this row; 0 is insignificant. Columns from 1 on. */
const LINES: usize = memory.data(2 * 1040, 16);
const LINE_BYTES: usize = 1040;

/** The offsets of a pair of quads (u). */
const OFFSETS: usize = memory.data(8, 16);

/** Of an entry of the code tables. */
const HAS_OFFSET: u32 = 8;

/**
 * Decodes into COEFFICIENTS, which are all 0.
 *
 * @param plane the bit-plane of the pass, counted from 0.
 * @param mostBits the largest U that makes sense.
 * @returns whether the streams made sense.
 */
export function cleanupQuads(width: i32, height: i32, plane: u32, mostBits: u32): bool {
  memory.fill(LINES, 0, 2 * LINE_BYTES);
  let above = LINES;
  let line = LINES + LINE_BYTES;
  for (let y = 0; y < height; y += 2) {
    memory.fill(line, 0, LINE_BYTES);
    if (!quadRow(width, height, y, plane, mostBits, above, line)) return false;
    const swapped = above;
    above = line;
    line = swapped;
  }
  return true;
}

function quadRow(
  width: i32,
  height: i32,
  y: i32,
  plane: u32,
  mostBits: u32,
  above: usize,
  line: usize,
): bool {
  const isFirst = y === 0;
  const codes = isFirst ? FIRST_ROW_CODES : OTHER_ROW_CODES;
  const rows: u32 = y + 1 < height ? 0xf : 0x5;
  let left: u32 = 0;
  for (let x = 0; x < width; x += 4) {
    const first = quadCode(codes, isFirst ? firstContext(left) : otherContext(left, above + x));
    let second: u32 = 0;
    if (x + 2 < width)
      second = quadCode(codes, isFirst ? firstContext(first) : otherContext(first, above + x + 2));
    left = second;
    readOffsets(first, second, isFirst);
    const firstBits = load<u32>(OFFSETS) + reach(first, above + x, isFirst);
    const secondBits = load<u32>(OFFSETS, 4) + reach(second, above + x + 2, isFirst);
    if (firstBits > mostBits || secondBits > mostBits) return false;
    if (!quad(width, x, y, first, firstBits, rows, plane, line)) return false;
    if (second !== 0 && !quad(width, x + 2, y, second, secondBits, rows, plane, line)) return false;
  }
  return true;
}

/** From the samples of the quad to the left: either of its left ones, its upper right one, its lower right one. */
// @ts-ignore: a decorator
@inline
function firstContext(left: u32): u32 {
  return ((left >> 4) & 1) | ((left >> 5) & 7);
}

/** From the two samples above and to the left, the right ones of the left quad, the two above and to the right. */
// @ts-ignore: a decorator
@inline
function otherContext(left: u32, above: usize): u32 {
  const northWest = load<u16>(above);
  const northEast = load<u16>(above, 2);
  return (northWest ? 1 : 0) | (left & 0xc0 ? 2 : 0) | (northEast ? 4 : 0);
}

/** The code of a quad; in context 0, where quads are mostly empty, MEL says whether there is one. */
// @ts-ignore: a decorator
@inline
function quadCode(codes: usize, context: u32): u32 {
  if (context === 0 && !melEvent()) return 0;
  const code = <u32>load<u16>(codes + (((context << 7) | (peekBackward() & 0x7f)) << 1));
  skipBackward(code & 7);
  return code;
}

/** What the exponents above let expect (kappa): 1, or more where more than one sample is significant. */
// @ts-ignore: a decorator
@inline
function reach(code: u32, above: usize, isFirst: bool): u32 {
  const rho = code & 0xf0;
  if (isFirst || (rho & (rho - 1)) === 0) return 1;
  const left = max(load<u8>(above), load<u8>(above, 1));
  const right = max(load<u8>(above, 2), load<u8>(above, 3));
  return max<u32>(max(left, right), 2) - 1;
}

/** The prefix of u by the next three bits: its length, the length of the suffix (from bit 2), the base (from bit 5). */
const PREFIXES: usize = memory.data<u8>([183, 33, 66, 33, 103, 33, 66, 33]);

/** u of both quads (7.3.6): prefixes, then suffixes. */
function readOffsets(first: u32, second: u32, isFirst: bool): void {
  store<u64>(OFFSETS, 0);
  const hasFirst = (first & HAS_OFFSET) !== 0;
  const hasSecond = (second & HAS_OFFSET) !== 0;
  if (!hasFirst && !hasSecond) return;
  let more: u32 = 0;
  const isPair = isFirst && hasFirst && hasSecond;
  if (isPair && melEvent()) more = 2;
  let bits = peekBackward();
  let used: u32 = 0;
  let firstPrefix: u32 = 0;
  let secondPrefix: u32 = 0;
  if (hasFirst) {
    firstPrefix = load<u8>(PREFIXES + (bits & 7));
    used = firstPrefix & 3;
  }
  const isShort = isPair && more === 0 && used === 3;
  if (isShort) {
    store<u32>(OFFSETS, ((bits >> 3) & 1) + 1, 4);
    used++;
  } else if (hasSecond) {
    secondPrefix = load<u8>(PREFIXES + ((bits >> used) & 7));
    used += secondPrefix & 3;
  }
  bits >>= used;
  if (hasFirst) {
    const suffix = (firstPrefix >> 2) & 7;
    store<u32>(OFFSETS, (firstPrefix >> 5) + (bits & ((1 << suffix) - 1)) + more);
    bits >>= suffix;
    used += suffix;
  }
  if (hasSecond && !isShort) {
    const suffix = (secondPrefix >> 2) & 7;
    store<u32>(OFFSETS, (secondPrefix >> 5) + (bits & ((1 << suffix) - 1)) + more, 4);
    used += suffix;
  }
  skipBackward(used);
}

/** The significant samples of a quad, column by column; false when there are some outside of the block. */
// @ts-ignore: a decorator
@inline
function quad(width: i32, x: i32, y: i32, code: u32, bits: u32, rows: u32, plane: u32, line: usize): bool {
  const inside = x + 1 < width ? rows : rows & 0x3;
  const rho = (code >> 4) & 0xf;
  if (rho & ~inside) return false;
  const target = COEFFICIENTS + (<usize>(y * width + x) << 2);
  for (let left = rho; left !== 0; left &= left - 1) {
    const n = ctz(left);
    const count = bits - ((code >> (12 + n)) & 1);
    const stream = peekForward();
    skipForward(count);
    // The sign's place is taken by the middle of the interval.
    const size = (((stream & <u32>((<u64>1 << count) - 1)) | (((code >> (8 + n)) & 1) << count)) | 1) as u32;
    const column = n >> 1;
    const address = target + <usize>(((n & 1) * <u32>width + column) << 2);
    store<u32>(address, (stream << 31) | ((size + 2) << plane));
    if (n & 1) store<u8>(line + x + column, <u8>(32 - clz(size)), 1);
  }
  return true;
}
