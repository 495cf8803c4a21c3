/** What goes wrong with the machine round the program, and with those who end it. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'node:test';
import { Daemon, waitFor } from '../support/daemon.ts';
import { cgiParams, FcgiClient, fcgiRequest, requestRecords } from '../support/fcgi-client.ts';
import { freePort } from '../support/ports.ts';
import { PROC_MISSING, usageOf } from '../support/proc.ts';
import { assertNoFaults, parseLog, PROGRAM, programEnv, startProgram } from '../support/program.ts';
import { scopeOf } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { besideGoodClient } from './good-client.ts';
import { closed, open } from './rogues.ts';

const IIP = '/fcgi-bin/iipsrv.fcgi?FIF=';
const options = { timeout: 180_000 };

/** A program that may open so many descriptors. */
async function startLimited(port: number, descriptors: number): Promise<Daemon> {
  const command = `ulimit -n ${descriptors}; exec "${process.execPath}" "${PROGRAM}" --bind 127.0.0.1:${port}`;
  const daemon = new Daemon(['sh', '-c', command], { env: programEnv({ OMP_NUM_THREADS: '1' }) });
  await daemon.waitUntilListening({ port });
  return daemon;
}

describe('SIGTERM', options, () => {
  it('in the middle of 64 exports: each is sent whole or refused, and the program ends', async (test) => {
    const { where, daemon } = await startProgram(scopeOf(test), { env: { OMP_NUM_THREADS: '2' } });
    const exports = Array.from({ length: 64 }, (_, i) =>
      fcgiRequest(where, cgiParams(`${IIP}rgb-deflate.tif&WID=${900 + i}&CVT=png`)),
    );
    const outcomes = Promise.allSettled(exports);
    await exports[0];
    const startedAt = performance.now();
    daemon.signal('SIGTERM');
    const exit = await daemon.exited;
    assert.deepEqual(exit, { code: 0, signal: null });
    assert.ok(performance.now() - startedAt < 20_000, 'within the grace');
    for (const outcome of await outcomes) {
      // What had not begun when the door was shut, and what took longer than the grace, finds a closed connection.
      if (outcome.status === 'rejected') continue;
      const { status, headers, body } = outcome.value;
      assert.ok(status === 200 || status === 503, String(status));
      assert.equal(body.length, Number(headers['content-length']));
    }
    assertNoFaults(daemon.output);
    assert.ok(parseLog(daemon.output).some(({ msg }) => msg === 'iipsrv stops'));
  });
});

describe('clients', options, () => {
  it('5,000 that only connect change nothing for others', { skip: PROC_MISSING }, async (test) => {
    const { where, pid } = await startProgram(scopeOf(test), {});
    await besideGoodClient(where, () => Promise.resolve());
    const before = await usageOf(pid);
    const sockets: Socket[] = [];
    test.after(() => sockets.forEach((socket) => socket.destroy()));
    await besideGoodClient(where, async () => {
      for (let i = 0; i < 5_000; i += 100)
        sockets.push(...(await Promise.all(Array.from({ length: 100 }, () => open(where)))));
    });
    await besideGoodClient(where, () => Promise.resolve());
    const during = await usageOf(pid);
    assert.ok(during.megabytes - before.megabytes < 150, `${before.megabytes} to ${during.megabytes} MB`);
    for (const socket of sockets) socket.destroy();
    const isBack = async () => (await usageOf(pid)).descriptors <= before.descriptors + 8;
    await waitFor(isBack, 'the connections are closed');
  });

  it('that send and read a byte now and then are waited for, and change nothing for others', async (test) => {
    const { where } = await startProgram(scopeOf(test), {});
    const uri = `${IIP}grey16.tif&OBJ=Max-size`;
    const bytes = requestRecords(cgiParams(uri));
    const { body } = await fcgiRequest(where, cgiParams(uri));
    const answers: Buffer[] = [];
    await besideGoodClient(where, async () => {
      await Promise.all(
        Array.from({ length: 20 }, async () => {
          const socket = await open(where);
          socket.pause();
          // A byte every 100 ms; the rest at once, as nobody wants to wait a minute for it.
          for (let at = 0; at < 20; at++) {
            socket.write(bytes.subarray(at, at + 1));
            await sleep(100);
          }
          socket.write(bytes.subarray(20));
          const pieces: Buffer[] = [];
          for (let reads = 0; reads < 20; reads++) {
            const piece = socket.read(1) as Buffer | null;
            if (piece !== null) pieces.push(piece);
            await sleep(100);
          }
          socket.on('data', (piece: Buffer) => pieces.push(piece));
          await closed(socket);
          answers.push(Buffer.concat(pieces));
        }),
      );
    });
    assert.equal(answers.length, 20);
    for (const answer of answers) assert.ok(answer.includes(body), 'the answer is whole');
  });
});

describe('a machine', options, () => {
  it('without descriptors (EMFILE): those who are connected are served, and all are when some leave', async (test) => {
    const port = await freePort();
    const daemon = await startLimited(port, 96);
    const sockets: Socket[] = [];
    test.after(async () => {
      for (const socket of sockets) socket.destroy();
      await daemon.stop();
    });
    const where = { port };
    const client = await FcgiClient.connect(where);
    const ask = () => client.request(cgiParams(`${IIP}grey16.tif&OBJ=Max-size`), { keepConn: true });
    assert.equal((await ask()).status, 200);
    for (let i = 0; i < 200; i++) sockets.push(await open(where));
    await sleep(300);
    assert.equal((await ask()).status, 200, 'a picture that is open is served');
    const { status } = await client.request(cgiParams(`${IIP}rgb-zstd.tif&JTL=0,0`), { keepConn: true });
    assert.ok([200, 404, 500, 503].includes(status), `a picture that cannot be opened: ${status}`);
    for (const socket of sockets) socket.destroy();
    await waitFor(async () => {
      const answer = await fcgiRequest(where, cgiParams(`${IIP}rgb-zstd.tif&WID=100&CVT=png`)).catch(() => undefined);
      return answer?.status === 200;
    }, 'all is as before');
    client.destroy();
    assert.equal(daemon.exit, undefined, 'it never ended');
  }); // prettier-ignore

  it('whose log disk is full (ENOSPC) is served all the same, and told so on standard error', async (test) => {
    const env = { LOGFILE: '/dev/full' };
    const { where } = await startProgram(scopeOf(test), { env });
    for (let i = 0; i < 20; i++)
      assert.equal(
        (await fcgiRequest(where, cgiParams(`${IIP}grey16.tif&WID=${90 + i}&CVT=png`))).status,
        200,
      );
  });

  it('whose folder for pyramids cannot be written makes none, and serves', async (test) => {
    const scope = scopeOf(test);
    const folder = await tempFolder(scope);
    const blocked = path.join(folder, 'a file');
    await writeFile(blocked, '');
    for (const directory of ['/proc/pyramids', path.join(blocked, 'pyramids')]) {
      const { where } = await startProgram(scope, { env: { PYRAMID_CACHE_DIR: directory } });
      for (const name of ['photo-large.jpg', 'rgb-strips.tif']) {
        const answer = await fcgiRequest(where, cgiParams(`${IIP}${name}&JTL=1,0`));
        assert.equal(answer.status, 200, `${directory} ${name}`);
      }
    }
  });
});
