/** Which levels are put between and below those that a file stores (BEHAVIOUR 4). */
import type { ImageInfo, LevelInfo, VirtualSource } from '../info.ts';
import type { Size } from '../raster.ts';

/** A tiled picture of up to so many tiles a side needs no smaller one; one in strips does, as no part of it is cheap. */
const MOST_TILES = 4;

/** Stored levels that differ by more have levels put between them: viewers halve. */
const LEAST_GAP = 3;

type Round = (value: number) => number;

/** The facts with the virtual levels of every page put among the stored ones. */
export function withAllLevels(info: ImageInfo): ImageInfo {
  // JPEG 2000 rounds up, as its own levels do; else every pixel has a whole square.
  const round = info.format === 'jp2' ? Math.ceil : Math.floor;
  const pages = info.pages.map((page) =>
    page.own === undefined
      ? page
      : { ...page, own: { ...page.own, levels: completeLevels(page.own.levels, round) } },
  );
  return { ...info, levels: completeLevels(info.levels, round), pages };
}

/** Stored and virtual levels, the largest first. */
function completeLevels(stored: readonly LevelInfo[], round: Round): readonly LevelInfo[] {
  return stored.flatMap((level, index) => {
    const next = stored[index + 1];
    const sizes = next === undefined ? sizesBelow(level, round) : sizesBetween(level, next, round);
    return [
      level,
      ...sizes.map((size, step) => virtualOf(level, size, { from: index, factor: 2 ** (step + 1) })),
    ];
  });
}

function virtualOf(
  { tileWidth, tileHeight, compression }: LevelInfo,
  size: Size,
  virtual: VirtualSource,
): LevelInfo {
  return { ...size, tileWidth, tileHeight, compression, virtual };
}

/** Sizes until one tile holds the picture. */
function sizesBelow(level: LevelInfo, round: Round): Size[] {
  const { tileWidth, tileHeight } = level;
  const most = level.isCut === true ? 1 : MOST_TILES;
  if (level.width <= most * tileWidth && level.height <= most * tileHeight) return [];
  const sizes: Size[] = [];
  let factor = 1;
  let size: Size = level;
  while (size.width > tileWidth || size.height > tileHeight) {
    factor *= 2;
    size = divided(level, factor, round);
    sizes.push(size);
  }
  return sizes;
}

function sizesBetween(level: LevelInfo, next: Size, round: Round): Size[] {
  const sizes: Size[] = [];
  for (let factor = 2; level.width / factor > (next.width * LEAST_GAP) / 2; factor *= 2)
    sizes.push(divided(level, factor, round));
  return sizes;
}

/** Never to nothing. */
function divided({ width, height }: Size, factor: number, round: Round): Size {
  return { width: Math.max(1, round(width / factor)), height: Math.max(1, round(height / factor)) };
}
