import assert from 'node:assert/strict';
import { connect } from 'node:net';
import path from 'node:path';
import { describe, it } from 'node:test';
import { createFastcgiServer } from '../../../src/server/fastcgi/server.ts';
import { listen } from '../../../src/server/listen.ts';
import type { Request } from '../../../src/server/request.ts';
import type { Response } from '../../../src/server/response.ts';
import {
  beginRecord,
  cgiParams,
  encodePairs,
  FcgiClient,
  fcgiRequest,
  record,
  requestRecords,
  streamRecords,
  Type,
} from '../../support/fcgi-client.ts';
import { lendCopy, lendFile } from '../../../src/recycling.ts';
import { memoryLog } from '../../support/log.ts';
import { deferred, echo, serve, temporaryFolder, textResponse, until } from './support.ts';

const keepConn = true;
const MEGABYTE = 1024 * 1024;

/** Answers each request when the test says so. */
class Desk {
  readonly signals: AbortSignal[] = [];
  readonly requests: Request[] = [];
  readonly #answers = new Map<string, (response: Response) => void>();

  readonly respond = (request: Request, signal: AbortSignal): Promise<Response> => {
    const { promise, resolve } = deferred<Response>();
    this.signals.push(signal);
    this.requests.push(request);
    this.#answers.set(request.uri, resolve);
    return promise;
  };

  answer(uri: string): void {
    this.#answers.get(uri)?.(textResponse(uri));
  }
}

