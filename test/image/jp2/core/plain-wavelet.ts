/** The inverse wavelet transforms as the standard writes them (ISO/IEC 15444-1 Annex F), one sample at a time. */
import type { Bounds } from '../../../../src/image/jp2/core/types.ts';

/** Samples by their places: `at(x, y)` for what `bounds` hold. */
export interface Samples {
  readonly bounds: Bounds;
  readonly values: Float64Array;
}

export function samplesOf(bounds: Bounds, value: (x: number, y: number) => number): Samples {
  const width = bounds.x1 - bounds.x0;
  const height = bounds.y1 - bounds.y0;
  const values = new Float64Array(Math.max(0, width) * Math.max(0, height));
  for (let i = 0; i < values.length; i++)
    values[i] = value(bounds.x0 + (i % width), bounds.y0 + Math.floor(i / width));
  return { bounds, values };
}

export function at({ bounds, values }: Samples, x: number, y: number): number {
  return values[(y - bounds.y0) * (bounds.x1 - bounds.x0) + x - bounds.x0]!;
}

/** 2D_SR: interleaves the bands, then rows, then columns. */
export function synthesize(
  bounds: Bounds,
  [ll, hl, lh, hh]: readonly [Samples, Samples, Samples, Samples],
  isReversible: boolean,
): Samples {
  const interleaved = samplesOf(bounds, (x, y) => {
    const band = x % 2 === 0 ? (y % 2 === 0 ? ll : lh) : y % 2 === 0 ? hl : hh;
    return at(band, Math.floor(x / 2), Math.floor(y / 2));
  });
  const line = isReversible ? reversibleLine : irreversibleLine;
  const rows = samplesOf(bounds, () => 0);
  for (let y = bounds.y0; y < bounds.y1; y++) {
    const row = line(bounds.x0, bounds.x1, (x) => at(interleaved, x, y));
    for (let x = bounds.x0; x < bounds.x1; x++)
      rows.values[(y - bounds.y0) * (bounds.x1 - bounds.x0) + x - bounds.x0] = row(x);
  }
  const columns: ((y: number) => number)[] = [];
  for (let x = bounds.x0; x < bounds.x1; x++) columns.push(line(bounds.y0, bounds.y1, (y) => at(rows, x, y)));
  return samplesOf(bounds, (x, y) => columns[x - bounds.x0]!(y));
}

type Line = (i: number) => number;

/** Equation F-4: whole-sample symmetric. */
function extended(from: number, to: number, value: Line): Map<number, number> {
  const last = to - 1;
  const samples = new Map<number, number>();
  for (let i = from - 8; i < to + 8; i++) {
    const period = 2 * (last - from);
    const offset = (((i - from) % period) + period) % period;
    samples.set(i, value(from + Math.min(offset, period - offset)));
  }
  return samples;
}

function reversibleLine(from: number, to: number, value: Line): Line {
  if (to - from === 1) return (i) => (i % 2 === 0 ? value(i) : Math.floor(value(i) / 2));
  const y = extended(from, to, value);
  const even = (i: number): number => y.get(i)! - Math.floor((y.get(i - 1)! + y.get(i + 1)! + 2) / 4);
  return (i) => (i % 2 === 0 ? even(i) : y.get(i)! + Math.floor((even(i - 1) + even(i + 1)) / 2));
}

/** Table F.4. */
const FACTORS = [0.443506852043971, 0.882911075530934, -0.052980118572961, -1.586134342059924];
const K = 1.230174104914001;

function irreversibleLine(from: number, to: number, value: Line): Line {
  if (to - from === 1) return (i) => (i % 2 === 0 ? value(i) : value(i) / 2);
  const x = new Map([...extended(from, to, value)].map(([i, v]) => [i, i % 2 === 0 ? v * K : v / K]));
  for (const [step, factor] of FACTORS.entries())
    for (let i = from - 7 + step; i < to + 7 - step; i++)
      if (Math.abs(i % 2) === step % 2) x.set(i, x.get(i)! - factor * (x.get(i - 1)! + x.get(i + 1)!));
  return (i) => x.get(i)!;
}
