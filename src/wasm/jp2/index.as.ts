/** The decoder core of JPEG 2000: code-blocks, dequantization, inverse transforms, color. */
import { makeContextTables } from './flags.as';
import { makeTransitions } from './mq.as';
import { BYTES, COEFFICIENTS, SEGMENTS } from './memory.as';

export { decodeBlock } from './block.as';
export { finishPlane, interleavePlane, interleaveThree, inverseIct, inverseRct } from './color.as';
export { storeFloats, storeIntegers, unshiftRegion } from './dequantize.as';
export { decodeHighThroughputBlock } from './ht-block.as';
export { inverse53 } from './wavelet53.as';
export { inverse97 } from './wavelet97.as';

makeTransitions();
makeContextTables();

export function bytesAddress(): usize {
  return BYTES;
}
export function segmentsAddress(): usize {
  return SEGMENTS;
}
export function coefficientsAddress(): usize {
  return COEFFICIENTS;
}
export function heapBase(): usize {
  return __heap_base;
}
