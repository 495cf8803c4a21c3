/** Which subfiles of a TIFF are levels, which are pages of a stack, and which are neither (BEHAVIOUR 4). */
import { ServerError } from '../../errors.ts';
import { readDirectory } from './directory.ts';
import type { Directory, TiffFile } from './directory.ts';
import { isReadable } from './readable.ts';
import { isSameLayout, pixelLayout } from './pixel-layout.ts';
import { readSubfile, ROLE } from './subfile.ts';
import type { Subfile } from './subfile.ts';
import { entryOf, readNumbers } from './values.ts';

/** Directories read from one file; a longer chain is cut here. */
const MAX_DIRECTORIES = 4_096;

/** Sizes of A paper, in the same resolution, differ by 1.41. */
const LEAST_UNMARKED_FACTOR = 1.5;

/** Pixels by which a side may differ from the exact one after some halvings. */
const ROUNDING = 2;

/** One page: its levels, the largest first. Never empty. */
export type Pyramid = readonly [Subfile, ...Subfile[]];

/**
 * The pages of a file, page 0 first, all with as many levels, of the same sizes.
 *
 * @throws {ServerError} `damaged` when the first directory can't be read, `unsupported` when its samples can't.
 */
export async function readPyramids(file: TiffFile): Promise<readonly [Pyramid, ...Pyramid[]]> {
  const visited = new Set<number>();
  const chain = await readChain(file, file.firstDirectory, visited);
  const base = fullImage(chain);
  if (base === undefined) throw new ServerError('damaged', 'damaged TIFF: it has no image');
  const first = await readPyramid(file, base, chain, visited);
  if (!has(base, ROLE.page)) return [first];
  const rest: Pyramid[] = [];
  for (const page of chain) {
    if (page === base || !has(page, ROLE.page) || !isSameKind(page, base) || !isSameSize(page, base))
      continue;
    rest.push(await readPyramid(file, page, chain, visited));
  }
  return commonLevels([first, ...rest]);
}

/**
 * The subfiles of a chain of directories. Only the first has to be there: a later one that is damaged, seen
 * before, or no image ends the chain or is left out, and the picture is served without it.
 */
async function readChain(file: TiffFile, start: number, visited: Set<number>): Promise<Subfile[]> {
  const chain: Subfile[] = [];
  let offset = start;
  while (offset !== 0 && !visited.has(offset) && visited.size < MAX_DIRECTORIES) {
    visited.add(offset);
    const isFirst = offset === start;
    const directory = await orNothing(readDirectory(file, offset), isFirst);
    if (directory === undefined) break;
    const subfile = await orNothing(readSubfile(file, directory), isFirst);
    if (subfile !== undefined) chain.push(subfile);
    offset = directory.next;
  }
  return chain;
}

/** Damage becomes undefined unless what is damaged is needed. */
async function orNothing<T>(reading: Promise<T>, isNeeded: boolean): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    const isDamage = error instanceof ServerError && error.kind === 'damaged';
    if (isNeeded || !isDamage) throw error;
    return undefined;
  }
}

/** The first image; the largest like it when that is a reduced copy or pyramids are stored the wrong way round. */
function fullImage(chain: readonly Subfile[]): Subfile | undefined {
  const [first, ...others] = chain;
  if (first === undefined) return undefined;
  const isCopy = has(first, ROLE.reduced) || has(first, ROLE.mask);
  const larger = others.filter((other) => {
    if (has(other, ROLE.reduced) || has(other, ROLE.mask) || other.width <= first.width) return false;
    return (
      isCopy || (isReadable(other) && isSameKind(other, first) && isTiled(other) && isReduction(first, other))
    );
  });
  return larger.reduce((best, other) => (other.width > best.width ? other : best), first);
}

