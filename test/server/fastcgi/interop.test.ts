import assert from 'node:assert/strict';
import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { Server } from 'node:net';
import path from 'node:path';
import { Duplex } from 'node:stream';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { frameResponse } from '../../../src/server/fastcgi/frame.ts';
import { Slab } from '../../../src/server/fastcgi/slab.ts';
import type { Request } from '../../../src/server/request.ts';
import { cgiParams, FcgiClient, requestRecords } from '../../support/fcgi-client.ts';
import type { CgiEnvironment, Where } from '../../support/fcgi-client.ts';
import { deferred, serve, temporaryFolder, textResponse } from './support.ts';

/** What is used of node-fastcgi and of its codec; neither has types. */
interface NodeFastcgi {
  createServer(
    onRequest: (request: IncomingMessage & { cgiParams: CgiEnvironment }, response: ServerResponse) => void,
  ): Server;
}
interface FastcgiStream {
  readonly FastCGIStream: new (stream: Duplex) => EventEmitter;
  readonly records: Readonly<Record<string, { readonly TYPE: number }>>;
}

const require = createRequire(import.meta.url);
const nodeFastcgi = require('node-fastcgi') as NodeFastcgi;
const fastcgiStream = createRequire(require.resolve('node-fastcgi'))('fastcgi-stream') as FastcgiStream;

/** What both servers say of a request, each from its own reading of the records. */
interface Understood {
  readonly method: string;
  readonly uri: string;
  readonly host: string;
  readonly accept: string;
  readonly ifNoneMatch: string;
  readonly remoteAddress: string;
  readonly body: string;
}

function understoodByUs(request: Request): Understood {
  const { method, uri, host, accept, ifNoneMatch, remoteAddress, body } = request;
  return { method, uri, host, accept, ifNoneMatch, remoteAddress, body: Buffer.from(body).toString() };
}

/** A node-fastcgi server on a socket of its own. */
async function serveTheirs(test: TestContext): Promise<Where> {
  const socket = path.join(await temporaryFolder(test), 'theirs');
  const server = nodeFastcgi.createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const { method = '', url = '', headers, cgiParams: params } = request;
      const understood: Understood = {
        method,
        uri: url,
        host: headers.host ?? '',
        accept: headers.accept ?? '',
        ifNoneMatch: headers['if-none-match'] ?? '',
        remoteAddress: params['REMOTE_ADDR'] ?? '',
        body: Buffer.concat(pieces).toString(),
      };
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(understood));
    });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  test.after(() => server.close());
  return { path: socket };
}

/** Sends `bytes`, in pieces of `size`, and reads the answer to request 1. */
async function ask(where: Where, bytes: Buffer, size: number): Promise<Understood> {
  const client = await FcgiClient.connect(where);
  const answer = client.answerTo(1);
  for (let at = 0; at < bytes.length; at += size) {
    client.send(bytes.subarray(at, at + size));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { body } = await answer;
  client.destroy();
  return JSON.parse(body.toString()) as Understood;
}

describe('node-fastcgi, the other implementation', () => {
  const headers = { Accept: 'image/*', 'If-None-Match': '"x"' };
  const requests: [string, Buffer][] = [
    ['a GET', requestRecords(cgiParams('/iip?FIF=a.tif&JTL=0,0', { headers }))],
    ['a long query', requestRecords(cgiParams(`/iip?${'q'.repeat(3000)}`, { headers }))],
    ['a URI in UTF-8', requestRecords(cgiParams('/iip?FIF=Zürich漢字.tif', { headers }))],
    [
      'a POST',
      requestRecords(cgiParams('/iip', { method: 'POST', headers, contentLength: 4 }), {
        body: Buffer.from('a=b&'),
      }),
    ],
  ];
  for (const [name, bytes] of requests) {
    it(`understands the records of ${name} as we do`, async (test) => {
      const theirs = await serveTheirs(test);
      const ours = await serve(test, (request) => textResponse(JSON.stringify(understoodByUs(request))));
      for (const size of [bytes.length, 400]) {
        const expected = await ask(theirs, bytes, size);
        assert.notEqual(expected.uri, '');
        assert.deepEqual(await ask(ours.where, bytes, size), expected);
      }
    });
  }

  for (const length of [0, 5000, 200_000]) {
    it(`reads our answer of ${length} bytes`, async () => {
      const body = Buffer.alloc(length, 'x');
      const framed = frameResponse({ status: 404, headers: [['A', 'b']], body }, 7, new Slab());
      const output: Buffer[] = [];
      const { promise, resolve } = deferred<unknown>();
      const source = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
      const { StdOut, EndRequest } = fastcgiStream.records;
      new fastcgiStream.FastCGIStream(source).on('record', (id: number, record: TheirRecord) => {
        assert.equal(id, 7);
        if (record.TYPE === StdOut?.TYPE) output.push(Buffer.from(record.data ?? ''));
        if (record.TYPE === EndRequest?.TYPE) resolve([record.appStatus, record.protocolStatus]);
      });
      source.push(framed);
      assert.deepEqual(await promise, [0, 0]);
      assert.equal(
        Buffer.concat(output).toString(),
        `Status: 404 Not Found\r\nA: b\r\n\r\n${body.toString()}`,
      );
    });
  }
});

interface TheirRecord {
  readonly TYPE: number;
  readonly data?: Buffer | string;
  readonly appStatus?: number;
  readonly protocolStatus?: number;
}
