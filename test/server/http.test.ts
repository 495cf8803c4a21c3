import assert from 'node:assert/strict';
import { Agent, request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders, RequestOptions } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { createHttpServer } from '../../src/server/http.ts';
import type { HttpOptions, HttpServer } from '../../src/server/http.ts';
import { listen } from '../../src/server/listen.ts';
import type { Request } from '../../src/server/request.ts';
import type { Respond, Response } from '../../src/server/response.ts';
import { memoryLog } from '../support/log.ts';
import { deferred, echo, textResponse, until } from './fastcgi/support.ts';

const MEGABYTE = 1024 * 1024;

interface Running {
  readonly port: number;
  readonly http: HttpServer;
}

async function serve(
  test: TestContext,
  respond: Respond,
  options: Partial<HttpOptions> = {},
): Promise<Running> {
  const log = memoryLog();
  const http = createHttpServer({ respond, log, ...options });
  await listen(http.server, { kind: 'tcp', host: '127.0.0.1', port: 0 }, { log });
  test.after(async () => {
    const drained = http.drain();
    http.destroy();
    await drained;
  });
  return { port: (http.server.address() as AddressInfo).port, http };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

function ask(port: number, path: string, options: RequestOptions = {}, body?: Uint8Array): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = httpRequest({ host: '127.0.0.1', port, path, agent: false, ...options }, (reply) => {
      const pieces: Buffer[] = [];
      reply.on('data', (piece: Buffer) => pieces.push(piece));
      reply.on('end', () => {
        const { statusCode: status = 0, headers, rawHeaders } = reply;
        resolve({ status, headers, rawHeaders, body: Buffer.concat(pieces) });
      });
    });
    asking.on('error', reject);
    asking.end(body);
  });
}

/** All that comes back for `text`, sent as it is. */
function askRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(text));
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}

/** Keeps the last request that it has answered. */
function recorder(): { readonly respond: Respond; readonly last: () => Request } {
  let last: Request | undefined;
  return {
    respond(request) {
      last = request;
      return echo(request);
    },
    last() {
      assert.ok(last !== undefined);
      return last;
    },
  };
}

