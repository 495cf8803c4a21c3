/** The files of deploy/, with the places that an operator fills in. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';

export const DEPLOY = path.resolve('deploy');

/**
 * A file of deploy/ with texts replaced.
 *
 * @throws Error when a text to replace is not there: the file says something else by now.
 */
export async function deployed(
  file: string,
  replacements: Readonly<Record<string, string>>,
): Promise<string> {
  let text = await readFile(path.join(DEPLOY, file), 'utf8');
  for (const [place, filled] of Object.entries(replacements)) {
    if (!text.includes(place)) throw new Error(`deploy/${file} has no ${place}`);
    text = text.replaceAll(place, () => filled);
  }
  return text;
}
