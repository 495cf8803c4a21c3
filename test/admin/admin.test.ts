/** The admin server of the program itself. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { protocolOf } from '../../src/admin/watch.ts';
import { makeRequest } from '../../src/server/request.ts';
import { Daemon, waitFor } from '../support/daemon.ts';
import { cgiParams, fcgiRequest } from '../support/fcgi-client.ts';
import { freePort } from '../support/ports.ts';
import {
  assertNoFaults,
  PROGRAM,
  programEnv,
  runProgram,
  parseLog,
  type ProgramEnv,
} from '../support/program.ts';
import { scopeOf, type Scope } from '../support/scope.ts';

const TILE = '/fcgi-bin/iipsrv.fcgi?FIF=rgb-deflate.tif&JTL=3,5';

async function setUp(scope: Scope, env: ProgramEnv = {}) {
  const [port, adminPort] = [await freePort(), await freePort()];
  const daemon = new Daemon([process.execPath, PROGRAM, '--bind', `127.0.0.1:${port}`, '--admin', String(adminPort)], {
    env: programEnv({ URI_MAP: 'iiif=>IIIF', OMP_NUM_THREADS: '2', ...env }),
  });
  scope.defer(async () => {
    assert.equal((await daemon.stop()).code, 0, daemon.output);
    assertNoFaults(daemon.output);
  });
  await daemon.waitUntilListening({ port });
  await daemon.waitUntilListening({ port: adminPort });
  const admin = async (method: string, path: string, body?: string) => {
    const response = await fetch(`http://127.0.0.1:${adminPort}${path}`, { method, ...(body === undefined ? {} : { body }) });
    return { status: response.status, text: await response.text() };
  };
  const ask = (uri: string, extra: Readonly<Record<string, string>> = {}) =>
    fcgiRequest({ port }, { ...cgiParams(uri), ...extra });
  const metric = async (name: string) => {
    const { text } = await admin('GET', '/metrics');
    const line = text.split('\n').find((each) => each.startsWith(`${name} `));
    return line === undefined ? undefined : Number(line.slice(name.length + 1));
  };
  return { admin, ask, metric, adminPort, log: () => parseLog(daemon.output) };
} // prettier-ignore

describe('the admin server', () => {
  it('tells what was served, in the format of Prometheus', { timeout: 60_000 }, async (test) => {
    const { admin, ask, metric } = await setUp(scopeOf(test));
    for (let i = 0; i < 3; i++) await ask(TILE);
    await ask('/iiif/rgb-deflate.tif/info.json');
    await ask('/iiif/none.tif/info.json');
    assert.equal(await metric('iipsrv_requests_total{protocol="IIP",status="200"}'), 3);
    assert.equal(await metric('iipsrv_requests_total{protocol="IIIF",status="200"}'), 1);
    assert.equal(await metric('iipsrv_requests_total{protocol="IIIF",status="404"}'), 1);
    assert.equal(await metric('iipsrv_pictures_total{origin="hit"}'), 2);
    assert.equal(await metric('iipsrv_pictures_total{origin="rendered"}'), 1);
    assert.equal(await metric('iipsrv_duration_seconds_count{stage="request"}'), 5);
    assert.equal(await metric('iipsrv_duration_seconds_count{stage="decode"}'), 1);
    assert.equal(await metric('iipsrv_duration_seconds_bucket{stage="request",le="+Inf"}'), 5);
    assert.ok([1, 2].includes((await metric('iipsrv_open_images'))!), 'by the threads that were asked');
    assert.equal(await metric('iipsrv_requests_active'), 0);
    assert.ok((await metric('iipsrv_sent_bytes_total'))! > 1_000);
    assert.ok((await metric('process_resident_memory_bytes'))! > 10_000_000);
    const { text } = await admin('GET', '/metrics');
    for (const line of text.split('\n').filter((each) => each !== '')) {
      assert.match(line, /^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="[^"]*",?)+\})? [-+\d.eNaInf]+)$/);
    }
    const types = [...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name);
    assert.equal(new Set(types).size, types.length, 'every metric is declared once');
  });

  it('says that it lives and is ready, and offers nothing else', { timeout: 60_000 }, async (test) => {
    const { admin } = await setUp(scopeOf(test));
    assert.deepEqual((await admin('GET', '/healthz')).status, 200);
    assert.deepEqual((await admin('GET', '/readyz')).status, 200);
    assert.equal((await admin('GET', '/')).status, 404);
    assert.equal((await admin('GET', '/purge?id=a')).status, 405);
    assert.equal((await admin('POST', '/purge')).status, 400);
    assert.equal((await admin('POST', '/purge?id=none.tif')).status, 404);
    assert.equal((await admin('POST', '/warm', 'x'.repeat(1_100_000))).status, 413);
  });

  it('forgets an image, or all', { timeout: 60_000 }, async (test) => {
    const { admin, ask, metric } = await setUp(scopeOf(test));
    const hits = () => metric('iipsrv_pictures_total{origin="hit"}');
    const other = TILE.replace('deflate', 'jpeg') + '&CNT=2';
    for (const uri of [TILE, other, TILE, other]) await ask(uri);
    assert.equal(await hits(), 2);
    const { text } = await admin('POST', '/purge?id=rgb-deflate.tif');
    assert.match(text, /^\{"purged":\["rgb-deflate.tif"\],"cacheTags":\["image-[0-9a-f]{16}"\]\}/);
    await ask(TILE);
    await ask(other);
    assert.equal(await hits(), 3, 'the other image is still there');
    assert.equal((await admin('POST', '/purge-all')).status, 200);
    await ask(other);
    assert.equal(await hits(), 3);
  });

  it('adds up what several threads do, and has each of them forget', { timeout: 60_000 }, async (test) => {
    const { admin, ask, metric } = await setUp(scopeOf(test));
    const opened = () => metric('iipsrv_open_images');
    let count = 0;
    await waitFor(async () => {
      const uris = Array.from({ length: 16 }, (_, i) => TILE.replace('3,5', `3,${i}`));
      count += (await Promise.all(uris.map((uri) => ask(uri)))).filter(({ status }) => status === 200).length;
      return (await opened()) === 2;
    }, 'both threads were asked');
    assert.equal(await metric('iipsrv_requests_total{protocol="IIP",status="200"}'), count);
    assert.equal(await metric('iipsrv_duration_seconds_count{stage="request"}'), count);
    const origins = ['hit', 'shared', 'rendered'].map((origin) => metric(`iipsrv_pictures_total{origin="${origin}"}`));
    assert.equal((await Promise.all(origins)).reduce((sum, each) => sum! + each!, 0), count);
    assert.equal(await metric('iipsrv_requests_active'), 0);
    assert.equal((await admin('POST', '/purge?id=rgb-deflate.tif')).status, 200);
    assert.equal(await opened(), 0);
    await ask(TILE);
    assert.equal(await opened(), 1);
    assert.equal((await admin('POST', '/purge-all')).status, 200);
    assert.deepEqual([await opened(), await metric('iipsrv_tile_cache_bytes')], [0, 0]);
  }); // prettier-ignore

  it('warms images, also by iipsrv warm', { timeout: 60_000 }, async (test) => {
    const { ask, metric, adminPort, log } = await setUp(scopeOf(test), { MAX_IMAGE_CACHE_SIZE: '100' });
    const run = await runProgram(['warm', '--admin', String(adminPort), 'rgb-deflate.tif', 'none.tif']);
    assert.deepEqual([run.status, run.stdout], [0, '{"taken":2,"waiting":2}\n']);
    await waitFor(() => log().some(({ msg }) => msg === 'an image is warm'), 'it is warm');
    const line = log().find(({ msg }) => msg === 'an image is warm');
    assert.ok(Number(line?.['tiles']) > 50);
    assert.equal(line?.['made'], line?.['tiles']);
    await waitFor(() => log().some(({ msg }) => msg === 'an image could not be warmed'), 'the other is told');
    assert.equal(
      log().filter(({ msg }) => msg === 'request').length,
      0,
      'one line for an image, none for a tile',
    );
    await ask(TILE);
    assert.equal(await metric('iipsrv_pictures_total{origin="hit"}'), 1);
    const nobody = await runProgram(['warm', '--admin', '1', 'a.tif']);
    assert.deepEqual([nobody.status, nobody.stdout], [1, '']);
    assert.match(nobody.stderr, /^iipsrv warm: /);
  });
});

describe('requests', () => {
  it('have an id in the log: the given one, or a new one', { timeout: 60_000 }, async (test) => {
    const { ask, log } = await setUp(scopeOf(test));
    await ask(TILE, { HTTP_X_REQUEST_ID: 'from-the-proxy' });
    await ask(TILE, { HTTP_X_REQUEST_ID: 'bad "id"' });
    await ask(TILE.replace('deflate', 'none'), { HTTP_X_REQUEST_ID: 'failed-one' });
    const ids = () => log().filter(({ uri }) => uri !== undefined).map(({ id }) => String(id));
    await waitFor(() => ids().length === 3, 'the log has them');
    assert.equal(ids()[0], 'from-the-proxy');
    assert.match(ids()[1]!, /^[\w-]{16}$/);
    assert.equal(ids()[2], 'failed-one');
  }); // prettier-ignore

  it('are told how long they took and which image they are of, when wanted', { timeout: 60_000 }, async (test) => {
    const plain = await (await setUp(scopeOf(test))).ask(TILE);
    assert.deepEqual([plain.headers['server-timing'], plain.headers['cache-tag']], [undefined, undefined]);
    const { ask } = await setUp(scopeOf(test), { SERVER_TIMING: '1', CACHE_TAGS: '1' });
    const first = await ask(TILE);
    assert.match(String(first.headers['server-timing']), /^cache;desc="rendered";dur=[\d.]+(, (open|read|decode|process|encode);dur=[\d.]+){5}, render;dur=[\d.]+, total;dur=[\d.]+$/);
    const again = await ask(TILE);
    assert.match(String(again.headers['server-timing']), /^cache;desc="hit";dur=[\d.]+, total;dur=[\d.]+$/);
    const tag = /^iipsrv,(image-[0-9a-f]{16})$/.exec(String(first.headers['cache-tag']))?.[1];
    assert.equal(first.headers['surrogate-key'], `iipsrv ${tag}`);
    assert.equal((await ask('/iiif/rgb-deflate.tif/info.json')).headers['cache-tag'], first.headers['cache-tag']);
    assert.notEqual((await ask('/iiif/grey8.tif/info.json')).headers['cache-tag'], first.headers['cache-tag']);
  }); // prettier-ignore

  for (const [uri, protocol] of [
    ['/iiif/a/info.json', 'IIIF'], ['/x?FIF=a&JTL=1,1', 'IIP'], ['/x?Zoomify=a/b', 'Zoomify'],
    ['/x?DeepZoom=a.dzi', 'DeepZoom'], ['/x?fif=a', 'IIP'], ['/', 'other'], ['/x?A=FIF=', 'other'],
  ] as const) {
    it(`${uri} count as ${protocol}`, () => {
      assert.equal(protocolOf(makeRequest({ uri }), [{ prefix: 'iiif', protocol: 'IIIF' }]), protocol);
    });
  } // prettier-ignore
});
