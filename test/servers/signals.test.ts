import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { isListening, waitFor } from '../support/daemon.ts';
import {
  cgiParams,
  FcgiClient,
  fcgiRequest,
  requestRecords,
  type FcgiAnswer,
} from '../support/fcgi-client.ts';
import { parseLog, startProgram, type LogLine, type Program } from '../support/program.ts';
import { scopeOf } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';

const options = { timeout: 120_000 };

/** Takes the program a while. */
const SLOW = '/fcgi-bin/iipsrv.fcgi?FIF=rgb-deflate.tif&WID=2000&CVT=avif';
const TILE = '/fcgi-bin/iipsrv.fcgi?FIF=rgb-deflate.tif&JTL=2,1';

/** A slow request that the program has begun with: it answered what was sent behind it on the same connection. */
async function beginSlow(client: FcgiClient): Promise<{ readonly slow: Promise<FcgiAnswer> }> {
  const [slow, quick] = [client.answerTo(1), client.answerTo(2)];
  const keepConn = true;
  client.send(requestRecords(cgiParams(SLOW), { id: 1, keepConn }));
  client.send(requestRecords(cgiParams('/', { method: 'OPTIONS' }), { id: 2, keepConn }));
  assert.equal((await quick).status, 204);
  return { slow };
}

describe('a signal to stop', options, () => {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGUSR1'] as const) {
    it(`${signal} lets requests under way end, and says how many were served`, async (test) => {
      const program = await startProgram(scopeOf(test));
      const client = await FcgiClient.connect(program.where);
      test.after(() => client.destroy());
      const { slow } = await beginSlow(client);
      program.daemon.signal(signal);
      const { status, headers, body } = await slow;
      assert.deepEqual([status, body.toString('latin1', 4, 12)], [200, 'ftypavif']);
      assert.equal(body.length, Number(headers['content-length']));
      assert.deepEqual(await program.daemon.exited, { code: 0, signal: null });
      const { msg, served, outcome, signal: told } = program.log.at(-1) as LogLine & Stopped;
      assert.deepEqual([msg, served, outcome, told], ['iipsrv stops', 2, 'drained', signal]);
      assert.equal(await isListening(program.where), false);
    });
  }
});

interface Stopped {
  readonly served: number;
  readonly outcome: string;
  readonly signal: string;
}

/** What the log says of the caches in its lines of tiles, when there are as many as `count`. */
async function tileOrigins(
  read: () => Promise<readonly LogLine[]>,
  count: number,
): Promise<readonly unknown[]> {
  const tiles = async () => (await read()).filter((line) => line['uri'] === TILE);
  await waitFor(async () => (await tiles()).length === count, `the log has ${count} tiles`);
  return (await tiles()).map((line) => line['cache']);
}

async function hangUp(program: Program, read: () => Promise<readonly LogLine[]>): Promise<void> {
  program.daemon.signal('SIGHUP');
  await waitFor(
    async () => (await read()).some(({ msg }) => /^caches emptied/.test(msg)),
    'caches are emptied',
  );
}

describe('SIGHUP', options, () => {
  it('empties the caches and keeps serving', async (test) => {
    const program = await startProgram(scopeOf(test));
    const read = () => Promise.resolve(program.log);
    const ask = () => fcgiRequest(program.where, cgiParams(TILE));
    const before = await ask();
    assert.ok((await ask()).body.equals(before.body));
    assert.deepEqual(await tileOrigins(read, 2), ['rendered', 'hit']);
    await hangUp(program, read);
    assert.ok((await ask()).body.equals(before.body));
    assert.deepEqual(await tileOrigins(read, 3), ['rendered', 'hit', 'rendered']);
  });

  it('opens the log anew after it was renamed, and loses no line', async (test) => {
    const scope = scopeOf(test);
    const file = path.join(await tempFolder(scope), 'log');
    const program = await startProgram(scope, { env: { LOGFILE: file } });
    const [readOld, readNew] = [`${file}.1`, file].map(
      (name) => async () => parseLog(await readFile(name, 'utf8')),
    );
    const ask = () => fcgiRequest(program.where, cgiParams(TILE));
    await ask();
    await rename(file, `${file}.1`);
    await ask();
    program.daemon.signal('SIGHUP');
    await waitFor(() => existsSync(file), 'the log is there again');
    await ask();
    assert.deepEqual(await tileOrigins(readOld!, 2), ['rendered', 'hit']);
    assert.deepEqual(await tileOrigins(readNew!, 1), ['rendered']);
    assert.equal(program.daemon.output, '');
  });
});
