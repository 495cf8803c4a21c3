/**
 * Decoders of TIFF's tiles. Input, output and what lies between are in one memory that the caller lays out from `heapBase()`
 * on: 64 zero bytes behind the input, 512 bytes of any content behind the output.
 */
export { lzw } from './lzw.as';
export { sum8, sum16, sum32, gatherPlanes } from './predictor.as';

export function heapBase(): usize {
  return __heap_base;
}
