/** TIFF's horizontal differencing (TIFF 6.0, section 14). */

/**
 * A copy in which every sample is less the sample of the same band in the pixel to its left, the first pixel of each
 * row as it was.
 *
 * @param samples whole rows of `rowSamples` samples, `bands` for each pixel.
 */
export function differenced(
  samples: Uint8Array | Uint16Array,
  rowSamples: number,
  bands: number,
): Uint8Array | Uint16Array {
  // Not slice(), which does not copy when the samples are a Buffer.
  const out = samples instanceof Uint8Array ? new Uint8Array(samples) : new Uint16Array(samples);
  for (let start = 0; start < samples.length; start += rowSamples) {
    const end = start + rowSamples;
    for (let i = start + bands; i < end; i++) out[i] = samples[i]! - samples[i - bands]!;
  }
  return out;
}
