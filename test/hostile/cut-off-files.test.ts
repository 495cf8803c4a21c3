import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import sharp from 'sharp';
import type { FcgiAnswer } from '../support/fcgi-client.ts';
import { FIXTURES } from '../support/program.ts';
import { scopeOf } from '../support/scope.ts';
import { assertRefused } from './answers.ts';
import { KINDS, serve } from './served-folder.ts';

const options = { timeout: 300_000 };

/** Some of the full size and some of all of it; told by position, as a file that is cut off may lose levels. */
const PARTS = (name: string): readonly string[] =>
  ['0,0,200,200/max', 'pct:55,55,20,20/max', 'pct:80,80,20,20/max', 'full/100,'].map(
    (part) => `/fcgi-bin/iipsrv.fcgi?IIIF=${name}/${part}/0/default.png`,
  );

/** Every few bytes of what comes first, then by parts of the whole. */
function lengthsOf(whole: Buffer): readonly number[] {
  const parts = [0.05, 0.25, 0.5, 0.75, 0.9, 0.99].map((part) => Math.floor(whole.length * part));
  return [0, 1, 2, 3, 4, 7, 8, 15, 16, 100, 200, 500, ...parts, whole.length - 100, whole.length - 1];
}

describe('a file that is cut off', options, () => {
  const cut = async (
    test: TestContext,
    name: string,
    check: (answer: FcgiAnswer, right: Buffer, what: string) => Promise<void> | void,
  ) => {
    const { folder, ask } = await serve(scopeOf(test));
    const whole = await readFile(path.join(FIXTURES, name));
    await writeFile(path.join(folder, name), whole);
    const uris = [...PARTS(name), ...KINDS(name)];
    const right = await Promise.all(uris.map(ask));
    assert.deepEqual(
      right.map(({ status }) => status),
      uris.map(() => 200),
    );
    for (const length of lengthsOf(whole)) {
      await writeFile(path.join(folder, name), whole.subarray(0, length));
      for (const [index, uri] of uris.entries()) {
        const answer = await ask(uri);
        const what = `${uri} of ${length} bytes`;
        // A level that is lost takes the numbers of resolutions along.
        assertRefused(answer, [200, 400, 404, 500], what);
        const isPicture = answer.headers['content-type']?.startsWith('image/') === true;
        if (answer.status === 200 && isPicture) await check(answer, right[index]!.body, what);
      }
    }
  };

  for (const name of [
    'rgb-deflate.tif',
    'rgb-jpeg.tif',
    'rgb-bigtiff.tif',
    'rgb-subifd.tif',
    'rgb-strips.tif',
  ]) {
    it(`${name} gives the right parts or none, whatever its length`, (test) =>
      cut(test, name, async ({ body }, right, what) => {
        await decode(body);
        if (what.includes('/max/')) assert.ok(body.equals(right), `${what} shows something else`);
      }));
  }

  for (const name of ['photo.jpg', 'photo-progressive.jpg']) {
    it(`${name} gives a whole answer, whatever its length`, (test) =>
      cut(test, name, async ({ body }) => void (await decode(body))));
  }
});

/** To the last pixel. */
function decode(picture: Buffer): Promise<Buffer> {
  return sharp(picture, { failOn: 'warning' }).raw().toBuffer();
}
