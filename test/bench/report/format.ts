/** Numbers as they are printed. */
import type { Spread } from '../statistics.ts';

/** Three digits that count, and no fewer before the point than there are. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** `1.21 (1.15–1.30)` */
export const spread = ({ median, min, max }: Spread): string =>
  `${digits(median)} (${digits(min)}–${digits(max)})`;

/** A table in Markdown; the first row is the head. */
export function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
