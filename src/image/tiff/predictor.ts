/** Undoes the differences between neighbors that writers take before compression (TIFF 6.0, section 14, and TechNote 3). */

import { gatherByKernel, sumByKernel } from './codec-kernels.ts';

/** Rows of samples, row after row, `step` samples for each pixel. */
export interface SampleRows {
  /** Samples of a row. */
  readonly rowLength: number;
  readonly step: number;
}

/** Horizontal differencing (Predictor 2): every sample is the sum of the differences to its left, modulo its width. */
export function undoDifferences(
  samples: Uint8Array | Uint16Array | Uint32Array,
  { rowLength, step }: SampleRows,
): void {
  sumByKernel(samples, rowLength, step);
}

/** As `undoDifferences` for samples of 64 bits. */
export function undoWideDifferences(samples: BigUint64Array, { rowLength, step }: SampleRows): void {
  for (let start = 0; start + rowLength <= samples.length; start += rowLength) {
    for (let i = start + step; i < start + rowLength; i++) samples[i] = samples[i]! + samples[i - step]!;
  }
}

/**
 * Floating-point prediction (Predictor 3): in a row, all highest bytes come first, then all second highest and so
 * on, whatever the byte order of the file; each byte is the difference to the one `step` before.
 *
 * @returns the samples in little-endian order.
 */
export function undoFloatDifferences(bytes: Uint8Array, sampleBytes: number, rows: SampleRows): Uint8Array {
  return gatherByKernel(bytes, sampleBytes, rows);
}
