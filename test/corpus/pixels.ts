/** Comparing pictures by their pixels. */

export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly bands: number;
  readonly data: Uint8Array;
}

/** Peak signal to noise ratio of the colors that both have, in dB; 0 when the sizes differ. */
export function psnr(a: Pixels, b: Pixels): number {
  if (a.width !== b.width || a.height !== b.height) return 0;
  const colors = Math.min(colorsOf(a), colorsOf(b));
  let sum = 0;
  const pixels = a.width * a.height;
  for (let i = 0; i < pixels; i++) {
    for (let band = 0; band < colors; band++) {
      const difference = a.data[i * a.bands + band]! - b.data[i * b.bands + band]!;
      sum += difference * difference;
    }
  }
  return sum === 0 ? Infinity : 10 * Math.log10((255 * 255 * pixels * colors) / sum);
}

function colorsOf({ bands }: Pixels): number {
  return bands < 3 ? 1 : 3;
}
