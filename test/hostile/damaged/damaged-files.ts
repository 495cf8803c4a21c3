/** Damaged files of a corpus beside good ones, and what is asked of each. */
import { readdirSync, statSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { FIXTURES } from '../../support/program.ts';
import { cgiParams, fcgiRequest, type Where } from '../../support/fcgi-client.ts';

/** Folder of a corpus; empty: there is none. */
export const CORPUS = process.env['IIPSRV_CORPUS'] ?? '';

const IIP = '/fcgi-bin/iipsrv.fcgi?';

/** Paths, in the order of their names, of the files in folders whose name begins with `corrupt`. */
export function damagedFiles(corpus: string): readonly string[] {
  return readdirSync(corpus, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name.startsWith('corrupt'))
    .flatMap(({ name }) => readdirSync(path.join(corpus, name)).map((file) => path.join(corpus, name, file)))
    .filter((file) => statSync(file).isFile())
    .sort();
}

/** Info, thumbnail, tile, region, profile, PNG. */
export const SIX = (name: string): readonly string[] => {
  const id = encodeURIComponent(name);
  return [
    `${IIP}IIIF=${id}/info.json`,
    `${IIP}IIIF=${id}/full/!200,200/0/default.jpg`,
    `${IIP}FIF=${id}&JTL=0,0`,
    `${IIP}FIF=${id}&RGN=0.2,0.2,0.5,0.5&WID=300&CVT=jpeg`,
    `${IIP}FIF=${id}&PFL=0:0,0-20,0`,
    `${IIP}FIF=${id}&WID=400&CVT=png`,
  ];
};

/** Good pictures of every kind of decoder, and a request of each. */
const GOOD_FILES = ['rgb-jpeg.tif', 'rgb-deflate.tif', 'grey16.tif', 'rgb-tiled.jp2', 'photo.jpg'] as const;

export const GOOD_REQUESTS: readonly string[] = [
  `${IIP}FIF=rgb-jpeg.tif&JTL=2,3`,
  `${IIP}FIF=rgb-deflate.tif&GAM=1.5&JTL=2,1`,
  `${IIP}FIF=rgb-deflate.tif&RGN=0.1,0.1,0.3,0.3&WID=200&CVT=png`,
  `${IIP}FIF=rgb-tiled.jp2&JTL=2,1`,
  `${IIP}IIIF=photo.jpg/full/!150,150/0/default.jpg`,
  `${IIP}FIF=grey16.tif&OBJ=Max-size&OBJ=Resolutions`,
];

/** Fills a folder with them; each gets a name of its own. @returns the names of the damaged ones. */
export async function fillFolder(folder: string, damaged: readonly string[]): Promise<readonly string[]> {
  for (const name of GOOD_FILES) await copyFile(path.join(FIXTURES, name), path.join(folder, name));
  const names = damaged.map((file) => `${path.basename(path.dirname(file))}-${path.basename(file)}`);
  for (const [i, file] of damaged.entries()) await copyFile(file, path.join(folder, names[i]!));
  return names;
}

export interface DamagedAnswer {
  readonly uri: string;
  readonly status: number;
  readonly text: string;
  readonly ms: number;
}

/** Asks all of it, `clients` at once, each on a connection of its own. */
export async function askDamaged(
  where: Where,
  uris: readonly string[],
  clients: number,
): Promise<readonly DamagedAnswer[]> {
  const answers: DamagedAnswer[] = [];
  const rest = uris.values();
  const client = async (): Promise<void> => {
    for (const uri of rest) {
      const start = performance.now();
      const { status, body } = await fcgiRequest(where, cgiParams(uri));
      answers.push({ uri, status, text: body.toString('utf8', 0, 300), ms: performance.now() - start });
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return answers;
}
