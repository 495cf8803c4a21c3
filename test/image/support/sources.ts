/** Sources and readers for tests. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { openFileSource, statIdentity } from '../../../src/image/file-source.ts';
import type { ReadMode } from '../../../src/image/file-source.ts';
import { memorySource } from '../../../src/image/memory-source.ts';
import { OpenFiles } from '../../../src/image/open-files.ts';
import { openImage } from '../../../src/image/open.ts';
import type { Raster } from '../../../src/image/raster.ts';
import type { ImageReader } from '../../../src/image/reader.ts';
import type { ByteSource } from '../../../src/image/source.ts';

const files = new OpenFiles(16);

/** A picture of fixtures/images. */
export function fixture(name: string): string {
  return path.resolve('fixtures/images', name);
}

export function fileSource(file: string, mode: ReadMode = 'sync'): ByteSource {
  return openFileSource({ path: file, identity: statIdentity(statSync(file)) }, files, mode);
}

export function openFixture(name: string, mode: ReadMode = 'sync'): Promise<ImageReader> {
  return openImage(fileSource(fixture(name), mode));
}

export function openBytes(bytes: Uint8Array): Promise<ImageReader> {
  return openImage(memorySource(bytes));
}

/** The whole of a level. */
export async function readLevel(reader: ImageReader, level = 0, page = 0): Promise<Raster> {
  const { width, height } = reader.info.levels[level]!;
  return reader.readWindow({ page, level, window: { x: 0, y: 0, width, height } });
}

export interface Counts {
  reads: number;
  bytes: number;
}

/** A source that counts what is read through it. */
export function countingSource(source: ByteSource): { readonly source: ByteSource; readonly counts: Counts } {
  const counts = { reads: 0, bytes: 0 };
  return {
    counts,
    source: {
      path: source.path,
      identity: source.identity,
      read(offset, length) {
        counts.reads++;
        counts.bytes += length;
        return source.read(offset, length);
      },
      close: () => source.close(),
    },
  };
}
