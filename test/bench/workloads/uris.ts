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

export const iiifFullUris = (image: ImageName, size: string): readonly string[] => [
  iiif(image, `full/${size}/0/default.jpg`),
];

/** Squares of `side` pixels at random places, `width` wide in the answer. */
export interface Squares {
  readonly image: ImageName;
  readonly side: number;
  readonly width: number;
}

/** Where a picture has room for it, places are off the tile grid. */
export function squareUris({ image, side, width }: Squares, operation = ''): readonly string[] {
  const room = RECIPES[image].side - side;
  const random = seededRandom(side);
  const ratio = (pixels: number): string => String(pixels / RECIPES[image].side);
  const count = room === 0 ? 1 : 48;
  return Array.from({ length: count }, () => {
    const [x, y] = [Math.floor(random() * room), Math.floor(random() * room)];
    return iip(
      image,
      `RGN=${[x, y, side, side].map(ratio).join(',')}`,
      `WID=${width}`,
      operation,
      'CVT=jpeg',
    );
  });
}
