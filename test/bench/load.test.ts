import assert from 'node:assert/strict';
import { once } from 'node:events';
import path from 'node:path';
import { describe, it } from 'node:test';
import { createFastcgiServer } from '../../src/server/fastcgi/server.ts';
import type { Response } from '../../src/server/response.ts';
import { memoryLog } from '../support/log.ts';
import { scopeOf, type Scope } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { problemOf, type AnswerKind } from './load/judge.ts';
import type { LoadJob } from './load/job.ts';
import { runJob } from './load/run-job.ts';
import { AnswerReader } from './load/wire.ts';

const JPEG = Buffer.from('ffd8ffe0 0102 ffd9'.replaceAll(' ', ''), 'hex');

const respondWith = (status: number, body: Uint8Array): Response => ({
  status,
  headers: [['Content-Length', String(body.length)]],
  body,
});

/** A server whose answers follow from the URI; gives the job for it and what it was asked. */
async function serving(
  scope: Scope,
  answer: (uri: string) => Response,
): Promise<{ job: LoadJob; asked: string[]; connections: () => number }> {
  const asked: string[] = [];
  let connections = 0;
  const respond = ({ uri }: { readonly uri: string }): Response => {
    asked.push(uri);
    return answer(uri);
  };
  const fastcgi = createFastcgiServer({ respond, log: memoryLog() });
  const { server } = fastcgi;
  server.on('connection', () => connections++);
  const socket = path.join(await tempFolder(scope), 'socket');
  server.listen(socket);
  await once(server, 'listening');
  scope.defer(() => {
    fastcgi.destroy();
    server.close();
  });
  const uris = Array.from({ length: 10 }, (_, index) => `/picture?${index}`);
  const job: LoadJob = {
    address: { kind: 'unix', path: socket },
    uris,
    expects: 'jpeg',
    clients: 4,
    keepAlive: false,
    seconds: 0,
    atLeast: 20,
    seed: 5,
    patienceSeconds: 10,
    samples: 3,
  };
  return { job, asked, connections: () => connections };
}

describe('runJob', () => {
  it('asks for all that it is told to, in a random order, over a connection each', async (test) => {
    const { job, asked, connections } = await serving(scopeOf(test), () => respondWith(200, JPEG));
    const result = await runJob(job);
    assert.deepEqual([...asked].sort(), [...job.uris, ...job.uris].sort());
    assert.notDeepEqual(asked.slice(0, 10), job.uris);
    assert.equal(result.requests, 20);
    assert.equal(result.latenciesMs.length, 20);
    assert.deepEqual(
      [...result.latenciesMs],
      [...result.latenciesMs].sort((a, b) => a - b),
    );
    assert.equal(result.problems.size, 0);
    assert.equal(connections(), 20);
  });

  it('keeps connections where it shall, one for each client', async (test) => {
    const { job, asked, connections } = await serving(scopeOf(test), () => respondWith(200, JPEG));
    await runJob({ ...job, keepAlive: true });
    assert.deepEqual([asked.length, connections()], [20, 4]);
  });

  it('gives back the first bodies with their URIs', async (test) => {
    const { job, asked } = await serving(scopeOf(test), () => respondWith(200, JPEG));
    const { samples } = await runJob({ ...job, clients: 1 });
    assert.deepEqual(
      samples.map(({ uri }) => uri),
      asked.slice(0, 3),
    );
    for (const { body } of samples) assert.deepEqual(Buffer.from(body), JPEG);
  });

  it('counts wrong answers by what is wrong', async (test) => {
    const { job } = await serving(scopeOf(test), (uri) =>
      uri === '/picture?3'
        ? respondWith(404, Buffer.from('no'))
        : respondWith(200, uri === '/picture?4' ? JPEG.subarray(0, 6) : JPEG),
    );
    const { requests, problems } = await runJob({ ...job, atLeast: 10 });
    assert.equal(requests, 8);
    assert.deepEqual(Object.fromEntries(problems), { 'status 404': 1, 'no end of jpeg': 1 });
  });

  it('gives up where nobody listens', async (test) => {
    const address = { kind: 'unix', path: path.join(await tempFolder(scopeOf(test)), 'nobody') } as const;
    const { job } = await serving(scopeOf(test), () => respondWith(200, JPEG));
    const { requests, problems } = await runJob({ ...job, address, atLeast: 1000 });
    assert.equal(requests, 0);
    assert.deepEqual([...problems.keys()], ['ENOENT']);
    assert.ok(problems.get('ENOENT')! < 100, 'it does not go on for ever');
  });
});

describe('problemOf', () => {
  const PNG = Buffer.from('89504e470d0a1a0a 0000000049454e44ae426082'.replace(' ', ''), 'hex');
  const cases: readonly (readonly [AnswerKind, number, Uint8Array, string | undefined])[] = [
    ['jpeg', 200, JPEG, undefined],
    ['jpeg', 200, PNG, 'no beginning of jpeg'],
    ['jpeg', 200, JPEG.subarray(0, 6), 'no end of jpeg'],
    ['jpeg', 500, JPEG, 'status 500'],
    ['jpeg', 200, Buffer.alloc(0), 'an empty body'],
    ['png', 200, PNG, undefined],
    ['png', 200, PNG.subarray(0, -1), 'no end of png'],
    ['json', 200, Buffer.from('{"a": 1}\n'), undefined],
    ['json', 200, Buffer.from('{"a": 1'), 'no end of json'],
    ['anything', 200, Buffer.from('?'), undefined],
    ['anything', 404, Buffer.from('?'), 'status 404'],
  ];
  for (const [kind, status, body, expected] of cases) {
    it(`${kind}, ${status}, ${body.length} bytes: ${expected ?? 'right'}`, () => {
      const reader = new AnswerReader();
      reader.begin(false);
      reader.push(stdout(Buffer.concat([Buffer.from(`Status: ${status} X\r\n\r\n`), body])));
      assert.equal(problemOf(reader, kind), expected);
    });
  }
});

function stdout(content: Uint8Array): Buffer {
  const header = Buffer.from([1, 6, 0, 1, 0, 0, 0, 0]);
  header.writeUInt16BE(content.length, 4);
  return Buffer.concat([header, content]);
}
