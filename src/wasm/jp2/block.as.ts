/** One code-block of Part 1: its segments, its passes, its styles (ISO/IEC 15444-1 Annex D). */
import { BYTES, COEFFICIENTS, FLAGS, GUARD_BYTES, MAX_BLOCK_SAMPLES, SEGMENTS } from './memory.as';
import { isSpent, resetContexts, startDecoder } from './mq.as';
import { ZERO_CODING } from './flags.as';
import { cleanupPass, refinementPass, significancePass, uniformBit } from './passes.as';
import { rawRefinementPass, rawSignificancePass, startRaw } from './raw.as';

/** SPcod's bits (Table A.19). */
const BYPASS: i32 = 1;
const RESET: i32 = 2;
const TERMINATE_ALL: i32 = 4;
const CAUSAL: i32 = 8;
const PREDICTABLE: i32 = 16;
const SYMBOLS: i32 = 32;

const SIGNIFICANCE: i32 = 0;
const REFINEMENT: i32 = 1;
const CLEANUP: i32 = 2;

/**
 * Decodes the block whose segments lie in SEGMENTS and BYTES into COEFFICIENTS.
 *
 * @param orientation 0 LL, 1 HL, 2 LH, 3 HH.
 * @param planes bit-planes that are coded: at most 31.
 * @param style SPcod's bits.
 * @returns 0, or 1 when a check of the style failed: what was decoded until then is there.
 */
export function decodeBlock(
  width: i32,
  height: i32,
  orientation: i32,
  planes: i32,
  style: i32,
  segmentCount: i32,
): i32 {
  if (width * height > MAX_BLOCK_SAMPLES || planes > 31) return 1;
  memory.fill(COEFFICIENTS, 0, <usize>(width * height) << 2);
  memory.fill(FLAGS, 0, <usize>(((width + 2) * (((height + 3) >> 2) + 2)) << 2));
  resetContexts();
  const table = ZERO_CODING + (<usize>orientation << 9);
  const isCausal = (style & CAUSAL) !== 0;
  // Without TERMALL a segment may have been cut off between two layers.
  const isTerminated = (style & (PREDICTABLE | TERMINATE_ALL)) === (PREDICTABLE | TERMINATE_ALL);
  const rawBelow = style & BYPASS ? planes - 4 : 0;
  let kind = CLEANUP;
  // The lowest bit of a coefficient is half a step where there is room for it.
  let left = planes;
  const fraction = planes > 30 ? 0 : 1;
  let start = BYTES;
  for (let s = 0; s < segmentCount && left > 0; s++) {
    const bytes = load<u32>(SEGMENTS + (<usize>s << 3));
    const passes = load<u32>(SEGMENTS + (<usize>s << 3), 4);
    const isRaw = left <= rawBelow && kind !== CLEANUP;
    let d = 0;
    if (isRaw) startRaw(start);
    else d = startDecoder(start);
    for (let pass: u32 = 0; pass < passes && left > 0; pass++) {
      const plane = left - 1 + fraction;
      if (isRaw && kind === CLEANUP) return 1;
      if (kind === SIGNIFICANCE) {
        if (isRaw) rawSignificancePass(width, height, plane, isCausal);
        else d = significancePass(width, height, table, plane, isCausal, d);
      } else if (kind === REFINEMENT) {
        if (isRaw) rawRefinementPass(width, height, plane);
        else d = refinementPass(width, height, plane, d);
      } else {
        d = cleanupPass(width, height, table, plane, isCausal, d);
        if (style & SYMBOLS) {
          let symbol = 0;
          for (let i = 0; i < 4; i++) {
            d = uniformBit(d);
            symbol = (symbol << 1) | (d & 1);
            d >>= 1;
          }
          if (symbol !== 10) return 1;
        }
        left--;
      }
      kind = kind === CLEANUP ? SIGNIFICANCE : kind + 1;
      if (style & RESET) resetContexts();
    }
    if (isTerminated && !isRaw && !isSpent(start + bytes)) return 1;
    start += bytes + GUARD_BYTES;
  }
  return 0;
}
