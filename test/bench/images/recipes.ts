/** The pictures that the benchmark serves: what each is, as data. */

export type Content = 'photo' | 'terrain' | 'spectrum' | 'normals';

export type Packing = 'none' | 'deflate' | 'deflate-differences' | 'lzw' | 'zstd' | 'webp' | 'jpeg';

/** A square pyramid in tiles of 256, halved until one tile holds it; or a flat picture in a format of its own. */
export interface Recipe {
  readonly title: string;
  readonly content: Content;
  /** Pixels of a side; a power of two, 256 or more. */
  readonly side: number;
  readonly bands: number;
  readonly sample: 'uint8' | 'uint16' | 'float32';
  readonly packing: Packing;
  /** TIFF, unless it says otherwise. */
  readonly format?: 'tif' | 'jpg' | 'jp2';
  /** What three or four bands are; colors unless it says otherwise. Of a fourth band it is always opacity. */
  readonly colors?: 'rgb' | 'cielab';
  /** Columns and rows that are left out at the right and the bottom, fewer than a tile: there are edge tiles then. */
  readonly crop?: number;
  /** A program that makes another file of the pyramid: compressions that nothing here writes. */
  readonly recoded?: (from: string, to: string) => readonly [string, ...string[]];
}

export const TILE = 256;

const photo = (side: number, packing: Packing, title: string): Recipe => ({
  title,
  content: 'photo',
  side,
  bands: 3,
  sample: 'uint8',
  packing,
});

const CROP = 100;

const byTiffcp =
  (compression: string): NonNullable<Recipe['recoded']> =>
  (from, to) => ['tiffcp', '-c', compression, from, to];

/** Makes its own levels. */
const byVips =
  (...options: readonly string[]): NonNullable<Recipe['recoded']> =>
  (from, to) => ['vips', 'tiffsave', from, to, '--tile', '--pyramid', '--tile-width', '256', '--tile-height', '256', ...options]; // prettier-ignore

export const RECIPES = {
  rgb: photo(8192, 'none', '8-bit RGB'),
  'rgb-deflate': photo(8192, 'deflate', '8-bit RGB, deflate'),
  'rgb-jpeg': photo(8192, 'jpeg', '8-bit RGB, JPEG'),
  'rgb-differences': photo(4096, 'deflate-differences', '8-bit RGB, deflate with predictor'),
  'rgb-lzw': photo(4096, 'lzw', '8-bit RGB, LZW'),
  'rgb-zstd': photo(4096, 'zstd', '8-bit RGB, zstd'),
  'rgb-packbits': { ...photo(2048, 'none', '8-bit RGB, PackBits'), recoded: byTiffcp('packbits') },
  'rgb-lzma': { ...photo(2048, 'none', '8-bit RGB, LZMA'), recoded: byTiffcp('lzma:2') },
  'rgb-jp2k': {
    ...photo(2048, 'none', '8-bit RGB, JPEG 2000 in TIFF'),
    recoded: byVips('--compression', 'jp2k', '--Q', '90'),
  },
  'float-lerc': {
    title: 'float, LERC',
    content: 'terrain',
    side: 2048,
    bands: 1,
    sample: 'float32',
    packing: 'none',
    recoded: byTiffcp('lerc:0.001'),
  },
  'bilevel-g4': {
    title: 'black and white, CCITT Group 4',
    content: 'terrain',
    side: 2048,
    bands: 1,
    sample: 'uint8',
    packing: 'none',
    recoded: byVips('--bitdepth', '1', '--compression', 'ccittfax4'),
  },
  'rgb-webp': photo(2048, 'webp', '8-bit RGB, WebP'),
  'rgb-edge': { ...photo(4096, 'deflate', '8-bit RGB, deflate, with edge tiles'), crop: CROP },
  rgba: { ...photo(4096, 'deflate', '8-bit RGBA, deflate'), bands: 4 },
  cielab: { ...photo(4096, 'deflate', '8-bit CIELAB, deflate'), colors: 'cielab' },
  'flat-jpeg': { ...photo(4096, 'jpeg', 'a JPEG'), format: 'jpg' },
  jp2: { ...photo(4096, 'none', 'JPEG 2000, lossy, tiles of 256'), format: 'jp2' },
  gray16: {
    title: '16-bit gray',
    content: 'terrain',
    side: 4096,
    bands: 1,
    sample: 'uint16',
    packing: 'none',
  },
  float: { title: 'float', content: 'terrain', side: 4096, bands: 1, sample: 'float32', packing: 'none' },
  bands31: {
    title: '31 bands of 16 bits',
    content: 'spectrum',
    side: 2048,
    bands: 31,
    sample: 'uint16',
    packing: 'none',
  },
  normals: {
    title: 'normal map, 8-bit RGB',
    content: 'normals',
    side: 4096,
    bands: 3,
    sample: 'uint8',
    packing: 'none',
  },
} as const satisfies Readonly<Record<string, Recipe>>;

export type ImageName = keyof typeof RECIPES;

export const fileNameOf = (name: ImageName): string => {
  const recipe: Recipe = RECIPES[name];
  return `${name}.${recipe.format ?? 'tif'}`;
};

/** Levels of the pyramid. */
export const levelCount = ({ side }: Pick<Recipe, 'side'>): number => Math.log2(side / TILE) + 1;

/** Pixels of a side at a level, 0 the full size, without what is left out. */
export const sideAt = ({ side, crop = 0 }: Pick<Recipe, 'side' | 'crop'>, level: number): number =>
  Math.floor((side - crop) / 2 ** level);
