/** What the soak asks for: every protocol, every kind of answer, of a few pictures of every format. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { FIXTURES } from '../support/program.ts';

const IIP = '/fcgi-bin/iipsrv.fcgi?';

/** Pictures that nobody touches. */
const STEADY = [
  'rgb-deflate.tif', 'rgb-jpeg.tif', 'grey16.tif', 'rgb-tiled.jp2', 'photo.jpg', 'photo-progressive.jpg',
  'rgb-webp.tif', 'cmyk.tif', 'float-dem.tif', 'stack.tif', 'noise.png', 'noise.webp',
] as const; // prettier-ignore

/** Names whose file is replaced, cut, deleted and turned into a folder, and the two pictures that it may be. */
export const UNSTEADY = { name: 'swap.tif', versions: ['rgb-deflate.tif', 'rgb-zstd.tif'] } as const;

export interface SoakRequest {
  readonly uri: string;
  readonly name: string;
}

/** Noise is another one each time that it is made. */
const NOISE_PNG = await sharp({
  create: { width: 1200, height: 900, channels: 3, background: '#456', noise: { type: 'gaussian', mean: 120, sigma: 30 } },
}).blur(3).png({ compressionLevel: 1 }).toBuffer(); // prettier-ignore
const NOISE_WEBP = await sharp(NOISE_PNG).webp({ quality: 80 }).toBuffer();

/** A folder with the pictures; `version` says which of the two the unsteady one is. */
export async function fillFolder(folder: string, version: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of STEADY.filter((each) => !each.startsWith('noise')))
    await copyFile(path.join(FIXTURES, name), path.join(folder, name));
  await writeFile(path.join(folder, 'noise.png'), NOISE_PNG);
  await writeFile(path.join(folder, 'noise.webp'), NOISE_WEBP);
  await copyFile(path.join(FIXTURES, UNSTEADY.versions[version]!), path.join(folder, UNSTEADY.name));
}

const KINDS: readonly ((name: string) => string)[] = [
  (name) => `${IIP}FIF=${name}&JTL=1,0`,
  (name) => `${IIP}FIF=${name}&JTL=2,1`,
  (name) => `${IIP}FIF=${name}&GAM=1.7&JTL=1,0`,
  (name) => `${IIP}FIF=${name}&OBJ=IIP,1.0&OBJ=Max-size&OBJ=Tile-size&OBJ=Resolution-number`,
  (name) => `${IIP}FIF=${name}&WID=300&CVT=png`,
  (name) => `${IIP}FIF=${name}&RGN=0.2,0.3,0.4,0.4&WID=350&INV&CVT=jpeg`,
  (name) => `${IIP}FIF=${name}&CNT=1.3&ROT=90&WID=200&CVT=webp`,
  (name) => `${IIP}FIF=${name}&WID=120&CVT=avif`,
  (name) => `${IIP}FIF=${name}&WID=1100&CVT=tiff`,
  (name) => `${IIP}FIF=${name}&SPECTRA=1,0,5,5`,
  (name) => `${IIP}FIF=${name}&OBJ=histogram`,
  (name) => `/iiif/${name}/info.json`,
  (name) => `/iiif/${name}/full/!200,200/0/default.jpg`,
  (name) => `/iiif/${name}/pct:10,10,50,50/150,/180/gray.png`,
  (name) => `/dz/${name}.dzi`,
  (name) => `/dz/${name}_files/9/0_0.jpg`,
  (name) => `/zoom/${name}/ImageProperties.xml`,
  (name) => `/zoom/${name}/TileGroup0/1-0-0.jpg`,
];

export const URI_MAP = 'iiif=>IIIF,dz=>DeepZoom,zoom=>Zoomify';

export const REQUESTS: readonly SoakRequest[] = [...STEADY, UNSTEADY.name].flatMap((name) =>
  KINDS.map((uri) => ({ name, uri: uri(name) })),
);