describe('the FastCGI server', () => {
  it('answers a request on a connection of its own and closes it', async (test) => {
    const { where, log } = await serve(test, echo);
    const client = await FcgiClient.connect(where);
    const { status, headers, body, appStatus, protocolStatus } = await client.request(cgiParams('/a?b'));
    assert.deepEqual([status, appStatus, protocolStatus], [200, 0, 0]);
    assert.deepEqual(headers, { 'content-type': 'text/plain', 'content-length': '9' });
    assert.equal(body.toString(), 'GET /a?b ');
    await client.closed;
    assert.deepEqual(log.lines, []);
  });

  it('listens on a UNIX socket too', async (test) => {
    const log = memoryLog();
    const fastcgi = createFastcgiServer({ respond: echo, log });
    const socket = path.join(await temporaryFolder(test), 'fastcgi');
    await listen(fastcgi.server, { kind: 'unix', path: socket }, { log });
    assert.equal((await fcgiRequest({ path: socket }, cgiParams('/'))).body.toString(), 'GET / ');
    await fastcgi.drain();
  });

  it('takes the body of a POST', async (test) => {
    const { where } = await serve(test, echo);
    const body = Buffer.alloc(MEGABYTE, 'body in an order ');
    const params = cgiParams('/p', { method: 'POST', contentLength: body.length });
    assert.equal((await fcgiRequest(where, params, { body })).body.toString(), `POST /p ${body.toString()}`);
  });

  it('answers 413 to a body over a megabyte, which it reads to its end', async (test) => {
    const { where, log } = await serve(test, echo);
    const body = Buffer.alloc(8 * MEGABYTE);
    const params = cgiParams('/p', { method: 'POST', contentLength: body.length });
    const answer = await fcgiRequest(where, params, { body });
    assert.equal(answer.status, 413);
    assert.match(answer.body.toString(), /1048576 bytes/);
    assert.deepEqual(
      log.lines.map(({ level }) => level),
      ['info'],
    );
  });

  it('answers 413 to a client that stops sending then, and lets it close', async (test) => {
    const { where } = await serve(test, echo);
    const client = await FcgiClient.connect(where);
    const answer = client.answerTo(1);
    const params = cgiParams('/p', { method: 'POST', contentLength: 8 * MEGABYTE });
    client.send(Buffer.concat([beginRecord(), streamRecords(Type.params, 1, encodePairs(params))]));
    assert.equal((await answer).status, 413);
    await client.closed; // Our end makes the client close, as it does nginx.
  });

  it('sees the end of such a client also when it was slow to read', async (test) => {
    const { promise, resolve } = deferred<Response>();
    const { where, fastcgi } = await serve(test, () => promise);
    const client = await FcgiClient.connect(where);
    const answers = [1, 2].map((id) => client.answerTo(id));
    const params = cgiParams('/p', { method: 'POST', contentLength: 8 * MEGABYTE });
    client.send(requestRecords(cgiParams('/'), { id: 1 }));
    client.send(Buffer.concat([beginRecord({ id: 2 }), streamRecords(Type.params, 2, encodePairs(params))]));
    assert.equal((await answers[1])?.status, 413);
    client.socket.pause();
    resolve(textResponse(Buffer.alloc(20 * MEGABYTE)));
    await fcgiRequest(where, cgiParams('/')); // By its end the server has stopped reading from the first one.
    client.send(record(Type.stdin, 2, Buffer.alloc(60_000)));
    client.socket.resume();
    assert.equal((await answers[0])?.body.length, 20 * MEGABYTE);
    await client.closed;
    await fastcgi.drain();
  });

  it('waits for a client that goes on sending after its 413, but not forever', async (test) => {
    const { where, log } = await serve(test, echo, { readTimeoutMs: 40 });
    const params = cgiParams('/p', { method: 'POST', contentLength: 8 * MEGABYTE });
    const socket = connect({ host: '127.0.0.1', allowHalfOpen: true, ...where });
    socket.write(Buffer.concat([beginRecord(), streamRecords(Type.params, 1, encodePairs(params))]));
    await new Promise((resolve) => socket.once('end', resolve).resume());
    socket.write(record(Type.stdin, 1, Buffer.alloc(60_000)));
    await until(() =>
      log.lines.some(({ message }) => message === 'a FastCGI request did not arrive in time'),
    );
    socket.destroy();
  });

  it('answers 400 to parameters over 64 KB, and goes on', async (test) => {
    const { where } = await serve(test, echo);
    const client = await FcgiClient.connect(where);
    const { status } = await client.request(cgiParams(`/${'x'.repeat(70_000)}`), { keepConn });
    assert.equal(status, 400);
    assert.equal((await client.request(cgiParams('/'), { keepConn })).status, 200);
    client.destroy();
  });

  it('keeps a connection open for one request after the other', async (test) => {
    const { where } = await serve(test, echo);
    const client = await FcgiClient.connect(where);
    for (let i = 0; i < 50; i++) {
      const { body } = await client.request(cgiParams(`/${i}`), { keepConn });
      assert.equal(body.toString(), `GET /${i} `);
    }
    await client.request(cgiParams('/last'));
    await client.closed;
  });

  it('gives back the memory of an answer that came at once, and of no other', async (test) => {
    const bodies: Uint8Array[] = [];
    const { where } = await serve(test, ({ uri }) => {
      const body = lendCopy(Buffer.alloc(20_000, uri));
      bodies.push(body);
      const response = { ...textResponse(body), body };
      return uri === '/at-once' ? response : Promise.resolve(response);
    });
    for (const uri of ['/at-once', '/later']) {
      const { body } = await fcgiRequest(where, cgiParams(uri));
      assert.deepEqual(body, Buffer.alloc(20_000, uri));
    }
    const [atOnce, later] = bodies.map(({ buffer }) => buffer);
    assert.equal(later, atOnce, 'it is lent to the next one');
    assert.notEqual(lendFile(20_000).buffer, later);
  });

  it('counts the connections that it has', async (test) => {
    const { where, fastcgi } = await serve(test, echo);
    assert.equal(fastcgi.open, 0);
    const client = await FcgiClient.connect(where);
    await client.request(cgiParams('/'), { keepConn });
    assert.equal(fastcgi.open, 1);
    await client.request(cgiParams('/last'));
    await client.closed;
    await until(() => fastcgi.open === 0);
  });

  it('answers requests of one connection in the order in which they are ready', async (test) => {
    const desk = new Desk();
    const { where } = await serve(test, desk.respond);
    const client = await FcgiClient.connect(where);
    const answered: string[] = [];
    const all = [1, 2, 3].map(async (id) => {
      const { body } = await client.request(cgiParams(`/${id}`), { id, keepConn });
      answered.push(body.toString());
    });
    await until(() => desk.requests.length === 3);
    for (const id of [3, 1, 2]) {
      desk.answer(`/${id}`);
      await until(() => answered.includes(`/${id}`));
    }
    await Promise.all(all);
    assert.deepEqual(answered, ['/3', '/1', '/2']);
    client.destroy();
  });

  it('stops the work on an aborted request and answers at once', async (test) => {
    const desk = new Desk();
    const { where } = await serve(test, desk.respond);
    const client = await FcgiClient.connect(where);
    const aborted = client.request(cgiParams('/1'), { id: 1, keepConn });
    const other = client.request(cgiParams('/2'), { id: 2, keepConn });
    await until(() => desk.requests.length === 2);
    client.send(record(Type.abort, 1));
    assert.equal((await aborted).protocolStatus, 0);
    assert.deepEqual(
      desk.signals.map((signal) => signal.aborted),
      [true, false],
    );
    const next = client.request(cgiParams('/3'), { id: 1, keepConn });
    await until(() => desk.requests.length === 3);
    desk.answer('/1'); // Too late: whoever has its id now is not told.
    desk.answer('/2');
    assert.equal((await other).body.toString(), '/2');
    desk.answer('/3');
    assert.equal((await next).body.toString(), '/3');
    client.destroy();
  });

  it('stops the work on all requests of a client that hangs up', async (test) => {
    const desk = new Desk();
    const { where } = await serve(test, desk.respond);
    const client = await FcgiClient.connect(where);
    client.send(requestRecords(cgiParams('/1'), { id: 1 }));
    client.send(requestRecords(cgiParams('/2'), { id: 2 }));
    await until(() => desk.requests.length === 2);
    client.destroy();
    await until(() => desk.signals.every((signal) => signal.aborted));
  });

  it('gives no request a signal that has fired or that someone still listens to', async (test) => {
    const heard: string[] = [];
    const desk = new Desk();
    const { where } = await serve(test, (request, signal) => {
      assert.equal(signal.aborted, false);
      signal.addEventListener('abort', () => heard.push(request.uri));
      return request.uri.startsWith('/wait') ? desk.respond(request, signal) : echo(request);
    });
    const client = await FcgiClient.connect(where);
    await client.request(cgiParams('/sync'), { keepConn });
    const waiting = client.request(cgiParams('/wait/1'), { keepConn });
    await until(() => desk.requests.length === 1);
    client.send(record(Type.abort, 1));
    await waiting;
    assert.deepEqual(heard, ['/wait/1']);
    await client.request(cgiParams('/sync/2'), { keepConn });
    client.destroy();
  });

  it('uses a signal again that nobody has listened to', async (test) => {
    const signals = new Set<AbortSignal>();
    const { where } = await serve(test, async (request, signal) => {
      signals.add(signal);
      await Promise.resolve();
      return echo(request);
    });
    const client = await FcgiClient.connect(where);
    for (let i = 0; i < 5; i++) await client.request(cgiParams('/'), { keepConn });
    assert.equal(signals.size, 1);
    client.destroy();
  });

  it('turns other roles away and closes', async (test) => {
    const { where } = await serve(test, echo);
    const client = await FcgiClient.connect(where);
    assert.equal((await client.request(cgiParams('/'), { role: 3 })).protocolStatus, 3);
    await client.closed;
  });

  it('says that it is overloaded by more requests than it takes at once', async (test) => {
    const desk = new Desk();
    const { where } = await serve(test, desk.respond, { maxRequests: 2 });
    const client = await FcgiClient.connect(where);
    const answers = [1, 2, 3].map((id) => client.request(cgiParams(`/${id}`), { id, keepConn }));
    assert.equal((await answers[2]!).protocolStatus, 2);
    desk.answer('/1');
    desk.answer('/2');
    assert.deepEqual(
      (await Promise.all(answers)).map(({ protocolStatus }) => protocolStatus),
      [0, 0, 2],
    );
    client.destroy();
  });

  it('answers management records', async (test) => {
    const { where } = await serve(test, echo);
    const client = await FcgiClient.connect(where);
    client.send(record(Type.getValues, 0, encodePairs({ FCGI_MPXS_CONNS: '' })));
    const values = await client.management();
    assert.deepEqual(
      [values.type, values.content],
      [Type.getValuesResult, encodePairs({ FCGI_MPXS_CONNS: '1' })],
    );
    client.send(record(77, 0));
    const unknown = await client.management();
    assert.deepEqual([unknown.type, unknown.content[0]], [Type.unknownType, 77]);
    client.destroy();
  });

  it('answers 500 to a defect and goes on', async (test) => {
    const { where, log } = await serve(test, (request) => {
      if (request.uri === '/throws') throw new Error('a defect');
      return request.uri === '/rejects' ? Promise.reject(new Error('another')) : echo(request);
    });
    assert.equal((await fcgiRequest(where, cgiParams('/throws'))).status, 500);
    assert.equal((await fcgiRequest(where, cgiParams('/rejects'))).status, 500);
    assert.equal((await fcgiRequest(where, cgiParams('/'))).status, 200);
    assert.equal(log.lines.length, 2);
  });
});

