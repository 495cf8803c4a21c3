/** What every reader checks before it decodes: that an address names pixels that exist, and not too many of them. */
import { ServerError } from '../errors.ts';
import { infoOfPage } from './info.ts';
import type { ImageInfo, LevelInfo } from './info.ts';
import type { TileAddress, WindowAddress } from './reader.ts';

/** Samples of one raster: 268 million. */
export const MAX_SAMPLES = 2 ** 28;

/**
 * The level that an address speaks of.
 *
 * @throws {ServerError} `not-found` for a page or level that the image does not have.
 */
export function checkLevel(
  info: ImageInfo,
  address: { readonly page: number; readonly level: number },
): LevelInfo {
  const { page, level } = address;
  if (info.pages[page] === undefined) throw new ServerError('not-found', `the image has no page ${page}`);
  const found = infoOfPage(info, page).levels[level];
  if (found === undefined) throw new ServerError('not-found', `the image has no level ${level}`);
  return found;
}

/**
 * The level of a window that lies inside it.
 *
 * @throws {ServerError} `not-found` as `checkLevel`; `bad-request` for a window that is empty, not made of whole
 * numbers, or not wholly inside the level; `too-large` over `MAX_SAMPLES`.
 */
export function checkWindow(info: ImageInfo, address: WindowAddress): LevelInfo {
  const level = checkLevel(info, address);
  const { x, y, width, height } = address.window;
  const isInside =
    [x, y, width, height].every(Number.isSafeInteger) &&
    x >= 0 &&
    y >= 0 &&
    width > 0 &&
    height > 0 &&
    x + width <= level.width &&
    y + height <= level.height;
  if (!isInside) throw new ServerError('bad-request', 'the region is not inside the image');
  if (width * height * infoOfPage(info, address.page).bands > MAX_SAMPLES)
    throw new ServerError('too-large', 'the region is too large');
  return level;
}

/**
 * The level of a tile that lies inside its grid.
 *
 * @throws {ServerError} `not-found` for a page, level or tile that the image does not have.
 */
export function checkTile(info: ImageInfo, address: TileAddress): LevelInfo {
  const level = checkLevel(info, address);
  const { column, row } = address;
  const isInside =
    Number.isSafeInteger(column) &&
    Number.isSafeInteger(row) &&
    column >= 0 &&
    row >= 0 &&
    column * level.tileWidth < level.width &&
    row * level.tileHeight < level.height;
  if (!isInside) throw new ServerError('not-found', 'the image has no such tile');
  return level;
}
