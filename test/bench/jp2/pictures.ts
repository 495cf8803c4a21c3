/** The JPEG 2000 files that are measured: painted once, encoded by opj_compress, kept in a folder. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { paint, type Samples } from '../images/paint.ts';
import type { Recipe } from '../images/recipes.ts';

export interface Picture {
  readonly name: string;
  /** Times `--side`. */
  readonly scale: 1 | 2;
  readonly sample: 'uint8' | 'uint16';
  readonly bands: 1 | 3;
  /** For opj_compress. */
  readonly encoding: readonly string[];
}

const LOSSY = ['-I', '-r', '10'];
const UNTILED = ['-p', 'RPCL', '-c', '[256,256]', '-PLT'];

export const PICTURES: readonly Picture[] = [
  { name: 'tiles of 256, lossy', scale: 1, sample: 'uint8', bands: 3, encoding: [...LOSSY, '-t', '256,256'] },
  {
    name: 'tiles of 1024, lossy',
    scale: 1,
    sample: 'uint8',
    bands: 3,
    encoding: [...LOSSY, '-t', '1024,1024'],
  },
  { name: 'tiles of 256, lossless', scale: 1, sample: 'uint8', bands: 3, encoding: ['-t', '256,256'] },
  { name: 'tiles of 1024, lossless', scale: 1, sample: 'uint8', bands: 3, encoding: ['-t', '1024,1024'] },
  {
    name: 'untiled, RPCL, PLT, lossy',
    scale: 1,
    sample: 'uint8',
    bands: 3,
    encoding: [...LOSSY, ...UNTILED],
  },
  { name: 'untiled, twice the side', scale: 2, sample: 'uint8', bands: 3, encoding: [...LOSSY, ...UNTILED] },
  { name: '16-bit gray, tiles of 512', scale: 1, sample: 'uint16', bands: 1, encoding: ['-t', '512,512'] },
];

/** The path of the picture's file, which is made when it is not there: minutes for the large ones. */
export function pictureFile(
  picture: Picture,
  side: number,
  folder: string,
  tell: (line: string) => void,
): string {
  const file = path.join(folder, `${picture.name.replaceAll(/[^a-z0-9]+/gi, '-')}-${side}.jp2`);
  if (existsSync(file)) return file;
  mkdirSync(folder, { recursive: true });
  tell(`making ${path.basename(file)}`);
  const raw = writeNetpbm(picture, side * picture.scale, folder);
  const made = file.replace(/\.jp2$/, '.new.jp2');
  try {
    execFileSync('opj_compress', ['-i', raw, '-o', made, '-n', '6', ...picture.encoding], {
      stdio: 'ignore',
    });
  } finally {
    rmSync(raw, { force: true });
  }
  renameSync(made, file);
  return file;
}

function writeNetpbm({ sample, bands }: Picture, side: number, folder: string): string {
  const recipe: Recipe = { title: '', content: 'photo', side, bands, sample, packing: 'none' };
  const file = path.join(folder, bands === 1 ? 'raw.pgm' : 'raw.ppm');
  const header = `${bands === 1 ? 'P5' : 'P6'}\n${side} ${side}\n${sample === 'uint8' ? 255 : 65535}\n`;
  writeFileSync(file, header);
  writeFileSync(file, bigEndian(paint(recipe)), { flag: 'a' });
  return file;
}

function bigEndian(samples: Samples): Uint8Array {
  const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  return samples instanceof Uint16Array ? bytes.swap16() : bytes;
}
