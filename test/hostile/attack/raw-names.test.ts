/** Names of pictures in bytes that no client library sends, to nginx and to the program. */
import assert from 'node:assert/strict';
import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { cgiParams } from '../../support/fcgi-client.ts';
import { FIXTURES } from '../../support/program.ts';
import { scopeOf, type Scope } from '../../support/scope.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { assertHarmless, assertServes, httpText, IIP, openDoors, rawFcgi, rawHttp, type Doors, type RawAnswer } from './doors.ts'; // prettier-ignore

/** The way upwards, byte by byte. A character stands for the byte of its number. */
const UPWARDS = [
  '../',
  '..\\',
  '\\..\\',
  '..\xc0\xaf',
  '..\xe0\x80\xaf',
  '..\xf0\x80\x80\xaf',
  '\xc0\xae\xc0\xae/',
  '\xef\xbc\x8e\xef\xbc\x8e/',
  '..\xff/',
  '..%252f',
  '%25252e%25252e%25252f',
  '..%c1%9c',
  '%c0%2e%c0%2e%c0%af',
  '%e0%80%ae%e0%80%ae%e0%80%af',
  '..%2f%2e%2e%2f',
  '.%2e%5c',
  '..%u2215',
  '..%0a/',
  '..%0d%0a/',
  '..%09/',
  '..%00/',
  '.. /',
  '..;a=b/',
  '...../',
  '.%2e/%2e./',
];

const TARGETS = ['e.tif', 'secret/d.tif'];

/** Where a name can stand; the last ones are for nginx, which makes one path of them. */
const PLACES: readonly ((name: string) => string)[] = [
  (name) => `${IIP}?FIF=${name}&JTL=0,0`,
  (name) => `${IIP}?IIIF=${name}/full/max/0/default.jpg`,
  (name) => `/iiif/${name}/full/max/0/default.jpg`,
  (name) => `/deepzoom/${name}_files/0/0_0.jpg`,
  (name) => `/zoomify/${name}/TileGroup0/0-0-0.jpg`,
  (name) => `/iiif/a.tif/${name}`,
  (name) => `/iiif//${name}/info.json`,
  (name) => `http://example.org/iiif/${name}/info.json`,
];

/** A prefix with a picture; beside it pictures that nobody may have. */
async function doorsOfHouse(scope: Scope): Promise<Doors> {
  const house = await tempFolder(scope);
  for (const folder of ['images', 'secret']) await mkdir(path.join(house, folder));
  for (const file of ['images/a.tif', 'secret/d.tif', 'e.tif'])
    await copyFile(path.join(FIXTURES, 'tiny.tif'), path.join(house, file));
  for (const file of ['rgb-jpeg.tif', 'rgb-deflate.tif', 'grey16.tif'])
    await copyFile(path.join(FIXTURES, file), path.join(house, 'images', file));
  return openDoors(scope, { FILESYSTEM_PREFIX: path.join(house, 'images') + path.sep });
}

const names = UPWARDS.flatMap((up) => TARGETS.flatMap((target) => [up + target, `x/${up}${up}${target}`]));
const targets = PLACES.flatMap((place) => names.map(place));

describe('a name in raw bytes', { timeout: 300_000 }, () => {
  it('leads nowhere, through nginx and past it', async (test) => {
    const doors = await doorsOfHouse(scopeOf(test));
    for (const target of targets) {
      const what = JSON.stringify(target);
      const direct = await rawFcgi(doors.program.where, { ...cgiParams(''), ...rawTarget(target) });
      assert.ok([400, 404].includes(direct.status) || isWelcome(direct), `${what}: ${direct.status}`);
      assertHarmless(direct, what);
      if (doors.nginxPort === undefined) continue;
      const answer = await rawHttp(doors.nginxPort, httpText(target));
      // nginx hangs up on some, and sends others to the address that it makes of them.
      if (answer === undefined) continue;
      assert.ok([301, 400, 404].includes(answer.status), `${what} through nginx: ${answer.status}`);
      assertHarmless(answer, what);
    }
    await assertServes(doors);
  });
});

/** What is asked for in absolute form is under no prefix: the page that says how to ask. */
const isWelcome = ({ body }: RawAnswer): boolean => body.includes('<h1>iipsrv');

/** As a careless web server would pass it on. */
function rawTarget(target: string): Readonly<Record<string, string>> {
  const [script = '', query = ''] = target.split(/\?(.*)/s);
  return { REQUEST_URI: target, QUERY_STRING: query, SCRIPT_NAME: script };
}
