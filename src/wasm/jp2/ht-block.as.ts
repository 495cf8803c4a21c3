/** One code-block of Part 15 (ITU-T T.814): a cleanup pass, and up to two passes more. */
import { BYTES, COEFFICIENTS, GUARD_BYTES, MAX_BLOCK_SAMPLES, SEGMENTS } from './memory.as';
import { cleanupQuads } from './ht-cleanup.as';
import { propagate, refine } from './ht-refine.as';
import { startBackward, startForward, startMel, startVlc } from './ht-streams.as';

/** SPcod's bit (Table A.19). */
const CAUSAL: i32 = 8;

/**
 * Decodes the block whose segments (the cleanup pass, the others) lie in SEGMENTS and BYTES into COEFFICIENTS, whose
 * lowest bit is half a step.
 *
 * @param planes bit-planes from the cleanup pass's to the lowest.
 * @param missingPlanes those above.
 * @returns 0, or 1 when the block made no sense.
 */
export function decodeHighThroughputBlock(
  width: i32,
  height: i32,
  planes: i32,
  missingPlanes: i32,
  style: i32,
  segmentCount: i32,
): i32 {
  if (width * height > MAX_BLOCK_SAMPLES || width > 1024 || height > 1024 || planes + missingPlanes > 30) return 1;
  memory.fill(COEFFICIENTS, 0, <usize>(width * height) << 2);
  const bytes = <usize>load<u32>(SEGMENTS);
  if (segmentCount === 0 || bytes < 2) return 1;
  const end = BYTES + bytes;
  // MEL and VLC share the last bytes: their length is in the very last one and a half.
  const suffix = (<usize>load<u8>(end - 1) << 4) | (<usize>load<u8>(end - 2) & 0xf);
  if (suffix < 2 || suffix > bytes || suffix > 4079) return 1;
  startForward(BYTES, end - suffix, 0xff);
  startMel(end - suffix, end - 2);
  startVlc(end - suffix, end - 2);
  if (!cleanupQuads(width, height, planes - 1, missingPlanes + 2)) {
    memory.fill(COEFFICIENTS, 0, <usize>(width * height) << 2);
    return 1;
  }
  if (segmentCount < 2) return 0;
  return refineBlock(width, height, planes, (style & CAUSAL) !== 0, end + GUARD_BYTES);
}

function refineBlock(width: i32, height: i32, planes: i32, isCausal: bool, start: usize): i32 {
  const bytes = <usize>load<u32>(SEGMENTS, 8);
  const passes = load<u32>(SEGMENTS, 12);
  if (planes < 2 || bytes === 0) return 1;
  const plane = planes - 2;
  if (passes > 1) {
    startBackward(start, start + bytes - 1);
    refine(width, height, plane);
  }
  startForward(start, start + bytes, 0);
  propagate(width, height, plane, isCausal);
  return 0;
}
