/** Where the module keeps what one code-block needs; planes lie behind, from `__heap_base` on, where the caller says. */

/** Samples of the largest code-block (ISO/IEC 15444-1 Table A.18). */
export const MAX_BLOCK_SAMPLES: i32 = 4096;
/**
 * Bytes of one code-block. More cannot count: 31 planes of 4,096 samples and their signs are fewer than 2^17 symbols
 * (with those of run mode), of which none takes more than 15 bits.
 */
export const MAX_BLOCK_BYTES: i32 = 262144;
/** Segments of one code-block: TERMALL with 31 planes has 91. */
export const MAX_SEGMENTS: i32 = 128;

/** The bytes of all segments, each followed by `GUARD_BYTES` of FF. */
export const BYTES: usize = memory.data(262144 + 128 * 8 + 64, 16);
/** Bytes of FF that stand behind each segment. */
export const GUARD_BYTES: usize = 4;
/** For each segment two words: bytes, passes. */
export const SEGMENTS: usize = memory.data(128 * 8, 16);
/** Coefficients row after row: sign in bit 31, magnitude below. */
export const COEFFICIENTS: usize = memory.data(4096 * 4 + 64, 16);
/** One word for each stripe column, with a border all round; largest for blocks of 1024 × 4. */
export const FLAGS: usize = memory.data(1026 * 3 * 4 + 64, 16);
