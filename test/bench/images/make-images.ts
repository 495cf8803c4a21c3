/** The pictures on disk: those that are not there yet are made, which takes about a minute for all of them. */
import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { fileNameOf, RECIPES, type ImageName, type Recipe } from './recipes.ts';
import { writePyramid } from './write-pyramid.ts';

/** Makes the pictures `names` in `folder`; `tell` gets a line for each that is made. */
export async function makeImages(
  names: ReadonlySet<ImageName>,
  folder: string,
  tell: (line: string) => void,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of names) {
    const file = path.join(folder, fileNameOf(name));
    if (existsSync(file)) continue;
    const recipe: Recipe = RECIPES[name];
    tell(`making ${fileNameOf(name)}: ${recipe.title}, ${recipe.side} pixels square`);
    await writePyramid(`${file}.new`, recipe);
    await rename(`${file}.new`, file);
  }
}