describe('the HTTP server', () => {
  it('maps a GET to a request', async (test) => {
    const { respond, last } = recorder();
    const { port } = await serve(test, respond);
    const headers = {
      Host: 'example.org:8080',
      Accept: 'image/*',
      'If-Modified-Since': 'then',
      'If-None-Match': '"x"',
      'X-IIIF-ID': 'http://h/a',
      'X-Request-Id': 'r-1',
    };
    const { status, body } = await ask(port, '/iip?FIF=a.tif&WID=100', { headers });
    assert.deepEqual([status, body.toString()], [200, 'GET /iip?FIF=a.tif&WID=100 ']);
    assert.deepEqual(
      { ...last(), body: last().body.length },
      {
        method: 'GET',
        uri: '/iip?FIF=a.tif&WID=100',
        query: 'FIF=a.tif&WID=100',
        body: 0,
        isHttps: false,
        isOwn: false,
        host: 'example.org:8080',
        accept: 'image/*',
        ifModifiedSince: 'then',
        ifNoneMatch: '"x"',
        iiifId: 'http://h/a',
        requestId: 'r-1',
        remoteAddress: '127.0.0.1',
      },
    );
  });

  it('takes a target in absolute form, and headers in UTF-8', async (test) => {
    const { respond, last } = recorder();
    const { port } = await serve(test, respond);
    await askRaw(port, 'GET http://other.example/a?b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    assert.deepEqual([last().uri, last().host], ['/a?b', 'other.example']);
    await askRaw(port, 'GET http://other.example?b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    assert.equal(last().uri, '/?b');
    await askRaw(port, 'GET / HTTP/1.1\r\nHost: x\r\nX-IIIF-ID: http://h/é\r\nConnection: close\r\n\r\n');
    assert.equal(last().iiifId, 'http://h/é');
  });

  it('sends status, reason and headers as they are, repeated ones and UTF-8 too', async (test) => {
    const headers: Response['headers'] = [
      ['Content-Length', '0'],
      ['Link', '<a>'],
      ['Link', '<b>'],
      ['X-Text', 'é'],
    ];
    const { port } = await serve(test, () => ({ status: 303, headers, body: Buffer.alloc(0) }));
    const text = await askRaw(port, 'GET / HTTP/1.0\r\n\r\n');
    assert.match(text, /^HTTP\/1\.1 303 See Other\r\n/);
    assert.match(text, /\r\nLink: <a>\r\nLink: <b>\r\nX-Text: Ã©\r\n/);
  });

  it('lets a header not split the answer', async (test) => {
    const headers: Response['headers'] = [['Location', 'a\r\nSet-Cookie: b']];
    const { port } = await serve(test, () => ({ status: 303, headers, body: Buffer.alloc(0) }));
    assert.equal((await ask(port, '/')).headers.location, 'a Set-Cookie: b');
  });

  it('answers HEAD without a body and with its length', async (test) => {
    const { port } = await serve(test, ({ method }) => {
      const full = textResponse('hello');
      return method === 'HEAD' ? { ...full, body: Buffer.alloc(0) } : full;
    });
    const { status, headers, body } = await ask(port, '/', { method: 'HEAD' });
    assert.deepEqual([status, headers['content-length'], body.length], [200, '5', 0]);
  });

  it('hands OPTIONS and unknown methods on', async (test) => {
    const { respond, last } = recorder();
    const { port } = await serve(test, respond);
    for (const method of ['OPTIONS', 'DELETE']) {
      await ask(port, '/', { method });
      assert.equal(last().method, method);
    }
  });

  it('takes the body of a POST, and that of no other method', async (test) => {
    const { port } = await serve(test, echo);
    const body = Buffer.alloc(MEGABYTE, 'body in an order ');
    assert.equal(
      (await ask(port, '/', { method: 'POST' }, body)).body.toString(),
      `POST / ${body.toString()}`,
    );
    assert.equal((await ask(port, '/', { method: 'PUT' }, body)).body.toString(), 'PUT / ');
  });

  it('answers 413 to a body over the limit', async (test) => {
    const { port } = await serve(test, echo);
    const answer = await ask(port, '/', { method: 'POST' }, Buffer.alloc(MEGABYTE + 1));
    assert.equal(answer.status, 413);
  });

  it('keeps the connection', async (test) => {
    const { port, http } = await serve(test, echo);
    let connections = 0;
    http.server.on('connection', () => connections++);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const bodies = [Buffer.alloc(2 * MEGABYTE), Buffer.alloc(1)];
    for (const [i, body] of bodies.entries()) {
      assert.equal((await ask(port, `/${i}`, { agent })).status, 200);
      assert.equal((await ask(port, `/${i}`, { agent, method: 'POST' }, body)).status, i === 0 ? 413 : 200);
    }
    assert.equal(connections, 1);
    agent.destroy();
  });

  it('asks the static pages first, for GET and HEAD without a query', async (test) => {
    const asked: string[] = [];
    const { port } = await serve(test, echo, {
      serveStatic(path) {
        asked.push(path);
        return path === '/viewer' ? textResponse('page') : undefined;
      },
    });
    assert.equal((await ask(port, '/viewer?a/b?c')).body.toString(), 'GET /viewer?a/b?c ');
    assert.equal((await ask(port, '/viewer')).body.toString(), 'page');
    assert.equal((await ask(port, '/viewer', { method: 'HEAD' })).headers['content-length'], '4');
    assert.equal((await ask(port, '/viewer', { method: 'POST' })).body.toString(), 'POST /viewer ');
    assert.equal((await ask(port, '/other')).body.toString(), 'GET /other ');
    await askRaw(port, 'GET http://h/viewer HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
    assert.deepEqual(asked, ['/viewer', '/viewer', '/other', '/viewer']);
  });

  it('stops the work when the client leaves, and only then', async (test) => {
    const signals: AbortSignal[] = [];
    const { promise, resolve } = deferred<Response>();
    const { port } = await serve(test, (request, signal) => {
      signals.push(signal);
      return request.uri === '/wait' ? promise : echo(request);
    });
    await ask(port, '/');
    const socket = connect({ host: '127.0.0.1', port }, () =>
      socket.write('GET /wait HTTP/1.1\r\nHost: x\r\n\r\n'),
    );
    await until(() => signals.length === 2);
    socket.destroy();
    await until(() => signals[1]?.aborted === true);
    assert.equal(signals[0]?.aborted, false);
    resolve(textResponse('too late'));
    assert.equal((await ask(port, '/')).status, 200);
  });

  it('answers 500 to a defect and goes on', async (test) => {
    const { port } = await serve(test, (request) => {
      if (request.uri === '/throws') throw new Error('a defect');
      return echo(request);
    });
    assert.equal((await ask(port, '/throws')).status, 500);
    assert.equal((await ask(port, '/')).status, 200);
  });

  it('ends a connection whose request does not arrive', async (test) => {
    const { port } = await serve(test, echo, { limits: { readTimeoutMs: 20 } });
    assert.match(await askRaw(port, 'GET / HTTP/1.1\r\nHost:'), /^HTTP\/1\.1 408 /);
  });

  it('ends a connection whose client stops reading', async (test) => {
    const { port, http } = await serve(test, () => textResponse(Buffer.alloc(20 * MEGABYTE)), {
      limits: { writeTimeoutMs: 20 },
    });
    const closed = new Promise((resolve) =>
      http.server.once('connection', (socket) => socket.once('close', resolve)),
    );
    const socket = connect({ host: '127.0.0.1', port }, () =>
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
    );
    socket.on('error', () => undefined);
    await closed;
    socket.destroy();
  });

  it('gives an answer all the time that it takes', async (test) => {
    const { promise, resolve } = deferred<Response>();
    const limits = { readTimeoutMs: 20, writeTimeoutMs: 20, idleTimeoutMs: 20 };
    const { port } = await serve(test, () => promise, { limits });
    const answer = ask(port, '/');
    await askRaw(port, 'GET / HTTP/1.1\r\nHost:'); // By its end the time-outs have passed for the other one, too.
    resolve(textResponse('late'));
    assert.equal((await answer).body.toString(), 'late');
  });

  it('counts the connections that it has', async (test) => {
    const { port, http } = await serve(test, echo);
    assert.equal(http.open, 0);
    const agent = new Agent({ keepAlive: true });
    await ask(port, '/', { agent });
    assert.equal(http.open, 1);
    agent.destroy();
    await until(() => http.open === 0);
  });

  it('lets requests under way end when it stops, and closes', async (test) => {
    const { promise, resolve } = deferred<Response>();
    let isAsked = false;
    const { port, http } = await serve(test, () => {
      isAsked = true;
      return promise;
    });
    const agent = new Agent({ keepAlive: true });
    const answer = ask(port, '/', { agent });
    await until(() => isAsked);
    const drained = http.drain();
    await assert.rejects(ask(port, '/'), { code: 'ECONNREFUSED' });
    resolve(textResponse('done'));
    assert.deepEqual([(await answer).headers.connection, (await answer).body.toString()], ['close', 'done']);
    await drained;
    agent.destroy();
  });
});
