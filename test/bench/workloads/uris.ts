/** Requests for the pictures of the benchmark. */
import { fileNameOf, levelCount, RECIPES, TILE, type ImageName } from '../images/recipes.ts';
import { seededRandom } from '../seeded.ts';

const PROGRAM = '/fcgi-bin/iipsrv.fcgi';

const iip = (image: ImageName, ...commands: readonly string[]): string =>
  `${PROGRAM}?${[`FIF=${fileNameOf(image)}`, ...commands.filter((command) => command !== '')].join('&')}`;

const iiif = (image: ImageName, rest: string): string => `${PROGRAM}?IIIF=${fileNameOf(image)}/${rest}`;

/** Every tile of the full size, for JTL, PTL and their like. */
export function tileUris(image: ImageName, command: 'JTL' | 'PTL', operation = ''): readonly string[] {
  const recipe = RECIPES[image];
  const count = (recipe.side / TILE) ** 2;
  return Array.from({ length: count }, (_, tile) =>
    iip(image, operation, `${command}=${levelCount(recipe) - 1},${tile}`),
  );
}

/** The same tiles over IIIF. */
export function iiifTileUris(image: ImageName): readonly string[] {
  const across = RECIPES[image].side / TILE;
  return Array.from({ length: across * across }, (_, tile) => {
    const [x, y] = [(tile % across) * TILE, Math.floor(tile / across) * TILE];
    return iiif(image, `${x},${y},${TILE},${TILE}/${TILE},/0/default.jpg`);
  });
}

export const infoUris = (image: ImageName): readonly string[] => [iiif(image, 'info.json')];

/** Squares of 8000 pixels at different places, all of a size that fits into `size`; no two requests are equal. */
export function iiifPartUris(image: ImageName, size: string): readonly string[] {
  const room = RECIPES[image].side - PART;
  return Array.from({ length: MANY }, (_, index) => {
    const [x, y] = [(index * 31) % room, (index * 57) % room];
    return iiif(image, `${x},${y},${PART},${PART}/${size}/0/default.jpg`);
  });
}

const PART = 8000;

/** More than there are clients: requests that are equal and under way at once may share one answer. */
const MANY = 96;

/** Squares of `side` pixels at random places, `width` wide in the answer. */
export interface Squares {
  readonly image: ImageName;
  readonly side: number;
  readonly width: number;
}

/**
 * Where a picture has room for it, places are random and off the tile grid. Where it has none, requests differ in
 * quality, so that none shares the answer of another.
 */
export function squareUris({ image, side, width }: Squares, operation = ''): readonly string[] {
  const room = RECIPES[image].side - side;
  const random = seededRandom(side);
  const ratio = (pixels: number): string => String(pixels / RECIPES[image].side);
  return Array.from({ length: MANY }, (_, index) => {
    const [x, y] = [Math.floor(random() * room), Math.floor(random() * room)];
    const quality = room === 0 ? `QLT=${60 + (index % 32)}` : '';
    return iip(
      image,
      `RGN=${[x, y, side, side].map(ratio).join(',')}`,
      `WID=${width}`,
      quality,
      operation,
      'CVT=jpeg',
    );
  });
}
