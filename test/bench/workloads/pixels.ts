/** The pixel pipeline: every operation on a tile and on a large region, for each kind of samples. */
import { RECIPES, TILE, type ImageName } from '../images/recipes.ts';
import { squareUris, tileUris } from './uris.ts';
import type { Pressure, Suite, Workload } from './workload.ts';

/** Pictures are stored uncompressed here, so that the rows tell pixels and not inflate; `tiles` has compressions. */
const IMAGES = ['rgb', 'gray16', 'float', 'bands31'] as const;

const REGION = 2048;

const PRESSURES: readonly Pressure[] = [
  { clients: 1, keepAlive: false, goal: 1 },
  { clients: 8, keepAlive: false, goal: 1 },
];

interface Operation {
  readonly name: string;
  readonly commands: (image: ImageName) => string;
  /** Where it means something; absent: everywhere. */
  readonly images?: readonly ImageName[];
}

const OPERATIONS: readonly Operation[] = [
  { name: 'plain', commands: () => '' },
  { name: 'gamma 0.5', commands: () => 'GAM=0.5' },
  { name: 'contrast 1.5', commands: () => 'CNT=1.5' },
  { name: 'minmax', commands: minmax },
  { name: 'invert', commands: () => 'INV=1' },
  { name: 'color map jet', commands: () => 'CMP=jet' },
  { name: 'shade', commands: () => 'SHD=30,30', images: ['normals'] },
  { name: 'twist, 3 rows', commands: twist },
  { name: 'gray', commands: () => 'COL=gray', images: ['rgb', 'bands31'] },
  { name: 'binary', commands: () => 'COL=binary' },
  { name: 'equalize', commands: () => 'CNT=eq' },
  { name: 'convolve sobel', commands: () => 'CNV=sobel' },
  { name: 'rotate 90', commands: () => 'ROT=90' },
];

/** The middle six tenths of the range, of the first three bands. */
function minmax(image: ImageName): string {
  const { sample, bands } = RECIPES[image];
  const scale = { uint8: 255, uint16: 65_535, float32: 1 }[sample];
  const range = `${0.2 * scale},${0.8 * scale}`;
  return Array.from({ length: Math.min(bands, 3) }, (_, band) => `MINMAX=${band}:${range}`).join('&');
}

/** Three output bands out of all input bands, whose weights add up to 1. */
function twist(image: ImageName): string {
  const { bands } = RECIPES[image];
  const rows = Array.from({ length: 3 }, (_, row) => {
    if (bands === 1) return String(1 - row / 4);
    return Array.from({ length: bands }, (_, band) => (band % 3 === row ? 1.5 : 0.75) / bands).map((weight) =>
      weight.toFixed(4),
    );
  });
  return `CTW=[${rows.map(String).join(';')}]`;
}

const imagesOf = ({ images }: Operation): readonly ImageName[] => images ?? IMAGES;

const all: readonly ImageName[] = [...IMAGES, 'normals'];

export const PIXELS: Suite = {
  name: 'pixels',
  title: 'Operations on pixels',
  workloads: all.flatMap((image) =>
    (['tile', 'region'] as const).flatMap((shape) =>
      OPERATIONS.filter((operation) => imagesOf(operation).includes(image)).map((operation) =>
        workload(image, shape, operation),
      ),
    ),
  ),
};

function workload(image: ImageName, shape: 'tile' | 'region', operation: Operation): Workload {
  const side = shape === 'tile' ? TILE : REGION;
  const urisFor = (commands: string): readonly string[] =>
    shape === 'tile' ? tileUris(image, 'JTL', commands) : squareUris({ image, side, width: side }, commands);
  const commands = operation.commands(image);
  return {
    group: `${RECIPES[image].title}, ${shape} of ${side}`,
    name: operation.name,
    image,
    setting: image === 'normals' ? 'uncached-roomy' : 'uncached',
    expects: 'jpeg',
    size: { width: side, height: side },
    uris: urisFor(commands),
    ...(commands === '' ? {} : { plainUris: urisFor('') }),
    pressures: PRESSURES,
  };
}
