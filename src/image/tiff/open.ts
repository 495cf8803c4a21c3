/** Opens a TIFF: header, directories, levels, facts. */
import type { BlockReader } from '../block-reader.ts';
import type { ImageReader } from '../reader.ts';
import { describeTiff } from './describe.ts';
import { readHeader } from './directory.ts';
import { readPyramids } from './pyramid.ts';
import { TiffReader } from './reader.ts';
import { StoredLevel } from './stored-level.ts';

/**
 * Opens a TIFF or BigTIFF of either byte order.
 *
 * @throws {ServerError} `damaged`, or `unsupported` when the pixels of its first image can't be decoded.
 */
export async function openTiff(blocks: BlockReader): Promise<ImageReader> {
  const file = await readHeader(blocks);
  const { source } = blocks;
  // Not the file itself: its blocks are not needed any more.
  const format = { isLittleEndian: file.isLittleEndian, isBig: file.isBig };
  const pyramids = await readPyramids(file);
  const pages = pyramids.map((levels) => levels.map((subfile) => new StoredLevel(source, format, subfile)));
  return new TiffReader(source, await describeTiff(file, pages), pages);
}
