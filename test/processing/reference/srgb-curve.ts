/** The transfer curve of sRGB (IEC 61966-2-1), from linear light to coded values, as a fine table. */

const STEPS = 16384;

// One more than the steps, so that there is a next entry to go towards at 1.
const CURVE = new Float32Array(STEPS + 2).map((_, i) => encodeExactly(Math.min(i / STEPS, 1)));

/** The coded value, 0 to 1, of linear light; clipped to 0 to 1; within 4e-6 of the exact curve. NaN gives 0. */
export function srgbEncode(linear: number): number {
  if (!(linear > 0)) return 0;
  if (linear >= 1) return 1;
  const position = linear * STEPS;
  const index = position | 0;
  const low = CURVE[index]!;
  return low + (position - index) * (CURVE[index + 1]! - low);
}

function encodeExactly(linear: number): number {
  return linear <= 0.0031308 ? 12.92 * linear : 1.055 * Math.pow(linear, 1 / 2.4) - 0.055;
}