describe('the FastCGI server and broken clients', () => {
  const broken: [string, Buffer][] = [
    ['garbage', Buffer.from('GET / HTTP/1.1\r\nHost: example.org\r\n\r\n')],
    ['another version', Buffer.concat([beginRecord(), Buffer.of(7, 4, 0, 1, 0, 0, 0, 0)])],
    [
      'parameters that do not fit',
      Buffer.concat([beginRecord(), streamRecords(Type.params, 1, Buffer.of(9, 9, 9))]),
    ],
    ['an id that is used twice', Buffer.concat([beginRecord(), beginRecord()])],
  ];
  for (const [name, bytes] of broken) {
    it(`ends a connection with ${name}, says so once, and touches no other`, async (test) => {
      const desk = new Desk();
      const { where, log } = await serve(test, desk.respond);
      const [good, bad] = await Promise.all([FcgiClient.connect(where), FcgiClient.connect(where)]);
      const answer = good.request(cgiParams('/good'));
      await until(() => desk.requests.length === 1);
      bad.send(bytes);
      await bad.closed;
      desk.answer('/good');
      assert.equal((await answer).body.toString(), '/good');
      assert.deepEqual(
        log.lines.map(({ level }) => level),
        ['warn'],
      );
    });
  }

  it('aborts what is under way on a connection that breaks', async (test) => {
    const desk = new Desk();
    const { where } = await serve(test, desk.respond);
    const client = await FcgiClient.connect(where);
    client.send(requestRecords(cgiParams('/'), { keepConn }));
    await until(() => desk.requests.length === 1);
    client.send(Buffer.alloc(16, 0xff));
    await client.closed;
    assert.equal(desk.signals[0]?.aborted, true);
  });

  it('bears clients that hang up after every part of a request', async (test) => {
    const { where, log } = await serve(test, echo);
    const bytes = requestRecords(cgiParams('/'), { keepConn });
    for (let length = 0; length < bytes.length; length += 37) {
      const client = await FcgiClient.connect(where);
      client.socket.end(bytes.subarray(0, length));
      await client.closed;
    }
    assert.equal((await fcgiRequest(where, cgiParams('/'))).status, 200);
    assert.deepEqual(log.lines, []);
  });

  it('bears a client that resets the connection in the middle of an answer', async (test) => {
    const large = textResponse(Buffer.alloc(20 * MEGABYTE));
    const { where, log } = await serve(test, () => large);
    const client = await FcgiClient.connect(where);
    client.send(requestRecords(cgiParams('/')));
    await new Promise((resolve) => client.socket.once('data', resolve));
    client.socket.resetAndDestroy();
    await client.closed;
    assert.equal((await fcgiRequest(where, cgiParams('/'))).body.length, 20 * MEGABYTE);
    assert.ok(log.lines.every(({ level }) => level === 'debug'));
  });

  it('reads no further request while answers to a slow reader wait, and then sends them all', async (test) => {
    const large = textResponse(Buffer.alloc(20 * MEGABYTE, 'x'));
    let served = 0;
    const { where } = await serve(test, () => {
      served += 1;
      return large;
    });
    const client = await FcgiClient.connect(where);
    client.socket.pause();
    const ids = [1, 2, 3, 4, 5, 6];
    const answers = ids.map((id) => client.answerTo(id));
    client.send(Buffer.concat(ids.map((id) => requestRecords(cgiParams('/'), { id, keepConn }))));
    await until(() => served > 0);
    for (let i = 0; i < 5; i++) {
      // A request of someone else goes its whole way, so there was time enough to read on.
      const other = await fcgiRequest(where, cgiParams('/other'));
      assert.equal(other.status, 200);
    }
    assert.equal(served, 1 + 5, 'one answer waits, the other requests have not been read');
    client.socket.resume();
    for (const { body } of await Promise.all(answers)) assert.equal(body.length, 20 * MEGABYTE);
    client.destroy();
  });

  it('sends the whole of a large answer to a client that has closed its own side', async (test) => {
    const { where } = await serve(test, () => textResponse(Buffer.alloc(20 * MEGABYTE)));
    const client = await FcgiClient.connect(where);
    const answer = client.request(cgiParams('/'));
    await new Promise((resolve) => client.socket.once('data', resolve));
    client.socket.end();
    assert.equal((await answer).body.length, 20 * MEGABYTE);
    await client.closed;
  });
});

