/** TIFF's horizontal differencing (TIFF 6.0, section 14). */

/**
 * A copy in which every sample is less the sample of the same band in the pixel to its left, the first pixel of each
 * row as it was.
 *
 * @param samples whole rows of `rowSamples` samples, `bands` for each pixel.
 */
export function differenced<T extends Uint8Array | Uint16Array>(
  samples: T,
  rowSamples: number,
  bands: number,
): T {
  const out = samples.slice() as T;
  for (let start = 0; start < samples.length; start += rowSamples) {
    const end = start + rowSamples;
    for (let i = start + bands; i < end; i++) out[i] = samples[i]! - samples[i - bands]!;
  }
  return out;
}
