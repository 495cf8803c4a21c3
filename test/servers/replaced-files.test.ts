import assert from 'node:assert/strict';
import { copyFile, readdir, readlink, rename } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { cgiParams, fcgiRequest } from '../support/fcgi-client.ts';
import { PROC_MISSING } from '../support/proc.ts';
import { FIXTURES, startProgram } from '../support/program.ts';
import { scopeOf } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** A look every two seconds, and a busy machine. */
const MAX_MS = 15_000;

/** Files that have no name any more and are held open, and so keep their space on the disk. */
async function removedFiles(pid: number): Promise<string[]> {
  const folder = `/proc/${pid}/fd`;
  const links = await Promise.all(
    (await readdir(folder)).map((name) => readlink(path.join(folder, name)).catch(() => '')),
  );
  return links.filter((link) => link.endsWith(' (deleted)') && link.includes('picture.tif'));
}

describe('a file that was replaced', { skip: PROC_MISSING }, () => {
  it('is let go within seconds by threads that are asked for nothing more', async (test) => {
    const scope = scopeOf(test);
    const folder = await tempFolder(scope);
    const file = path.join(folder, 'picture.tif');
    await copyFile(path.join(FIXTURES, 'rgb-strips.tif'), file);
    const env = { FILESYSTEM_PREFIX: folder + path.sep, OMP_NUM_THREADS: '2' };
    const program = await startProgram(scope, { env });
    // Strips are read by rendering threads, the header by those that listen.
    for (const width of [100, 101, 102, 103]) {
      const uri = `/fcgi-bin/iipsrv.fcgi?FIF=picture.tif&WID=${width}&CVT=png`;
      const { status } = await fcgiRequest(program.where, cgiParams(uri));
      assert.equal(status, 200);
    }
    await copyFile(path.join(FIXTURES, 'rgb-none-128.tif'), `${file}.new`);
    await rename(`${file}.new`, file);
    assert.ok((await removedFiles(program.pid)).length > 0, 'no thread held the file');
    const end = Date.now() + MAX_MS;
    while (Date.now() < end && (await removedFiles(program.pid)).length > 0)
      await new Promise((resolve) => setTimeout(resolve, 250));
    assert.deepEqual(await removedFiles(program.pid), []);
  });
});
