/**
 * Deflate of runs: bytes, and repetitions of the byte before (RFC 1951), which is what zlib's Z_RLE makes. Input and output are in
 * one memory that the caller lays out from `heapBase()` on; the output needs `bound` bytes.
 */
export { deflateRuns, bound } from './blocks.as';

export function heapBase(): usize {
  return __heap_base;
}
