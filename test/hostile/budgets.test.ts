/** REQUEST_TIMEOUT, MAX_CONCURRENT, MAX_QUEUE and MAX_MEMORY in the program itself. */
import assert from 'node:assert/strict';
import { copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { waitFor } from '../support/daemon.ts';
import { cgiParams, FcgiClient, fcgiRequest } from '../support/fcgi-client.ts';
import { metricOf } from '../support/metrics.ts';
import { freePort } from '../support/ports.ts';
import { FIXTURES, startProgram, type ProgramEnv } from '../support/program.ts';
import { scopeOf, type Scope } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';

const IIP = '/fcgi-bin/iipsrv.fcgi?FIF=';
const TILE = `${IIP}rgb-deflate.tif&GAM=2&JTL=3,5`;

/** Seconds of work; each number another picture. */
const slow = (number: number) => `${IIP}rgb-deflate.tif&WID=${3000 + number}&CVT=avif`;

/** Some tenths of a second. */
const large = (number: number) => `${IIP}rgb-deflate.tif&WID=${2000 + number}&CVT=png`;

async function start(scope: Scope, env: ProgramEnv) {
  const adminPort = await freePort();
  const program = await startProgram(scope, { env: { OMP_NUM_THREADS: '1', ...env }, adminPort });
  const ask = (uri: string) => fcgiRequest(program.where, cgiParams(uri));
  const metric = (name: string) => metricOf(adminPort, name);
  const over = (budget: string) => metric(`iipsrv_over_budget_total{budget="${budget}"}`);
  return { program, ask, metric, over };
}

const options = { timeout: 120_000 };

describe('budgets', options, () => {
  it('REQUEST_TIMEOUT: 503 at once; the thread is free or replaced', async (test) => {
    const { ask, over, metric } = await start(scopeOf(test), { REQUEST_TIMEOUT: '1.5', MAX_CVT: '20000' });
    // Where others use the machine too, even a tile can take so long at first.
    const isServed = async () => (await ask(`${IIP}grey16.tif&WID=80&CVT=png`)).status === 200;
    await waitFor(isServed, 'a small picture is made in time');
    const before = await over('time');
    const startedAt = performance.now();
    const { status, headers } = await ask(slow(5_500));
    const ms = performance.now() - startedAt;
    assert.deepEqual([status, headers['retry-after']], [503, '2']);
    assert.ok(ms < 4_500, `${ms} ms`);
    assert.equal(await over('time'), before + 1);
    // Whether it ended by itself within the grace or was ended: nothing is left of it.
    await waitFor(async () => (await metric('iipsrv_work_bytes')) === 0, 'the thread is free or gone');
    await waitFor(
      async () => (await ask(`${IIP}grey16.tif&WID=81&CVT=png`)).status === 200,
      'others are served',
    );
  });

  it('MAX_MEMORY: 413 for what never fits; the rest is answered, one after the other', async (test) => {
    const { ask, over, metric } = await start(scopeOf(test), { MAX_MEMORY: '40', OMP_NUM_THREADS: '3' });
    assert.equal((await ask(`${IIP}rgb-deflate.tif&WID=4900&CVT=png`)).status, 413);
    assert.equal(await over('memory'), 1);
    const answers = await Promise.all([0, 1, 2, 3].map((number) => ask(`${IIP}rgb-deflate.tif&WID=${900 + number}&CVT=png`)));
    assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200, 200]);
    assert.equal(await metric('iipsrv_work_bytes'), 0);
  }); // prettier-ignore

  it('MAX_QUEUE: 503 for the exports that are too many, at once, and none for tiles', async (test) => {
    const { ask, over } = await start(scopeOf(test), { MAX_QUEUE: '2' });
    const exports = Promise.all(Array.from({ length: 12 }, (_, number) => ask(large(number))));
    const tiles = await Promise.all([1, 2, 3].map((tile) => ask(`${IIP}rgb-deflate.tif&PTL=3,${tile}`)));
    assert.deepEqual(tiles.map(({ status }) => status), [200, 200, 200]);
    const statuses = (await exports).map(({ status }) => status);
    const refused = statuses.filter((status) => status === 503).length;
    assert.equal(statuses.filter((status) => status === 200).length, 12 - refused, statuses.join());
    assert.ok(refused >= 6, statuses.join());
    assert.equal(await over('queue'), refused);
  }); // prettier-ignore

  it('MAX_CONCURRENT: 503 for one too many, and what the cache has is sent', async (test) => {
    const { ask, over } = await start(scopeOf(test), { MAX_CONCURRENT: '2' });
    const cached = await ask(TILE);
    const exports = Promise.all([0, 1, 2, 3].map((number) => ask(large(number))));
    assert.deepEqual((await ask(TILE)).body, cached.body);
    const statuses = (await exports).map(({ status }) => status);
    assert.deepEqual(statuses.toSorted(), [200, 200, 503, 503]);
    assert.equal(await over('requests'), 2);
  });

  it('damaged files take turns: a quarter of MAX_CONCURRENT wait, the rest is 503, and others are served', async (test) => {
    const scope = scopeOf(test);
    const folder = await tempFolder(scope);
    await copyFile(path.join(FIXTURES, 'rgb-deflate.tif'), path.join(folder, 'rgb-deflate.tif'));
    await writeFile(path.join(folder, 'broken.tif'), 'II*\0\x08\0\0\0\xff\xff');
    const env = { FILESYSTEM_PREFIX: folder + path.sep, MAX_CONCURRENT: '40' };
    const { ask, over } = await start(scope, env);
    const broken = `${IIP}broken.tif&OBJ=Max-size`;
    assert.equal((await ask(broken)).status, 500);
    const answers = Promise.all(Array.from({ length: 35 }, () => ask(broken)));
    assert.equal((await ask(TILE)).status, 200);
    const statuses = (await answers).map(({ status }) => status);
    const refused = statuses.filter((status) => status === 503).length;
    assert.equal(statuses.filter((status) => status === 500).length, 35 - refused, statuses.join());
    // Those whose turn comes while others arrive make room.
    assert.ok(refused >= 10 && refused < 30, statuses.join());
    assert.equal(await over('doubtful'), refused);
    assert.equal(await over('requests'), 0);
  });

  it('clients that leave take their work with them', async (test) => {
    const { program, ask, metric } = await start(scopeOf(test), {});
    const clients = await Promise.all(Array.from({ length: 20 }, () => FcgiClient.connect(program.where)));
    const answers = clients.map((client, number) => client.request(cgiParams(large(number))));
    await waitFor(async () => (await metric('iipsrv_queue_length')) > 10, 'exports wait');
    for (const client of clients) client.destroy();
    await Promise.allSettled(answers);
    await waitFor(async () => (await metric('iipsrv_queue_length')) === 0, 'nothing waits');
    await waitFor(async () => (await metric('iipsrv_work_bytes')) === 0, 'nothing is made');
    assert.equal((await ask(TILE)).status, 200);
    // Lines of other threads come a little later.
    const left = () => program.log.filter(({ status }) => status === 499).length;
    await waitFor(() => left() >= 10, 'the log tells who was given up');
  });
});
