/** The pictures on disk: those that are not there yet are made, which takes some minutes for all of them. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileNameOf, RECIPES, type ImageName, type Recipe } from './recipes.ts';
import { NoProgram, writeJp2, writeJpeg } from './write-flat.ts';
import { writePyramid } from './write-pyramid.ts';

const WRITERS: Readonly<
  Record<NonNullable<Recipe['format']>, (file: string, recipe: Recipe) => Promise<void>>
> = {
  tif: writePyramid,
  jpg: writeJpeg,
  jp2: writeJp2,
};

/**
 * Makes the pictures `names` in `folder`; `tell` gets a line for each that is made. Gives those that cannot be made
 * here, after saying why.
 */
export async function makeImages(
  names: ReadonlySet<ImageName>,
  folder: string,
  tell: (line: string) => void,
): Promise<ReadonlySet<ImageName>> {
  const lacking = new Set<ImageName>();
  await mkdir(folder, { recursive: true });
  for (const name of names) {
    const file = path.join(folder, fileNameOf(name));
    if (existsSync(file)) continue;
    const recipe: Recipe = RECIPES[name];
    tell(`making ${fileNameOf(name)}: ${recipe.title}, ${recipe.side} pixels square`);
    try {
      await WRITERS[recipe.format ?? 'tif'](`${file}.new`, recipe);
      if (recipe.recoded !== undefined) await recode(`${file}.new`, recipe.recoded);
      await rename(`${file}.new`, file);
    } catch (thrown) {
      if (!(thrown instanceof NoProgram)) throw thrown;
      tell(`no rows with ${fileNameOf(name)}: ${thrown.message}`);
      lacking.add(name);
    }
  }
  return lacking;
}

/** Puts what the program makes of the file in its place. @throws {NoProgram} where it is not installed. */
async function recode(file: string, command: NonNullable<Recipe['recoded']>): Promise<void> {
  const made = `${file}.made.tif`;
  const [program, ...args] = command(file, made);
  try {
    const { error, status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    if (error !== undefined) throw new NoProgram(`${program} is not installed`);
    if (status !== 0) throw new Error(`${program} ended with ${String(status)}: ${stderr}`);
    await rename(made, file);
  } catch (thrown) {
    await rm(file, { force: true });
    throw thrown;
  } finally {
    await rm(made, { force: true });
  }
}
