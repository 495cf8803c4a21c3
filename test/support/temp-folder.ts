/** Folders that are gone after the test. */
import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Scope } from './scope.ts';

/** The real path of a new folder; `isPublic` lets every user of the machine read and write in it. */
export async function tempFolder(scope: Scope, { isPublic = false } = {}): Promise<string> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'iipsrv-test-')));
  scope.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  if (isPublic) await chmod(folder, 0o777);
  return folder;
}
