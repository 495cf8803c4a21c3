/** The fifty names of the viewers' pictures, each a link to one of a few files. */
import { link, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { SESSION_FOLDER, SESSION_IMAGES, sessionFileOf, sessionNameOf } from '../workloads/sessions.ts';
import { fileNameOf } from './recipes.ts';

/** Makes them anew in `folder`, in which the files are: they may have been written again. */
export async function linkSessionImages(folder: string): Promise<void> {
  await rm(path.join(folder, SESSION_FOLDER), { recursive: true, force: true });
  await mkdir(path.join(folder, SESSION_FOLDER));
  for (let index = 0; index < SESSION_IMAGES; index++) {
    await link(path.join(folder, fileNameOf(sessionFileOf(index))), path.join(folder, sessionNameOf(index)));
  }
}
