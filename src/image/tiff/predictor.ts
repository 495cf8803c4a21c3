/** Undoes the differences between neighbors that writers take before compression (TIFF 6.0, section 14, and TechNote 3). */

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
  for (let start = 0; start + rowLength <= samples.length; start += rowLength) {
    const end = start + rowLength;
    if (step === 1) sumRow(samples, start, end);
    else if (step === 3) sumRow3(samples, start, end);
    else for (let i = start + step; i < end; i++) samples[i] = samples[i]! + samples[i - step]!;
  }
}

/** One and three bands keep their sums in variables: half the time of the general loop. */
function sumRow(samples: Uint8Array | Uint16Array | Uint32Array, start: number, end: number): void {
  let sum = 0;
  for (let i = start; i < end; i++) {
    sum = (sum + samples[i]!) | 0;
    samples[i] = sum;
  }
}

function sumRow3(samples: Uint8Array | Uint16Array | Uint32Array, start: number, end: number): void {
  let first = 0;
  let second = 0;
  let third = 0;
  for (let i = start; i + 2 < end; i += 3) {
    first = (first + samples[i]!) | 0;
    second = (second + samples[i + 1]!) | 0;
    third = (third + samples[i + 2]!) | 0;
    samples[i] = first;
    samples[i + 1] = second;
    samples[i + 2] = third;
  }
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
export function undoFloatDifferences(
  bytes: Uint8Array,
  sampleBytes: number,
  { rowLength, step }: SampleRows,
): Uint8Array {
  const output = new Uint8Array(bytes.length);
  const rowBytes = rowLength * sampleBytes;
  undoDifferences(bytes, { rowLength: rowBytes, step });
  for (let start = 0; start + rowBytes <= bytes.length; start += rowBytes) {
    for (let plane = 0; plane < sampleBytes; plane++) {
      let to = start + sampleBytes - 1 - plane;
      const from = start + plane * rowLength;
      for (let i = from; i < from + rowLength; i++, to += sampleBytes) output[to] = bytes[i]!;
    }
  }
  return output;
}
