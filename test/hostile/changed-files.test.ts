import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, copyFile, mkdir, rename, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, it } from 'node:test';
import sharp, { type Sharp } from 'sharp';
import { cgiParams, FcgiClient, fcgiRequest } from '../support/fcgi-client.ts';
import { FIXTURES, startProgram } from '../support/program.ts';
import { scopeOf, type Scope } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { findUser, IS_ROOT, skipUnlessRuns } from '../support/users.ts';
import { assertRefused } from './answers.ts';
import { IIP, KINDS, serve } from './served-folder.ts';

const options = { timeout: 300_000 };

/** Two pyramids of equal geometry whose pictures have nothing in common. */
async function twoPictures(folder: string): Promise<readonly [Buffer, Buffer]> {
  const pixels = sharp(path.join(FIXTURES, 'rgb-deflate.tif')).resize(1024, 768, { fit: 'fill' });
  const asPyramid = (picture: Sharp) =>
    picture
      .tiff({ compression: 'deflate', tile: true, tileWidth: 128, tileHeight: 128, pyramid: true })
      .toBuffer();
  const [one, other] = await Promise.all([asPyramid(pixels.clone()), asPyramid(pixels.clone().negate())]);
  await writeFile(path.join(folder, 'first'), one);
  await writeFile(path.join(folder, 'second'), other);
  return [one, other];
}

describe('a file that is replaced while it is served', options, () => {
  const URIS = KINDS('now.tif').slice(1, 5);

  it('gives the one or the other whole, and at once the new one', async (test) => {
    const { folder, program, ask } = await serve(scopeOf(test));
    const now = path.join(folder, 'now.tif');
    await twoPictures(folder);
    const right: Buffer[][] = [];
    for (const version of ['first', 'second']) {
      await copyFile(path.join(folder, version), now);
      right.push((await Promise.all(URIS.map(ask))).map(({ body }) => body));
    }
    const [first, second] = right as [Buffer[], Buffer[]];
    for (const index of URIS.keys()) assert.ok(!first[index]!.equals(second[index]!));

    const state = { isOver: false };
    const watch = async (): Promise<void> => {
      const client = await FcgiClient.connect(program.where);
      while (!state.isOver) {
        for (const [index, uri] of URIS.entries()) {
          const { status, body } = await client.request(cgiParams(uri), { keepConn: true });
          assert.equal(status, 200, body.toString('utf8', 0, 100));
          assert.ok(
            body.equals(first[index]!) || body.equals(second[index]!),
            `${uri} is neither of the two`,
          );
        }
      }
      client.destroy();
    };
    const replace = async (): Promise<void> => {
      for (let turn = 0; turn < 40; turn++) {
        const next = path.join(folder, 'next');
        await copyFile(path.join(folder, turn % 2 === 0 ? 'first' : 'second'), next);
        await rename(next, now);
        const wanted = turn % 2 === 0 ? first : second;
        for (const [index, uri] of URIS.entries())
          assert.ok((await ask(uri)).body.equals(wanted[index]!), `${uri}, turn ${turn}`);
      }
    };
    const replacing = replace().finally(() => (state.isOver = true));
    await Promise.all([replacing, watch(), watch()]);
  });

  it('in place gives the new one, and 304 no more', async (test) => {
    const { folder, ask, program } = await serve(scopeOf(test));
    const now = path.join(folder, 'now.tif');
    const [one, other] = await twoPictures(folder);
    await writeFile(now, one);
    const before = await Promise.all(URIS.map(ask));
    await writeFile(now, other);
    const { mtime } = await stat(now);
    await utimes(now, mtime, new Date(mtime.getTime() + 2000));
    for (const [index, uri] of URIS.entries()) {
      const { status, headers, body } = before[index]!;
      assert.equal(status, 200);
      const since = {
        'If-None-Match': headers['etag'] ?? '',
        'If-Modified-Since': headers['last-modified'] ?? '',
      };
      const after = await fcgiRequest(program.where, cgiParams(uri, { headers: since }));
      assert.equal(after.status, 200);
      assert.ok(!after.body.equals(body), uri);
    }
  });

  it('within the same second, with the same length, is seen by its inode', async (test) => {
    const { folder, ask } = await serve(scopeOf(test));
    const now = path.join(folder, 'now.tif');
    const [one, other] = await twoPictures(folder);
    const [uri = ''] = KINDS('now.tif').slice(3);
    const length = Math.max(one.length, other.length);
    const whole = new Date(1_700_000_000_000);
    const write = async (file: string, picture: Buffer): Promise<void> => {
      // What stands behind a TIFF is nothing to it.
      await writeFile(file, Buffer.concat([picture, Buffer.alloc(length - picture.length)]));
      await utimes(file, whole, whole);
    };
    await write(now, one);
    const before = await ask(uri);
    await write(path.join(folder, 'next'), other);
    await rename(path.join(folder, 'next'), now);
    const after = await ask(uri);
    assert.deepEqual([before.status, after.status], [200, 200]);
    assert.ok(!after.body.equals(before.body));
    assert.notEqual(after.headers['etag'], before.headers['etag']);
  });
});

