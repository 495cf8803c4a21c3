/** Which subfiles of a TIFF are pages, which are levels of them, and which are neither (BEHAVIOUR 4). */
import { ServerError } from '../../errors.ts';
import type { Report } from '../open-context.ts';
import { ChainReader } from './chain.ts';
import type { Candidate } from './chain.ts';
import type { TiffFile } from './directory.ts';
import { readPlanes } from './planes.ts';
import type { Planes } from './planes.ts';
import { isAlike, isReduction, isTiled, levelsOf } from './pyramid.ts';
import type { Pyramid } from './pyramid.ts';
import { ROLE } from './subfile.ts';

/** A page: its levels, the largest first, and its name where a description of the whole file has one. */
export interface TiffPage {
  readonly levels: Pyramid;
  readonly name?: string;
}

interface Draft {
  readonly full: Candidate;
  /** Smaller copies of it in the main chain. */
  readonly copies: Candidate[];
}

/**
 * The pages of a file, page 0 first.
 *
 * A page is what is marked as one, what the OME description calls a plane, and every full image that is no smaller
 * copy of one before it. Masks, and copies that fit no page, are left out, and so are pages that cannot be decoded.
 *
 * @throws {ServerError} `damaged` when the first directory can't be read, `unsupported` when its pixels can't.
 */
export async function readPages(file: TiffFile, report: Report): Promise<readonly [TiffPage, ...TiffPage[]]> {
  const reader = new ChainReader(file, report);
  const chain = await reader.readMain();
  const first = await fullImage(chain, reader);
  if (first === undefined) throw new ServerError('damaged', 'damaged TIFF: it has no image');
  if (first.refusal !== undefined) throw first.refusal;
  const planes = await readPlanes(file, first, chain, report);
  const [draft, ...drafts] = draftPages(first, chain, planes, report);
  const finish = async ({ full, copies }: Draft): Promise<TiffPage> => {
    const nested = await reader.readNested(full.subfile.directory);
    const name = planes.names.get(full.index);
    return { levels: levelsOf(full, [...nested, ...copies]), ...(name === undefined ? {} : { name }) };
  };
  const page = await finish(draft);
  const pages: TiffPage[] = [];
  for (const rest of drafts) pages.push(await finish(rest));
  const behind = planes.behind.map(({ subfile, name }) => ({ levels: [subfile] as const, name }));
  return [page, ...pages, ...behind];
}

/**
 * The first image; the largest like it when pyramids are stored the wrong way round, and the largest of all, in the
 * chain or in SubIFDs, when the first is a reduced copy.
 */
async function fullImage(chain: readonly Candidate[], reader: ChainReader): Promise<Candidate | undefined> {
  const [first, ...others] = chain;
  if (first === undefined) return undefined;
  const isCopy = has(first, ROLE.reduced) || has(first, ROLE.mask);
  const larger = others.filter(
    (other) => isFullOf(other, first) && (isCopy || (isTiled(other.subfile) && isCopyOf(first, other))),
  );
  if (isCopy && larger.length === 0) {
    const nested = await reader.readNested(first.subfile.directory);
    larger.push(...nested.filter((other) => other.layout !== undefined && isFullOf(other, first)));
  }
  return larger.reduce((best, other) => (other.subfile.width > best.subfile.width ? other : best), first);
}

function isFullOf(other: Candidate, first: Candidate): boolean {
  return !has(other, ROLE.reduced) && !has(other, ROLE.mask) && other.subfile.width > first.subfile.width;
}

function isCopyOf(other: Candidate, full: Candidate): boolean {
  return isReduction(other.subfile, full.subfile) && isAlike(other.subfile, full);
}

function draftPages(
  first: Candidate,
  chain: readonly Candidate[],
  planes: Planes,
  report: Report,
): [Draft, ...Draft[]] {
  const page0: Draft = { full: first, copies: [] };
  const rest: Draft[] = [];
  for (const other of chain) {
    if (other === first || has(other, ROLE.mask)) continue;
    const original = planes.names.has(other.index)
      ? undefined
      : [rest.at(-1), page0].find((page) => page !== undefined && isLevelOf(other, page.full));
    if (original !== undefined) original.copies.push(other);
    else if (planes.names.has(other.index) || isPage(other, page0.full)) addPage(other, rest, report);
  }
  return [page0, ...rest];
}

function addPage(full: Candidate, pages: Draft[], report: Report): void {
  if (full.refusal === undefined) pages.push({ full, copies: [] });
  else report('a page of this TIFF is left out', { page: full.index, reason: full.refusal.message });
}

/**
 * Levels of a tiled image are tiled; those of an image in strips are marked as copies, or else they are pages: the
 * same document is scanned at 300 and at 150 dpi.
 */
function isLevelOf(other: Candidate, full: Candidate): boolean {
  if (has(other, ROLE.page) && !has(other, ROLE.reduced)) return false;
  const hasLayout = isTiled(full.subfile) ? isTiled(other.subfile) : has(other, ROLE.reduced);
  if (!hasLayout || !isReduction(other.subfile, full.subfile)) return false;
  return has(other, ROLE.reduced) || isAlike(other.subfile, full);
}

/** What is no level: a page, unless it is marked as a copy of something or is a thumbnail of the first image. */
function isPage(other: Candidate, first: Candidate): boolean {
  if (has(other, ROLE.page) && !has(other, ROLE.reduced)) return true;
  if (has(other, ROLE.reduced)) return false;
  const isThumbnail =
    isTiled(first.subfile) && !isTiled(other.subfile) && isReduction(other.subfile, first.subfile);
  return !isThumbnail;
}

function has({ subfile }: Candidate, role: number): boolean {
  return (subfile.role & role) !== 0;
}
