/** What viewers ask for: descriptions, tiles out of every compression, thumbnails and parts. */
import { RECIPES, sideAt, TILE, type ImageName } from '../images/recipes.ts';
import {
  deepZoomTileUris,
  edgeTileUris,
  iiifPartUris,
  iiifTileUris,
  infoUris,
  squareUris,
  tileUris,
} from './uris.ts';
import type { Pressure, Suite, Workload } from './workload.ts';

/** Goals for 1, 8 and 64 clients. */
type Goals = readonly [number, number, number];

const DECODED: Goals = [1, 1.8, 1.8];
const COPIED: Goals = [1.3, 2.2, 2.2];
const READY: Goals = [1.3, 2.8, 3];
const READY_KEPT: Goals = [2, 7, 8];

const pressures = (goals: Goals, keepAlive = false): readonly Pressure[] =>
  [1, 8, 64].map((clients, index) => ({ clients, keepAlive, goal: goals[index]! }));

/** A process that has just been started, by the same goals. */
const cold = (goals: Goals): readonly Pressure[] =>
  pressures(goals).map((pressure) => ({ ...pressure, cold: true }));

/** Warm and cold, a connection for each request. */
const both = (goals: Goals): readonly Pressure[] => [...pressures(goals), ...cold(goals)];

function tiles(name: string, image: ImageName, extra: Partial<Workload> = {}): Workload {
  return {
    group: 'Tiles and exports',
    name,
    image,
    setting: 'uncached',
    expects: 'jpeg',
    size: { width: TILE, height: TILE },
    uris: tileUris(image, 'JTL'),
    pressures: both(DECODED),
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

/** A tile out of which something else is made; `plainUris` show who leaves that out. */
function treated(name: string, commands: string): Workload {
  return tiles(name, 'rgb-deflate', {
    uris: tileUris('rgb-deflate', 'JTL', commands),
    plainUris: tileUris('rgb-deflate', 'JTL'),
  });
}

/** Few enough to stay in a cache of the default size. */
const CACHED_TILES = 200;

const READY_PRESSURES = [...both(READY), ...pressures(READY_KEPT, true)];

const INFO = tiles('info.json', 'rgb-deflate', {
  setting: 'default',
  expects: 'json',
  uris: infoUris('rgb-deflate'),
  pressures: READY_PRESSURES,
});

const CACHED = tiles('tile, cached', 'rgb-deflate', {
  setting: 'default',
  uris: tileUris('rgb-deflate', 'JTL').slice(0, CACHED_TILES),
  pressures: [...pressures(READY), ...pressures(READY_KEPT, true)],
});

const DEFLATE = tiles('tile, deflate', 'rgb-deflate', {
  pressures: [...both(DECODED), ...pressures(DECODED, true)],
});

/** The same over TCP, warm, with and without kept connections. */
function overTcp(workload: Workload): Workload {
  const warm = workload.pressures.filter((pressure) => pressure.cold !== true);
  return { ...workload, name: `${workload.name}, TCP`, transport: 'tcp', pressures: warm };
}

export const TILES: Suite = {
  name: 'tiles',
  title: 'Tiles and exports',
  workloads: [
    INFO,
    CACHED,
    tiles('tile, stored JPEG', 'rgb-jpeg', { pressures: [...both(COPIED), ...pressures(COPIED, true)] }),
    tiles('tile, uncompressed', 'rgb'),
    DEFLATE,
    ...[INFO, CACHED, DEFLATE].map(overTcp),
    tiles('tile, deflate with predictor', 'rgb-differences'),
    tiles('tile, LZW', 'rgb-lzw'),
    tiles('tile, zstd', 'rgb-zstd'),
    tiles('tile, WebP', 'rgb-webp'),
    tiles('tile, JPEG, decoded', 'rgb-jpeg', { setting: 'decoding' }),
    tiles('tile, PackBits', 'rgb-packbits'),
    tiles('tile, LZMA', 'rgb-lzma'),
    tiles('tile, LERC', 'float-lerc'),
    tiles('tile, CCITT Group 4', 'bilevel-g4'),
    tiles('tile, JPEG 2000 in TIFF', 'rgb-jp2k'),
    tiles('tile, 16-bit gray', 'gray16'),
    tiles('tile, RGBA', 'rgba'),
    tiles('tile, CIELAB', 'cielab'),
    tiles('tile, float', 'float'),
    tiles('tile, out of a JPEG', 'flat-jpeg'),
    tiles('tile, out of JPEG 2000', 'jp2'),
    tiles('tile at the edge', 'rgb-edge', {
      uris: edgeTileUris('rgb-edge'),
      size: { width: sideAt(RECIPES['rgb-edge'], 0) % TILE, height: TILE },
    }),
    tiles('tile as PNG', 'rgb-deflate', { expects: 'png', uris: tileUris('rgb-deflate', 'PTL') }),
    tiles('tile over IIIF', 'rgb-deflate', { uris: iiifTileUris('rgb-deflate') }),
    tiles('tile over DeepZoom', 'rgb-deflate', { uris: deepZoomTileUris('rgb-deflate') }),
    treated('tile, gamma 0.5', 'GAM=0.5'),
    treated('tile, contrast 1.5', 'CNT=1.5'),
    treated('tile, color map jet', 'CMP=jet'),
    part('part of 512, full size', { side: 512, width: 512 }),
    part('part of 2048, 800 wide', { side: 2048, width: 800 }),
    tiles('IIIF part of 8000, !1024,1024', 'rgb-deflate', {
      size: { width: 1024, height: 1024 },
      uris: iiifPartUris('rgb-deflate', '!1024,1024'),
    }),
  ],
};

const SCALED_GOAL = 1.2;

/** Those that are also compared with one process for each core. */
export const SCALED: Suite = {
  name: 'scale',
  title: 'Two processes',
  workloads: TILES.workloads
    .filter(({ transport }) => transport === undefined)
    .map((workload) => ({
      ...workload,
      pressures: [8, 64].map((clients) => ({ clients, keepAlive: false, goal: SCALED_GOAL })),
    })),
};
