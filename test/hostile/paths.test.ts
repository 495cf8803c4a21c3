import assert from 'node:assert/strict';
import { copyFile, mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { cgiParams, fcgiRequest } from '../support/fcgi-client.ts';
import { httpRequest, type HttpAnswer } from '../support/http-client.ts';
import { freePort } from '../support/ports.ts';
import { FIXTURES, startProgram } from '../support/program.ts';
import { scopeOf, type Scope } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { NGINX_MISSING, startNginx } from '../servers/nginx.ts';
import { URI_MAP } from '../servers/questions.ts';
import { assertRefused } from './answers.ts';

const options = { timeout: 300_000 };

/** `images/` is the prefix; beside it are pictures that nobody may have. */
async function makeHouse(scope: Scope): Promise<string> {
  const house = await tempFolder(scope);
  const picture = path.join(FIXTURES, 'tiny.tif');
  for (const folder of ['images', 'images/inner', 'images-too', 'secret'])
    await mkdir(path.join(house, folder));
  for (const file of [
    'images/a.tif',
    'images/inner/b.tif',
    'images-too/c.tif',
    'secret/d.tif',
    'e.tif',
    'imagesf.tif',
  ]) {
    await copyFile(picture, path.join(house, file));
  }
  const links = {
    'inside.tif': 'inner/b.tif',
    'outside.tif': '../e.tif',
    out: '../secret',
    chain: 'outside.tif',
    loop: 'loop',
  };
  for (const [name, target] of Object.entries(links)) await symlink(target, path.join(house, 'images', name));
  await symlink(path.join(house, 'secret/d.tif'), path.join(house, 'images/absolute.tif'));
  return house;
}

/** Ways to write `../` that some program somewhere has taken for it. */
const UPWARDS = [
  ...[
    '../',
    '..%2f',
    '..%2F',
    '%2e%2e/',
    '%2e%2e%2f',
    '%2E%2E%2F',
    '.%2e/',
    '%252e%252e%252f',
    '%252e%252e/',
    '..%252f',
  ],
  ...[
    '..\\',
    '..%5c',
    '%2e%2e%5c',
    '....//',
    '....%2f%2f',
    '..././',
    '.../...//',
    './../',
    '/../',
    '//..//',
    '..//',
    'inner/../../',
  ],
  ...[
    'inner/..%2f..%2f',
    '..%c0%af',
    '%c0%ae%c0%ae/',
    '..%ef%bc%8f',
    '..%00/',
    '%00../',
    '.%00./',
    '%u002e%u002e/',
    '..;/',
    '../images/../',
  ],
  ...['out/', 'out/../', 'inner/../out/', '+../', '%20../'],
];

/** What each leads to when it is taken for the folder above. */
const TARGETS = ['e.tif', 'secret/d.tif', 'images-too/c.tif', 'imagesf.tif', 'd.tif'];

/** Names that need no way upwards. */
const NAMES = [
  ...[
    'outside.tif',
    'absolute.tif',
    'out/d.tif',
    'chain',
    'loop',
    'out',
    '',
    '.',
    '..',
    '/',
    '%2f',
    '%00',
    'inner',
    'inner/',
  ],
  ...[
    '-too/c.tif',
    'f.tif',
    '/etc/passwd',
    '//etc/passwd',
    '%2fetc%2fpasswd',
    'file:///etc/passwd',
    'C:%5Cwindows%5Cwin.ini',
  ],
  ...[
    '/proc/self/environ',
    'a.tif%00.jpg',
    'a.tif/',
    'a.tif/b',
    'a.tif/..',
    'a.tif%2f..%2f..%2fe.tif',
    '*.tif',
    'a.ti?',
    '~root/.profile',
  ],
];

/** A name in every protocol, as a client would put it. */
function uris(name: string): readonly string[] {
  return [
    `/fcgi-bin/iipsrv.fcgi?FIF=${name}&JTL=0,0`,
    `/fcgi-bin/iipsrv.fcgi?FIF=${name}&OBJ=IIP,1.0&OBJ=Max-size`,
    `/fcgi-bin/iipsrv.fcgi?IIIF=${name}/info.json`,
    `/fcgi-bin/iipsrv.fcgi?DeepZoom=${name}.dzi`,
    `/iiif/${name}/info.json`,
    `/iiif/${name}/full/max/0/default.jpg`,
    `/deepzoom/${name}.dzi`,
    `/deepzoom/${name}_files/8/0_0.jpg`,
    `/zoomify/${name}/ImageProperties.xml`,
  ];
}

type Ask = (uri: string) => Promise<HttpAnswer>;

async function assertKept(ask: Ask, house: string, statuses: readonly number[]): Promise<void> {
  const inside = await ask('/fcgi-bin/iipsrv.fcgi?FIF=inside.tif&JTL=0,0');
  assert.equal(inside.status, 200, 'a link that stays inside');
  const names = [
    ...NAMES,
    ...UPWARDS.flatMap((up) => TARGETS.flatMap((target) => [up + target, up + up + target])),
  ];
  for (const name of names) {
    for (const uri of uris(name)) {
      const answer = await ask(uri);
      assertRefused(answer, statuses, uri);
      assert.ok(!answer.body.includes(house), uri);
    }
  }
}

describe('a name that leads out of the prefix', options, () => {
  const start = async (scope: Scope, httpPort?: number) => {
    const house = await makeHouse(scope);
    const env = { FILESYSTEM_PREFIX: path.join(house, 'images') + path.sep, URI_MAP };
    return {
      house,
      program: await startProgram(scope, { env, ...(httpPort === undefined ? {} : { httpPort }) }),
    };
  };

  it('finds nothing over FastCGI', async (test) => {
    const { house, program } = await start(scopeOf(test));
    await assertKept((uri) => fcgiRequest(program.where, cgiParams(uri)), house, [400, 404]);
  });

  it('finds nothing over HTTP', async (test) => {
    const port = await freePort();
    const { house } = await start(scopeOf(test), port);
    await assertKept((uri) => httpRequest(port, uri), house, [400, 404]);
  });

  it('finds nothing through nginx', { skip: NGINX_MISSING }, async (test) => {
    const scope = scopeOf(test);
    const { house, program } = await start(scope);
    const { port } = await startNginx(scope, { upstream: program.where, isKeepingConnections: true });
    // nginx answers some itself.
    await assertKept((uri) => httpRequest(port, uri), house, [301, 400, 404]);
  });

  it('finds nothing when the prefix is no folder but the start of names', async (test) => {
    const scope = scopeOf(test);
    const house = await makeHouse(scope);
    const prefix = path.join(house, 'images/in');
    const { where } = await startProgram(scope, { env: { FILESYSTEM_PREFIX: prefix, URI_MAP } });
    const ask = (name: string) => fcgiRequest(where, cgiParams(`/fcgi-bin/iipsrv.fcgi?FIF=${name}&JTL=0,0`));
    assert.equal((await ask('ner/b.tif')).status, 200);
    for (const name of ['ner/../a.tif', 'ner/../../e.tif', '/../a.tif', 'side.tif', '../a.tif']) {
      const answer = await ask(name);
      if (name === 'side.tif') assert.equal(answer.status, 200, name);
      else assertRefused(answer, [404], name);
    }
  });
});
