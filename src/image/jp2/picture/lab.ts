/** CIELab as JPEG 2000 files store it, to CIELAB as rasters hold it (16 bits as in TIFF 6, section 23). */
import { ByteCursor } from '../byte-cursor.ts';

/** What the whole range of samples stands for, and which part of it 0 is (ISO/IEC 15444-2, M.11.7.4.1), for L, a, b. */
export type LabRange = readonly {
  /** Difference between the largest and the smallest value. */
  readonly span: number;
  /** What the sample 0 means. */
  readonly least: number;
}[];

/** As profiles encode it (ICC.1, 6.3.4.2): a and b from -128 to 127. */
export const PROFILE_LAB: LabRange = [
  { span: 100, least: 0 },
  { span: 255, least: -128 },
  { span: 255, least: -128 },
];

const DEFAULT_SPANS = [100, 170, 200];

/**
 * The parameters of CIELab: `{ u32 range, u32 offset }` for L, a, b; where they are missing, what the standard says.
 *
 * @param precisions bits of the three channels.
 */
export function parseLabRange(parameters: Uint8Array, precisions: readonly number[]): LabRange {
  const cursor = new ByteCursor(parameters);
  const isStated = cursor.left >= 24;
  return DEFAULT_SPANS.map((defaultSpan, i) => {
    const precision = precisions[i] ?? 8;
    const span = isStated ? cursor.u32() : defaultSpan;
    const offset = isStated ? cursor.u32() : defaultOffset(i, precision);
    return { span, least: (-offset * span) / (2 ** precision - 1) };
  });
}

/** 0 for L, half for a, three eighths for b. */
function defaultOffset(channel: number, precision: number): number {
  if (channel === 0) return 0;
  return channel === 1 ? 2 ** (precision - 1) : 2 ** (precision - 2) + 2 ** (precision - 3);
}

/**
 * In place: samples over the whole of 16 bits become L* of 15 bits in the high ones, a* and b* times 256 in two's
 * complement.
 */
export function labToTiff(data: Uint16Array, bands: number, range: LabRange): void {
  const [lightness, a, b] = range.map(({ span, least }) => ({ scale: span / 65535, least }));
  if (lightness === undefined || a === undefined || b === undefined) return;
  for (let i = 0; i + 2 < data.length; i += bands) {
    const level = Math.min(Math.max(data[i]! * lightness.scale + lightness.least, 0), 100);
    data[i] = Math.round(level * 327.67) * 2;
    data[i + 1] = twosComplement(data[i + 1]! * a.scale + a.least);
    data[i + 2] = twosComplement(data[i + 2]! * b.scale + b.least);
  }
}

function twosComplement(value: number): number {
  return Math.round(Math.min(Math.max(value * 256, -32768), 32767)) & 0xffff;
}
