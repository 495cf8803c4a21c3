/** Sequences: many files that are one object seen from several angles, or in several bands (BEHAVIOUR 4). */
import fs from 'node:fs';
import path from 'node:path';

/** One picture of a sequence: angles or bands by number. */
export interface View {
  readonly horizontal: number;
  readonly vertical: number;
}

/** The views that a sequence has, sorted: horizontal ones at vertical 90, vertical ones at horizontal 0. */
export interface Views {
  readonly horizontal: readonly number[];
  readonly vertical: readonly number[];
}

export interface Sequence {
  readonly views: Views;
  /** Path of a view's file, whether it exists or not. */
  readonly fileOf: (view: View) => string;
}

const EXTENSIONS = ['tif', 'tiff', 'jp2', 'jpx', 'j2k'];

/** The view that must exist, exactly once. */
const DEFAULT: View = { horizontal: 0, vertical: 90 };

/**
 * The sequence `base` + `pattern` + `HHH_VVV.ext`, angles of at least three digits; undefined when not exactly one
 * file has the default angles 000_090.
 */
export function findSequence(base: string, pattern: string): Sequence | undefined {
  const names = EXTENSIONS.map((extension) => fileName(base + pattern, DEFAULT, extension));
  const existing = EXTENSIONS.filter((_, i) => fs.existsSync(names[i]!));
  const [extension] = existing;
  if (extension === undefined || existing.length > 1) return undefined;
  const start = path.basename(base + pattern);
  const all = fs
    .readdirSync(path.dirname(base + pattern))
    .flatMap((name) => parseView(name, start, extension));
  const numbers = (values: readonly number[]): number[] => [...new Set(values)].sort((a, b) => a - b);
  return {
    views: {
      horizontal: numbers(
        all.filter((view) => view.vertical === DEFAULT.vertical).map((view) => view.horizontal),
      ),
      vertical: numbers(
        all.filter((view) => view.horizontal === DEFAULT.horizontal).map((view) => view.vertical),
      ),
    },
    fileOf: (view) => fileName(base + pattern, view, extension),
  };
}

/** `HHH_VVV.ext` behind the start of the name. */
function parseView(name: string, start: string, extension: string): View[] {
  if (!name.startsWith(start)) return [];
  const match = /^(\d{3,})_(\d{3,})\.(\w+)$/.exec(name.slice(start.length));
  const [, horizontal, vertical, ending] = match ?? [];
  return ending === extension ? [{ horizontal: Number(horizontal), vertical: Number(vertical) }] : [];
}

function fileName(start: string, { horizontal, vertical }: View, extension: string): string {
  return `${start}${String(horizontal).padStart(3, '0')}_${String(vertical).padStart(3, '0')}.${extension}`;
}
