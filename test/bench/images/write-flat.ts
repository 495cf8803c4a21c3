/** Writes a picture in a format that is no TIFF: a JPEG by libvips, JPEG 2000 by opj_compress. */
import { spawnSync } from 'node:child_process';
import { rename, rm, writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { paint } from './paint.ts';
import { levelCount, TILE, type Recipe } from './recipes.ts';

/** A program that makes this kind of picture is not installed. */
export class NoProgram extends Error {}

/** Paints `recipe`, 8-bit RGB, and writes it to `file`. */
export async function writeJpeg(file: string, recipe: Recipe): Promise<void> {
  const { side } = recipe;
  await sharp(paint(recipe), { raw: { width: side, height: side, channels: 3 } })
    .jpeg({ quality: 85 })
    .toFile(file);
}

/** The same as JPEG 2000, ten times smaller than its samples. @throws {NoProgram} without opj_compress. */
export async function writeJp2(file: string, recipe: Recipe): Promise<void> {
  if (spawnSync('opj_compress', ['-h']).error !== undefined)
    throw new NoProgram('opj_compress (libopenjp2-tools) is not installed');
  const { side } = recipe;
  const [raw, made] = [`${file}.ppm`, `${file}.made.jp2`];
  try {
    await writeFile(
      raw,
      Buffer.concat([Buffer.from(`P6\n${side} ${side}\n255\n`), paint(recipe) as Uint8Array]),
    );
    const encoding = ['-I', '-r', '10', '-t', `${TILE},${TILE}`, '-n', String(levelCount(recipe))];
    const { status, stderr } = spawnSync('opj_compress', ['-i', raw, '-o', made, ...encoding], {
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`opj_compress ended with ${String(status)}: ${stderr}`);
    await rename(made, file);
  } finally {
    await rm(raw, { force: true });
    await rm(made, { force: true });
  }
}