describe('a name under which there is no picture any more', options, () => {
  /** What takes the picture's place. */
  const CHANGES: Readonly<Record<string, (file: string, scope: Scope) => Promise<void>>> = {
    nothing: (file) => rm(file),
    'a folder': async (file) => {
      await rm(file);
      await mkdir(file);
    },
    'a FIFO': async (file) => {
      await rm(file);
      execFileSync('mkfifo', [file]);
    },
    'a socket': async (file, scope) => {
      await rm(file);
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(file, resolve));
      scope.defer(() => void server.close());
    },
    'an empty file': (file) => truncate(file, 0),
    'a text': (file) => writeFile(file, 'There was a picture here.'),
  };

  for (const [name, change] of Object.entries(CHANGES)) {
    it(`but ${name} is not found at once, and a picture again`, async (test) => {
      const scope = scopeOf(test);
      const { folder, ask } = await serve(scope);
      const file = path.join(folder, 'a.tif');
      await copyFile(path.join(FIXTURES, 'rgb-deflate.tif'), file);
      const before = await Promise.all(KINDS('a.tif').map(ask));
      assert.deepEqual(
        before.map(({ status }) => status),
        Array(6).fill(200),
      );
      await change(file, scope);
      for (const uri of KINDS('a.tif')) assertRefused(await ask(uri), [404], `${uri} that is ${name}`);
      await rm(file, { recursive: true, force: true });
      await copyFile(path.join(FIXTURES, 'rgb-deflate.tif'), file);
      for (const [index, uri] of KINDS('a.tif').entries()) {
        assert.ok((await ask(uri)).body.equals(before[index]!.body), uri);
      }
    });
  }
});

describe('a file without permission to read', options, () => {
  const USER = 'nobody';
  it('is not found', { skip: skipUnlessRuns(USER) }, async (test) => {
    const scope = scopeOf(test);
    const folder = await tempFolder(scope, { isPublic: true });
    const user = IS_ROOT ? findUser(USER) : undefined;
    const env = { FILESYSTEM_PREFIX: folder + path.sep };
    const { where } = await startProgram(scope, { env, ...(user === undefined ? {} : { user }) });
    for (const [name, mode] of [
      ['a.tif', 0o644],
      ['b.tif', 0o000],
      ['closed/c.tif', 0o644],
    ] as const) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await copyFile(path.join(FIXTURES, 'tiny.tif'), path.join(folder, name));
      await chmod(path.join(folder, name), mode);
    }
    await chmod(path.join(folder, 'closed'), 0o000);
    scope.defer(() => chmod(path.join(folder, 'closed'), 0o755));
    for (const [name, status] of [
      ['a.tif', 200],
      ['b.tif', 404],
      ['closed/c.tif', 404],
    ] as const) {
      const answer = await fcgiRequest(where, cgiParams(`${IIP}${name}&JTL=0,0`));
      assertRefused(answer, [status], name);
    }
  });
});
