/** Settings of the server under soak, and of the one that gives the right answers: they must not differ. */
import path from 'node:path';
import { URI_MAP } from './requests.ts';

/**
 * Small stores, so that things are given up and made again. How small levels are made depends on the size of the store
 * that a process has (a level that it can keep is halved, of a larger one libvips makes the next), so both servers have
 * the same, shared by as many workers.
 */
export const soakEnv = (folder: string): Readonly<Record<string, string>> => ({
  FILESYSTEM_PREFIX: folder + path.sep,
  URI_MAP,
  OMP_NUM_THREADS: '2',
  MAX_IMAGE_CACHE_SIZE: '2',
  DECODED_CACHE_SIZE: '8',
});

export const soakArgs = (workers: number): readonly string[] => ['--workers', String(workers)];
