/** The levels of one page of a TIFF, out of the subfiles that may be smaller copies of it. */
import { ServerError } from '../../errors.ts';
import type { Candidate } from './chain.ts';
import { isSameLayout } from './pixel-layout.ts';
import type { PixelLayout } from './pixel-layout.ts';
import { checkReadable } from './readable.ts';
import { ROLE } from './subfile.ts';
import type { Subfile } from './subfile.ts';
import { entryOf } from './values.ts';

/** Sizes of A paper, in the same resolution, differ by 1.41. */
const LEAST_UNMARKED_FACTOR = 1.5;

/** Pixels by which a side may differ from the exact one after some halvings. */
const ROUNDING = 2;

/** One page: its levels, the largest first. Never empty. */
export type Pyramid = readonly [Subfile, ...Subfile[]];

/** The full image with those of the copies that are levels of it: as large as they must be, and in the same pixels. */
export function levelsOf(full: Candidate, copies: readonly Candidate[]): Pyramid {
  const base = full.subfile;
  const levels = copies
    .map(({ subfile }) => subfile)
    .filter((other) => isReduction(other, base) && (!isTiled(base) || isTiled(other)))
    .filter((other) => isAlike(other, full))
    .map((other) => withFormatOf(base, other))
    .sort((a, b) => b.width - a.width || b.height - a.height);
  return [base, ...shrinking(levels)];
}

/**
 * A smaller copy of the whole of `full`: some factor explains both sides to within 2 pixels of rounding. Without a
 * mark it must be clearly smaller, or it is a page that happens to have nearly the size of the first.
 */
export function isReduction(other: Subfile, full: Subfile): boolean {
  const isMarked = (other.role & ROLE.reduced) !== 0;
  const leastFactor = isMarked ? 1 : LEAST_UNMARKED_FACTOR;
  const isSmaller = other.width * leastFactor <= full.width && other.height <= full.height;
  if ((other.role & ROLE.mask) !== 0 || isSameSize(other, full) || !isSmaller) return false;
  const horizontal = factorRange(full.width, other.width);
  const vertical = factorRange(full.height, other.height);
  return Math.max(horizontal.least, vertical.least) <= Math.min(horizontal.most, vertical.most);
}

/** Whether the pixels of a copy can stand for those of the full image. */
export function isAlike(copy: Subfile, { subfile, layout }: Candidate): boolean {
  return layout !== undefined && isLayoutOf(withFormatOf(subfile, copy), layout);
}

export function isTiled(subfile: Subfile): boolean {
  return subfile.grid.kind === 'tiles';
}

/** Of sorted levels those that are smaller than the one before. */
function shrinking(levels: readonly Subfile[]): readonly Subfile[] {
  return levels.reduce<Subfile[]>((kept, level) => {
    const last = kept.at(-1);
    const isSmaller = last === undefined || (level.height <= last.height && !isSameSize(level, last));
    if (isSmaller) kept.push(level);
    return kept;
  }, []);
}

/** libvips states the sample format of the full image only, others its value for no data; its copies have the same. */
function withFormatOf(base: Subfile, copy: Subfile): Subfile {
  const isStated = entryOf(copy.directory, 'SampleFormat') !== undefined;
  const { noData } = base;
  return { ...copy, noData, sampleFormat: isStated ? copy.sampleFormat : base.sampleFormat };
}

function isLayoutOf(subfile: Subfile, layout: PixelLayout): boolean {
  try {
    return isSameLayout(checkReadable(subfile), layout);
  } catch (error) {
    if (error instanceof ServerError) return false;
    throw error;
  }
}

function factorRange(full: number, reduced: number): { readonly least: number; readonly most: number } {
  return { least: full / (reduced + ROUNDING), most: full / Math.max(reduced - ROUNDING, 0) };
}

function isSameSize(a: Subfile, b: Subfile): boolean {
  return a.width === b.width && a.height === b.height;
}
