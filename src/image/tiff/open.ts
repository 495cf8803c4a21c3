/** Opens a TIFF: header, directories, pages, facts. */
import type { BlockReader } from '../block-reader.ts';
import type { OpenContext, Report } from '../open-context.ts';
import type { ImageReader } from '../reader.ts';
import { describeTiff } from './describe.ts';
import { readHeader } from './directory.ts';
import { readPages } from './pages.ts';
import { TiffReader } from './reader.ts';
import { StoredLevel } from './stored-level.ts';

/** Problems of one file that are told one by one. */
const MAX_REPORTS = 8;

/**
 * Opens a TIFF or BigTIFF of either byte order.
 *
 * @throws {ServerError} `damaged`, or `unsupported` when the pixels of its first image can't be decoded.
 */
export async function openTiff(
  blocks: BlockReader,
  { report, levels: store }: OpenContext,
): Promise<ImageReader> {
  const file = await readHeader(blocks);
  const { source } = blocks;
  // Not the file itself: its blocks are not needed any more.
  const format = { isLittleEndian: file.isLittleEndian, isBig: file.isBig };
  const limited = limitReports(report);
  const pages = (await readPages(file, limited.report)).map(({ levels, ...page }) => ({
    ...page,
    levels: levels.map((subfile) => new StoredLevel(source, format, subfile)),
  }));
  limited.finish();
  const info = await describeTiff(file, pages);
  return new TiffReader({ source, info, pages: pages.map(({ levels }) => levels) }, store);
}

/** The first few problems; at the end how many more there were. */
function limitReports(report: Report): { readonly report: Report; readonly finish: () => void } {
  let problems = 0;
  return {
    report: (message, facts) => {
      if (++problems <= MAX_REPORTS) report(message, facts);
    },
    finish: () => {
      if (problems > MAX_REPORTS) report('this TIFF has more such problems', { problems });
    },
  };
}