describe('the FastCGI server and silent clients', () => {
  it('ends a connection whose request does not arrive', async (test) => {
    const { where, log } = await serve(test, echo, { readTimeoutMs: 20, idleTimeoutMs: 60_000 });
    const half = await FcgiClient.connect(where);
    half.send(Buffer.concat([beginRecord(), streamRecords(Type.params, 1, encodePairs(cgiParams('/')))]));
    const inside = await FcgiClient.connect(where);
    inside.send(beginRecord().subarray(0, 5));
    await Promise.all([half.closed, inside.closed]);
    assert.deepEqual(
      log.lines.map(({ level, message }) => [level, message]),
      Array(2).fill(['info', 'a FastCGI request did not arrive in time']),
    );
  });

  it('ends a connection that is idle for long, before or after a request', async (test) => {
    const { where, log } = await serve(test, echo, { readTimeoutMs: 60_000, idleTimeoutMs: 20 });
    const [fresh, used] = await Promise.all([FcgiClient.connect(where), FcgiClient.connect(where)]);
    await used.request(cgiParams('/'), { keepConn });
    await Promise.all([fresh.closed, used.closed]);
    assert.deepEqual(log.lines, []);
  });

  it('keeps a connection on which something happens', async (test) => {
    const { where, log } = await serve(test, echo, { readTimeoutMs: 160, idleTimeoutMs: 160 });
    const [busy, trickling] = await Promise.all([FcgiClient.connect(where), FcgiClient.connect(where)]);
    const records = requestRecords(cgiParams('/trickle'));
    const answer = trickling.answerTo(1);
    for (let i = 0; i < 10; i++) {
      await busy.request(cgiParams('/'), { keepConn });
      trickling.send(records.subarray(i * 10, i === 9 ? records.length : i * 10 + 10));
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    assert.equal((await answer).body.toString(), 'GET /trickle ');
    assert.equal((await busy.request(cgiParams('/'), { keepConn })).status, 200);
    assert.deepEqual(log.lines, []);
    busy.destroy();
  });

  it('gives an answer all the time that it takes', async (test) => {
    const desk = new Desk();
    const { where } = await serve(test, desk.respond, { readTimeoutMs: 16, idleTimeoutMs: 16 });
    const client = await FcgiClient.connect(where);
    const answer = client.request(cgiParams('/'));
    await until(() => desk.requests.length === 1);
    // When others, opened later, have been closed for being idle, the time-outs have passed for this one as well.
    for (let i = 0; i < 2; i++) await (await FcgiClient.connect(where)).closed;
    desk.answer('/');
    assert.equal((await answer).status, 200);
  });

  it('ends a connection whose client stops reading', async (test) => {
    const large = textResponse(Buffer.alloc(20 * MEGABYTE));
    const { where, log } = await serve(test, () => large, { writeTimeoutMs: 20 });
    for (const options of [{ keepConn }, {}]) {
      const socket = connect({ host: '127.0.0.1', ...where });
      socket.on('error', () => undefined);
      socket.write(requestRecords(cgiParams('/'), options));
      await until(() => log.lines.length > 0);
      assert.deepEqual([log.lines.length, log.lines[0]?.message], [1, 'a FastCGI client stopped reading']);
      socket.destroy();
      (log.lines as unknown[]).length = 0;
    }
  });

  it('has no time-out for writing when nothing waits to be written', async (test) => {
    const limits = { writeTimeoutMs: 500, readTimeoutMs: 60_000, idleTimeoutMs: 60_000 };
    const { where, log } = await serve(test, () => textResponse(Buffer.alloc(8 * MEGABYTE)), limits);
    const client = await FcgiClient.connect(where);
    await client.request(cgiParams('/'), { keepConn });
    await new Promise((resolve) => setTimeout(resolve, 2 * limits.writeTimeoutMs));
    assert.equal((await client.request(cgiParams('/'), { keepConn })).body.length, 8 * MEGABYTE);
    assert.deepEqual(log.lines, []);
    client.destroy();
  });
});

describe('the end of a FastCGI server', () => {
  it('lets requests under way end, closes idle connections, takes no new ones', async (test) => {
    const desk = new Desk();
    const { where, fastcgi } = await serve(test, desk.respond);
    const [idle, busy] = await Promise.all([FcgiClient.connect(where), FcgiClient.connect(where)]);
    const first = idle.request(cgiParams('/idle'), { keepConn });
    const answer = busy.request(cgiParams('/busy'), { keepConn });
    await until(() => desk.requests.length === 2);
    desk.answer('/idle');
    await first;
    const drained = fastcgi.drain();
    await idle.closed;
    await assert.rejects(FcgiClient.connect(where), { code: 'ECONNREFUSED' });
    desk.answer('/busy');
    assert.equal((await answer).body.toString(), '/busy');
    await Promise.all([busy.closed, drained]);
  });

  it('still takes the request of a connection that has just been opened', async (test) => {
    const { where, fastcgi } = await serve(test, echo);
    const client = await FcgiClient.connect(where);
    await until(() => fastcgi.server.listening);
    await fcgiRequest(where, cgiParams('/')); // So that the first connection is accepted, too.
    const drained = fastcgi.drain();
    await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal((await client.request(cgiParams('/late'), { keepConn })).status, 200);
    await Promise.all([client.closed, drained]);
  });

  it('breaks off what does not end', async (test) => {
    const desk = new Desk();
    const { where, fastcgi } = await serve(test, desk.respond);
    const client = await FcgiClient.connect(where);
    client.send(requestRecords(cgiParams('/')));
    await until(() => desk.requests.length === 1);
    const drained = fastcgi.drain();
    fastcgi.destroy();
    await Promise.all([client.closed, drained]);
    assert.equal(desk.signals[0]?.aborted, true);
  });
});
