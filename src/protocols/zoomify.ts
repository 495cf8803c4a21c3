/** Zoomify: `{path}/ImageProperties.xml` and `{path}/TileGroup{n}/{tier}-{column}-{row}.jpg`. */
import { after, type Awaitable } from '../awaitable.ts';
import { ServerError } from '../errors.ts';
import { fullSize } from '../geometry.ts';
import type { Size } from '../image/raster.ts';
import { findPage, type FoundPage } from './find-page.ts';
import { percentDecode } from './percent.ts';
import type { Answer, FoundImage, Protocol, ProtocolContext } from './protocol.ts';
import { planPyramidTile, wishFor } from './pyramid-tile.ts';

export const zoomify: Protocol = {
  answer: ({ argument }, _request, context) => {
    const path = percentDecode(argument);
    const properties = /^(.+)\/ImageProperties\.xml$/i.exec(path);
    if (properties?.[1] !== undefined) return answerProperties(properties[1], context);
    const tile = TILE_PATH.exec(path);
    if (tile === null)
      throw new ServerError(
        'bad-request',
        'this is neither ImageProperties.xml nor a tile of a Zoomify image',
      );
    return answerTile(tile, context);
  },
};

/** The group number says nothing that tier, column and row do not. */
const TILE_PATH = /^(.+)\/TileGroup\d{1,9}\/(\d{1,3})-(\d{1,9})-(\d{1,9})\.jpe?g$/i;

interface Tiled extends Size {
  readonly tileWidth: number;
  readonly tileHeight: number;
}

/** Sizes of the tiers from the largest down: halved, rounded down, until one tile holds the image. */
export function zoomifyTiers(full: Tiled): readonly Size[] {
  const tiers: Size[] = [{ width: full.width, height: full.height }];
  for (let factor = 2; !fitsOneTile(tiers.at(-1)!, full); factor *= 2) {
    tiers.push({
      width: Math.max(1, Math.floor(full.width / factor)),
      height: Math.max(1, Math.floor(full.height / factor)),
    });
  }
  return tiers;
}

function fitsOneTile(size: Size, { tileWidth, tileHeight }: Tiled): boolean {
  return size.width <= tileWidth && size.height <= tileHeight;
}

function answerProperties(name: string, context: ProtocolContext): Awaitable<Answer> {
  return after(findPage(name, context), ({ image }) => properties(image));
}

function properties(image: FoundImage): Answer {
  const full = fullSize(image.info);
  const count = zoomifyTiers(full).reduce(
    (sum, tier) => sum + Math.ceil(tier.width / full.tileWidth) * Math.ceil(tier.height / full.tileHeight),
    0,
  );
  const text =
    `<IMAGE_PROPERTIES WIDTH="${full.width}" HEIGHT="${full.height}" NUMTILES="${count}"` +
    ` NUMIMAGES="1" VERSION="1.8" TILESIZE="${full.tileWidth}"/>`;
  return { kind: 'document', contentType: 'application/xml', text, image };
}

function answerTile(match: RegExpExecArray, context: ProtocolContext): Awaitable<Answer> {
  return after(findPage(match[1] ?? '', context), (found) => tileOf(found, match, context));
}

function tileOf(found: FoundPage, match: RegExpExecArray, context: ProtocolContext): Answer {
  const [, , tier, column, row] = match;
  const { image } = found;
  const tiers = zoomifyTiers(fullSize(image.info));
  const index = tiers.length - 1 - Number(tier);
  const size = tiers[index];
  if (size === undefined) throw new ServerError('not-found', 'the image has no such tier');
  const plan = planPyramidTile(wishFor(found, 'jpeg', context), {
    factor: 2 ** index,
    size,
    column: Number(column),
    row: Number(row),
    settings: context.config,
  });
  return { kind: 'picture', plan, image };
}
