/** Whole pictures out of the fixtures that mutations begin with. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { IMAGES } from '../support/fixtures.ts';

/** Mutations of what is larger are slow to try and find nothing else. */
const MAX_BYTES = 60_000;

/** Small fixtures whose name `matches`, in the order of their names. */
export function originals(matches: RegExp): readonly Uint8Array[] {
  return ['', 'tiff', 'jp2']
    .flatMap((folder) =>
      readdirSync(path.join(IMAGES, folder)).map((name) => path.join(IMAGES, folder, name)),
    )
    .filter((file) => matches.test(file) && statSync(file).size > 100 && statSync(file).size <= MAX_BYTES)
    .sort()
    .map((file) => new Uint8Array(readFileSync(file)));
}
