/** The pictures in fixtures/images, opened. */
import fs from 'node:fs';
import path from 'node:path';
import { openFileSource, statIdentity } from '../../src/image/file-source.ts';
import { OpenFiles } from '../../src/image/open-files.ts';
import { openImage } from '../../src/image/open.ts';
import type { ImageReader } from '../../src/image/reader.ts';

export const IMAGES = path.resolve('fixtures/images');

const openFiles = new OpenFiles();

/** The reader of a fixture; nobody needs to close it. */
export function openFixture(name: string): Promise<ImageReader> {
  const file = path.join(IMAGES, name);
  return openImage(
    openFileSource({ path: file, identity: statIdentity(fs.statSync(file)) }, openFiles, 'sync'),
  );
}
