/** What viewers ask for: descriptions, tiles out of every compression, thumbnails and parts. */
import { TILE, type ImageName } from '../images/recipes.ts';
import { iiifPartUris, iiifTileUris, infoUris, squareUris, tileUris } from './uris.ts';
import type { Pressure, Suite, Workload } from './workload.ts';

/** Goals for 1, 8 and 64 clients. */
type Goals = readonly [number, number, number];

const DECODED: Goals = [1, 1.8, 1.8];
const COPIED: Goals = [1.3, 2.2, 2.2];
const READY: Goals = [1.3, 2.8, 3];
const READY_KEPT: Goals = [2, 7, 8];

const pressures = (goals: Goals, keepAlive = false): readonly Pressure[] =>
  [1, 8, 64].map((clients, index) => ({ clients, keepAlive, goal: goals[index]! }));

function tiles(name: string, image: ImageName, extra: Partial<Workload> = {}): Workload {
  return {
    group: 'Tiles and exports',
    name,
    image,
    setting: 'uncached',
    expects: 'jpeg',
    size: { width: TILE, height: TILE },
    uris: tileUris(image, 'JTL'),
    pressures: pressures(DECODED),
    ...extra,
  };
}

function part(name: string, sides: { readonly side: number; readonly width: number }): Workload {
  const { width } = sides;
  return tiles(name, 'rgb-deflate', {
    size: { width, height: width },
    uris: squareUris({ image: 'rgb-deflate', ...sides }),
  });
}

/** Few enough to stay in a cache of the default size. */
const CACHED_TILES = 200;

export const TILES: Suite = {
  name: 'tiles',
  title: 'Tiles and exports',
  workloads: [
    {
      ...tiles('info.json', 'rgb-deflate', {
        setting: 'default',
        expects: 'json',
        uris: infoUris('rgb-deflate'),
      }),
      pressures: [...pressures(READY), ...pressures(READY_KEPT, true)],
    },
    tiles('tile, cached', 'rgb-deflate', {
      setting: 'default',
      uris: tileUris('rgb-deflate', 'JTL').slice(0, CACHED_TILES),
      pressures: [...pressures(READY), ...pressures(READY_KEPT, true)],
    }),
    tiles('tile, stored JPEG', 'rgb-jpeg', { pressures: [...pressures(COPIED), ...pressures(COPIED, true)] }),
    tiles('tile, uncompressed', 'rgb'),
    tiles('tile, deflate', 'rgb-deflate', {
      pressures: [...pressures(DECODED), ...pressures(DECODED, true)],
    }),
    tiles('tile, deflate with predictor', 'rgb-differences'),
    tiles('tile, LZW', 'rgb-lzw'),
    tiles('tile, zstd', 'rgb-zstd'),
    tiles('tile, 16-bit gray', 'gray16'),
    tiles('tile, float', 'float'),
    tiles('tile as PNG', 'rgb-deflate', { expects: 'png', uris: tileUris('rgb-deflate', 'PTL') }),
    tiles('tile over IIIF', 'rgb-deflate', { uris: iiifTileUris('rgb-deflate') }),
    part('part of 512, full size', { side: 512, width: 512 }),
    part('part of 2048, 800 wide', { side: 2048, width: 800 }),
    tiles('IIIF part of 8000, !1024,1024', 'rgb-deflate', {
      size: { width: 1024, height: 1024 },
      uris: iiifPartUris('rgb-deflate', '!1024,1024'),
    }),
  ],
};
