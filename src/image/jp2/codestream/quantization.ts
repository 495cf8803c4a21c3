/** Step sizes of the bands: QCD and QCC (ISO/IEC 15444-1, A.6.4, A.6.5 and E.1). */
import type { ByteCursor } from '../byte-cursor.ts';
import { damagedJp2 } from '../damage.ts';

export interface BandStep {
  readonly exponent: number;
  readonly mantissa: number;
}

export interface Quantization {
  readonly guardBits: number;
  /** One step is stated, the others follow from it (equation E-5). */
  readonly isDerived: boolean;
  /** In the order of the bands: LL, then HL, LH, HH of every resolution. */
  readonly steps: readonly BandStep[];
}

/**
 *     u3 guard bits, u5 style; style 0: { u5 exponent, u3 }, style 1: one, style 2: all of { u5 exponent, u11 mantissa }
 */
export function parseQuantization(cursor: ByteCursor): Quantization {
  const first = cursor.u8();
  const guardBits = first >> 5;
  const style = first & 31;
  if (style > 2) throw damagedJp2('it has no known quantization', { style });
  const steps: BandStep[] = [];
  const width = style === 0 ? 1 : 2;
  while (cursor.left >= width) {
    if (style === 0) {
      steps.push({ exponent: cursor.u8() >> 3, mantissa: 0 });
    } else {
      const word = cursor.u16();
      steps.push({ exponent: word >> 11, mantissa: word & 0x7ff });
    }
  }
  if (steps.length === 0) throw damagedJp2('its step sizes are missing');
  return { guardBits, isDerived: style === 1, steps };
}

/** Of a band whose step is not stated, in files that are shown all the same. */
const NO_STEP: BandStep = { exponent: 0, mantissa: 0 };

/**
 * The step of a band.
 *
 * @param band 0 of LL and HL, 1 of LH, 2 of HH.
 */
export function bandStep({ isDerived, steps }: Quantization, resolution: number, band: number): BandStep {
  const [first = NO_STEP] = steps;
  if (isDerived) return { ...first, exponent: Math.max(0, first.exponent - Math.max(0, resolution - 1)) };
  return steps[resolution === 0 ? 0 : 3 * (resolution - 1) + 1 + band] ?? NO_STEP;
}