async function readPyramid(
  file: TiffFile,
  base: Subfile,
  chain: readonly Subfile[],
  visited: Set<number>,
): Promise<Pyramid> {
  const nested = await readNested(file, base.directory, visited);
  const levels = [...nested, ...followers(base, chain)]
    .filter((other) => isReduction(other, base) && isLevelLayout(other, base))
    .map((other) => withFormatOf(base, other))
    .filter((other) => isSameKind(other, base))
    .sort((a, b) => b.width - a.width || b.height - a.height);
  return [base, ...shrinking(levels)];
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

/** Levels of a tiled image are tiled; those of an image in strips are marked as copies, or else they are pages. */
function isLevelLayout(other: Subfile, base: Subfile): boolean {
  return isTiled(base) ? isTiled(other) : has(other, ROLE.reduced);
}

/** libvips states the sample format of the full image only, others its value for no data; its copies have the same. */
function withFormatOf(base: Subfile, copy: Subfile): Subfile {
  const isStated = entryOf(copy.directory, 'SampleFormat') !== undefined;
  const { noData } = base;
  return { ...copy, noData, sampleFormat: isStated ? copy.sampleFormat : base.sampleFormat };
}

/** The subfiles that the SubIFDs of a directory name, with the chains that begin there. */
async function readNested(file: TiffFile, directory: Directory, visited: Set<number>): Promise<Subfile[]> {
  const nested: Subfile[] = [];
  for (const offset of await readNumbers(file, directory, 'SubIFDs')) {
    const chain = await orNothing(readChain(file, offset, visited), false);
    nested.push(...(chain ?? []));
  }
  return nested;
}

/** Subfiles of the main chain that may be levels of a page: all that are no pages, in a stack up to the next page. */
function followers(base: Subfile, chain: readonly Subfile[]): readonly Subfile[] {
  if (!has(base, ROLE.page)) return chain.filter((other) => other !== base && !has(other, ROLE.page));
  const rest = chain.slice(chain.indexOf(base) + 1);
  const next = rest.findIndex((other) => has(other, ROLE.page) && !has(other, ROLE.reduced));
  return next < 0 ? rest : rest.slice(0, next);
}

/** Only the levels that every page has. */
function commonLevels(pages: readonly [Pyramid, ...Pyramid[]]): readonly [Pyramid, ...Pyramid[]] {
  const [[first, ...levels]] = pages;
  const common = [
    first,
    ...levels.filter((level) => pages.every((page) => page.some((own) => isSameSize(own, level)))),
  ];
  const narrow = ([base, ...own]: Pyramid): Pyramid => [
    base,
    ...own.filter((level) => common.some((size) => isSameSize(size, level))),
  ];
  const [page0, ...rest] = pages;
  return [narrow(page0), ...rest.map(narrow)];
}

/**
 * A smaller copy of the whole of `full`: some factor explains both sides to within 2 pixels of rounding. Without a
 * mark it must be clearly smaller, or it is a page that happens to have nearly the size of the first.
 */
function isReduction(other: Subfile, full: Subfile): boolean {
  const leastFactor = has(other, ROLE.reduced) ? 1 : LEAST_UNMARKED_FACTOR;
  const isSmaller = other.width * leastFactor <= full.width && other.height <= full.height;
  if (has(other, ROLE.mask) || isSameSize(other, full) || !isSmaller) return false;
  const horizontal = factorRange(full.width, other.width);
  const vertical = factorRange(full.height, other.height);
  return Math.max(horizontal.least, vertical.least) <= Math.min(horizontal.most, vertical.most);
}

function factorRange(full: number, reduced: number): { readonly least: number; readonly most: number } {
  return { least: full / (reduced + ROUNDING), most: full / Math.max(reduced - ROUNDING, 0) };
}

function isSameSize(a: Subfile, b: Subfile): boolean {
  return a.width === b.width && a.height === b.height;
}

function isSameKind(a: Subfile, b: Subfile): boolean {
  return isReadable(a) && isReadable(b) && isSameLayout(pixelLayout(a), pixelLayout(b));
}

function isTiled(subfile: Subfile): boolean {
  return subfile.grid.kind === 'tiles';
}

function has(subfile: Subfile, role: number): boolean {
  return (subfile.role & role) !== 0;
}
