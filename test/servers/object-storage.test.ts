/** The program over images that lie on nginx and on an S3 service, compared with the same images as files. */
import assert from 'node:assert/strict';
import { copyFile, mkdir, readFile, rename, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { startDaemon } from '../support/daemon.ts';
import { cgiParams, fcgiRequest, type FcgiAnswer, type Where } from '../support/fcgi-client.ts';
import { freePort } from '../support/ports.ts';
import { FIXTURES, startProgram, type Program, type ProgramEnv } from '../support/program.ts';
import { programPath, skipUnless } from '../support/real-programs.ts';
import { scopeOf, type Scope } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { startS3 } from './s3.ts';

const IIP = '/fcgi-bin/iipsrv.fcgi';

const ask = (where: Where, uri: string): Promise<FcgiAnswer> => fcgiRequest(where, cgiParams(uri));

/** The same questions about `name` here and about the file: equal answers but for what says which file it is. */
async function compare(program: Program, prefix: string, name: string): Promise<void> {
  for (const query of [
    'JTL=0,0',
    'JTL=2,1',
    'WID=200&CVT=jpeg',
    'RGN=0.1,0.1,0.3,0.3&CVT=png',
    'obj=Basic-info',
  ]) {
    const remote = await ask(program.where, `${IIP}?FIF=${prefix}/${name}&${query}`);
    const local = await ask(program.where, `${IIP}?FIF=${name}&${query}`);
    assert.equal(remote.status, 200, `${name} ${query}: ${remote.body.toString().slice(0, 200)}`);
    assert.deepEqual(remote.body, local.body, `${name} ${query}`);
  }
}

async function startStorage(scope: Scope, folder: string): Promise<number> {
  const port = await freePort();
  const own = await tempFolder(scope);
  await writeFile(
    path.join(own, 'nginx.conf'),
    `daemon off; pid ${own}/pid; worker_processes 1; ${process.getuid?.() === 0 ? 'user root;' : ''}
     error_log ${own}/error.log; events {}
     http { access_log ${own}/access.log; ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((place) => `${place}_temp_path ${own}/${place};`).join(' ')}
       server { listen 127.0.0.1:${port}; root ${folder}; location /moved/ { return 302 http://127.0.0.1:1/; } } }`,
  );
  const nginx = startDaemon(scope, [
    programPath('nginx'),
    '-e',
    `${own}/error.log`,
    '-c',
    `${own}/nginx.conf`,
  ]);
  await nginx.waitUntilListening({ port });
  return port;
}

describe('images on nginx', { skip: skipUnless('nginx') }, () => {
  const setUp = async (scope: Scope, env: ProgramEnv = {}) => {
    const folder = await tempFolder(scope, { isPublic: true });
    await mkdir(path.join(folder, 'masters'));
    const store = (name: string, as = name) => copyFile(FIXTURES + name, path.join(folder, 'masters', as));
    const port = await startStorage(scope, folder);
    const program = await startProgram(scope, {
      env: { SOURCE_MAP: `r=>http://127.0.0.1:${port}/masters,m=>http://127.0.0.1:${port}/moved`, URI_MAP: 'iiif=>IIIF', ...env },
    });
    return { folder, store, program };
  }; // prettier-ignore

  it('give what files give', { timeout: 120_000 }, async (test) => {
    const { store, program } = await setUp(scopeOf(test));
    for (const name of ['rgb-jpeg.tif', 'rgb-deflate.tif', 'photo.jpg', 'rgb-bigtiff.tif']) {
      await store(name);
      await compare(program, 'r', name);
    }
    await store('rgb-jpeg.tif', "a b+ü'(1).tif");
    const info = await ask(program.where, `/iiif/${encodeURIComponent("r/a b+ü'(1).tif")}/info.json`);
    assert.equal(info.status, 200);
  });

  it('are shown anew after they are replaced, and never half and half', { timeout: 120_000 }, async (test) => {
    const { folder, store, program } = await setUp(scopeOf(test), { SOURCE_REVALIDATE: '1', MAX_IMAGE_CACHE_SIZE: '0' });
    const TILE = `${IIP}?FIF=r/x.tif&JTL=0,0`;
    await store('rgb-jpeg.tif', 'x.tif');
    const one = await ask(program.where, TILE);
    await store('rgb-deflate.tif', 'new');
    await utimes(path.join(folder, 'masters/new'), 1_700_000_000, 1_700_000_000);
    await rename(path.join(folder, 'masters/new'), path.join(folder, 'masters/x.tif'));
    const truth = await ask(program.where, `${IIP}?FIF=rgb-deflate.tif&JTL=0,0`);
    const end = Date.now() + 5_000;
    let seen = await ask(program.where, TILE);
    while (Date.now() < end && !seen.body.equals(truth.body)) {
      assert.equal(seen.status, 200);
      assert.deepEqual(seen.body, one.body, 'the old picture or the new one');
      seen = await ask(program.where, TILE);
    }
    assert.deepEqual(seen.body, truth.body);
    assert.match(String(seen.headers['last-modified']), /^Tue, 14 Nov 2023/);
  }); // prettier-ignore

  it('that are not there, or moved, are errors that name no address', { timeout: 60_000 }, async (test) => {
    const { program } = await setUp(scopeOf(test));
    for (const [name, status] of [['r/none.tif', 404], ['r/../../etc/passwd', 404], ['r/%2e%2e/none.tif', 404], ['m/a.tif', 503]] as const) {
      const answer = await ask(program.where, `${IIP}?FIF=${name}&JTL=0,0`);
      assert.equal(answer.status, status, name);
      assert.doesNotMatch(answer.body.toString(), /127\.0\.0\.1|http/);
    }
    const line = await program.logged(({ status }) => status === 503);
    assert.equal(line['refusedRedirect'], 'http://127.0.0.1:1/');
  }); // prettier-ignore
});

describe('images in a bucket of an S3 service (s3rver)', () => {
  for (const addressing of ['path', 'virtual'] as const) {
    it(`are read with signed requests, ${addressing} addressing`, { timeout: 120_000 }, async (test) => {
      const scope = scopeOf(test);
      const s3 = await startS3(scope);
      const names = ['rgb-jpeg.tif', 'rgb-deflate.tif', 'photo.jpg'];
      for (const name of names) await s3.put(`scans/${name}`, await readFile(FIXTURES + name));
      await s3.put("scans/sub/ü (1)+'.tif", await readFile(`${FIXTURES}rgb-jpeg.tif`));
      const program = await startProgram(scope, {
        env: {
          SOURCE_MAP: `s=>s3://${s3.bucket}/scans`,
          // Names below localhost lead to this machine.
          AWS_ENDPOINT_URL: `http://s3.localhost:${s3.port}`,
          S3_ADDRESSING: addressing,
          AWS_ACCESS_KEY_ID: s3.accessKeyId,
          AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
          URI_MAP: 'iiif=>IIIF',
        },
      });
      for (const name of names) await compare(program, 's', name);
      const info = await ask(program.where, `/iiif/${encodeURIComponent("s/sub/ü (1)+'.tif")}/info.json`);
      assert.equal(info.status, 200, info.body.toString());
      assert.equal((await ask(program.where, `${IIP}?FIF=s/none.tif&obj=Max-size`)).status, 404);
      assert.doesNotMatch(program.daemon.output, new RegExp(s3.secretAccessKey));
      assert.ok(s3.counts.verified > 0 && s3.counts.anonymous === 0, JSON.stringify(s3.counts));
    });
  }

  it(
    'refuse a wrong secret, which is 404 for clients and told in the log',
    { timeout: 60_000 },
    async (test) => {
      const scope = scopeOf(test);
      const s3 = await startS3(scope);
      await s3.put('a.tif', await readFile(`${FIXTURES}rgb-jpeg.tif`));
      const env = {
        SOURCE_MAP: `s=>s3://${s3.bucket}`,
        AWS_ENDPOINT_URL: `http://127.0.0.1:${s3.port}`,
        AWS_ACCESS_KEY_ID: s3.accessKeyId,
      };
      const wrong = await startProgram(scope, { env: { ...env, AWS_SECRET_ACCESS_KEY: 'wrong' } });
      assert.equal((await ask(wrong.where, `${IIP}?FIF=s/a.tif&JTL=0,0`)).status, 404);
      assert.equal((await wrong.logged(({ status }) => status === 404))['originStatus'], 403);
    },
  );

  it('are read without keys when the bucket is public', { timeout: 60_000 }, async (test) => {
    const scope = scopeOf(test);
    const s3 = await startS3(scope);
    await s3.put('a.tif', await readFile(`${FIXTURES}rgb-jpeg.tif`));
    const program = await startProgram(scope, {
      env: { SOURCE_MAP: `s=>s3://${s3.bucket}`, AWS_ENDPOINT_URL: `http://127.0.0.1:${s3.port}` },
    });
    assert.equal((await ask(program.where, `${IIP}?FIF=s/a.tif&JTL=0,0`)).status, 200);
    assert.deepEqual([s3.counts.verified, s3.counts.anonymous > 0], [0, true]);
  });
});
