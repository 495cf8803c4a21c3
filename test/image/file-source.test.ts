import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { fileError, isStale } from '../../src/image/file-errors.ts';
import { openFileSource, statIdentity } from '../../src/image/file-source.ts';
import type { ReadMode } from '../../src/image/file-source.ts';
import { OpenFiles } from '../../src/image/open-files.ts';
import type { ByteSource } from '../../src/image/source.ts';

const MODES: readonly ReadMode[] = ['sync', 'async'];

for (const mode of MODES) {
  describe(`file source, ${mode}`, () => {
    let folder: string;
    let file: string;
    let files: OpenFiles;
    before(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'file-source-'))));
    after(() => rmSync(folder, { recursive: true }));
    beforeEach(() => {
      file = path.join(folder, 'picture');
      writeFileSync(file, '0123456789');
      files = new OpenFiles();
    });
    const open = (): ByteSource =>
      openFileSource({ path: file, identity: statIdentity(statSync(file)) }, files, mode);
    const read = async (source: ByteSource, offset: number, length: number): Promise<string> =>
      Buffer.from(await source.read(offset, length)).toString();

    it('reads any part', async () => {
      const source = open();
      assert.equal(await read(source, 0, 10), '0123456789');
      assert.equal(await read(source, 3, 4), '3456');
      assert.equal(await read(source, 10, 0), '');
      source.close();
    });

    it('gives bytes that are no Buffer and belong to the caller', async () => {
      const source = open();
      const bytes = await source.read(2, 3);
      assert.equal(Object.getPrototypeOf(bytes), Uint8Array.prototype);
      assert.equal(bytes.byteOffset, 0);
      bytes.fill(0);
      assert.equal(await read(source, 2, 3), '234');
      source.close();
    });

    it('refuses ranges outside the file before it allocates them', async () => {
      const source = open();
      const ranges = [
        [0, 11],
        [11, 0],
        [-1, 1],
        [0, -1],
        [NaN, 1],
        [0, NaN],
        [0.5, 1],
        [0, 2 ** 60],
        [Infinity, 1],
      ] as const;
      for (const [offset, length] of ranges) {
        await assert.rejects(
          async () => source.read(offset, length),
          { kind: 'damaged' },
          `${offset} ${length}`,
        );
      }
      assert.equal(files.size, 0);
    });

    it('refuses more than a gigabyte at once', async () => {
      const identity = { ...statIdentity(statSync(file)), size: 2 ** 40 };
      const source = openFileSource({ path: file, identity }, files, mode);
      await assert.rejects(async () => source.read(0, 2 ** 31), { kind: 'too-large' });
    });

    it('opens the file at the first read and again after it was closed', async () => {
      const source = open();
      assert.equal(files.size, 0);
      await read(source, 0, 1);
      assert.equal(files.size, 1);
      source.close();
      assert.equal(files.size, 0);
      assert.equal(await read(source, 1, 1), '1');
      source.close();
    });

    it('opens the file once for reads that start together', async () => {
      const source = open();
      const parts = await Promise.all([read(source, 0, 3), read(source, 3, 3), read(source, 6, 3)]);
      assert.deepEqual(parts, ['012', '345', '678']);
      assert.equal(openDescriptors(file), 1);
      source.close();
      assert.equal(openDescriptors(file), 0);
    });

    it('holds no more descriptors than the pool allows', async () => {
      const few = new OpenFiles(2);
      const sources = [0, 1, 2, 3, 4].map(() =>
        openFileSource({ path: file, identity: statIdentity(statSync(file)) }, few, mode),
      );
      for (const source of [...sources, ...sources]) assert.equal(await read(source, 0, 2), '01');
      await Promise.all(sources.map((source) => read(source, 0, 2)));
      assert.equal(few.size, 2);
      few.closeAll();
    });

    const changes: Record<string, () => void> = {
      'has another size': () => writeFileSync(file, '0123'),
      'has another time': () => utimesSync(file, 1, 1),
      'is another file of the same size and time': () => {
        const { atime, mtime } = statSync(file);
        const other = path.join(folder, 'other');
        writeFileSync(other, 'abcdefghij');
        utimesSync(other, atime, mtime);
        renameSync(other, file);
      },
      'is gone': () => rmSync(file),
      'is a directory now': () => {
        rmSync(file);
        mkdirSync(file);
        after(() => rmSync(file, { recursive: true, force: true }));
      },
    };
    for (const [name, change] of Object.entries(changes)) {
      it(`is stale when the file ${name}`, async () => {
        const source = open();
        change();
        await assert.rejects(
          async () => source.read(0, 1),
          (error) => isStale(error) && error.kind === 'not-found',
        );
        assert.equal(files.size, 0);
        rmSync(file, { recursive: true, force: true });
      });
    }

    it('goes on with the version that it has open', async () => {
      const source = open();
      await read(source, 0, 1);
      const other = path.join(folder, 'other');
      writeFileSync(other, 'abcdefghij');
      renameSync(other, file);
      assert.equal(await read(source, 0, 3), '012');
      source.close();
      await assert.rejects(async () => source.read(0, 1), isStale);
    });

    it('does not wait at a FIFO that was put in its place', async () => {
      const source = open();
      rmSync(file);
      execFileSync('mkfifo', [file]);
      await assert.rejects(async () => source.read(0, 1), isStale);
      rmSync(file);
    });

    it('says that the file ends too early when it was cut after it was opened', async () => {
      const source = open();
      await read(source, 0, 1);
      writeFileSync(file, '01');
      await assert.rejects(async () => source.read(0, 10), { kind: 'damaged' });
      source.close();
    });

    it('leads through symbolic links', async () => {
      const link = path.join(folder, `link-${mode}`);
      symlinkSync(file, link);
      const source = openFileSource({ path: link, identity: statIdentity(statSync(link)) }, files, mode);
      assert.equal(await read(source, 0, 2), '01');
      source.close();
    });
  });
}

describe('fileError', () => {
  const cases = [
    ['ENOENT', 'not-found'],
    ['EACCES', 'not-found'],
    ['ENAMETOOLONG', 'not-found'],
    ['EMFILE', 'overloaded'],
    ['EIO', 'internal'],
  ] as const;
  for (const [code, kind] of cases) {
    it(`calls ${code} ${kind}, without the path in its text`, () => {
      const error = fileError(Object.assign(new Error(code), { code }), '/secret/name');
      assert.equal(error.kind, kind);
      assert.ok(!error.message.includes('secret'));
      assert.equal(error.facts['path'], '/secret/name');
      assert.equal(isStale(error), false);
    });
  }
});

/** How many descriptors of this program lead to the file. */
function openDescriptors(file: string): number {
  const { ino } = statSync(file);
  return readdirSync('/proc/self/fd').filter((descriptor) => {
    try {
      return statSync(`/proc/self/fd/${descriptor}`).ino === ino;
    } catch {
      return false;
    }
  }).length;
}
