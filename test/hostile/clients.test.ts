import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { waitFor } from '../support/daemon.ts';
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
  type Where,
} from '../support/fcgi-client.ts';
import { freePort } from '../support/ports.ts';
import { PROC_MISSING, usageOf } from '../support/proc.ts';
import { startProgram } from '../support/program.ts';
import { scopeOf } from '../support/scope.ts';
import { assertRefused } from './answers.ts';
import { badQueries } from './bad-queries.ts';
import { randomBytes, randomNumbers } from './random.ts';

const options = { timeout: 600_000 };

const IIP = '/fcgi-bin/iipsrv.fcgi?FIF=';
const GOOD = [
  `${IIP}rgb-jpeg.tif&JTL=2,3`,
  `${IIP}rgb-deflate.tif&RGN=0.1,0.1,0.3,0.3&WID=200&CVT=png`,
  `${IIP}grey16.tif&OBJ=Max-size&OBJ=Resolutions`,
];
/** Several megabytes, so that it does not go into a socket at once. */
const LARGE = requestRecords(cgiParams(`${IIP}rgb-deflate.tif&WID=2000&CVT=tiff&QLT=none:1`));

/** Asks the right things, on one connection and on new ones, for as long as `work` lasts. */
async function besideGoodClient(where: Where, work: () => Promise<void>): Promise<void> {
  const ask = (uri: string) => fcgiRequest(where, cgiParams(uri));
  const right = await Promise.all(GOOD.map(ask));
  const state = { isOver: false, answers: 0 };
  const client = await FcgiClient.connect(where);
  const good = async (): Promise<void> => {
    do {
      for (const [index, uri] of GOOD.entries()) {
        const kept = await client.request(cgiParams(uri), { keepConn: true });
        for (const { status, body } of [kept, await ask(uri)]) {
          assert.equal(status, 200);
          assert.ok(body.equals(right[index]!.body), uri);
          state.answers++;
        }
      }
    } while (!state.isOver);
  };
  const ended = work().finally(() => (state.isOver = true));
  await Promise.all([ended, good()]);
  client.destroy();
  assert.ok(state.answers >= 2 * GOOD.length);
}

function open(where: Where): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect('path' in where ? { path: where.path } : { host: '127.0.0.1', ...where });
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Resolves when the connection has ended, whoever ended it and however. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.once('close', () => resolve());
    socket.resume();
  });
}

/** Something for the program to do while a rogue only waits. */
async function others(where: Where): Promise<void> {
  for (const uri of [...GOOD, ...GOOD]) await fcgiRequest(where, cgiParams(uri));
}

type Rogue = (where: Where) => Promise<void>;

async function times(count: number, rogue: (index: number) => Promise<void>): Promise<void> {
  for (let index = 0; index < count; index++) await rogue(index);
}

const ROGUES: Readonly<Record<string, Rogue>> = {
  'hangs up in the middle of an answer': (where) =>
    times(20, async () => {
      const socket = await open(where);
      socket.write(LARGE);
      await new Promise((resolve) => socket.once('data', resolve));
      socket.destroy();
    }),

  'hangs up before the answer': (where) =>
    times(100, async () => {
      const socket = await open(where);
      await new Promise<void>((resolve) => socket.write(LARGE, () => resolve()));
      socket.destroy();
    }),

  'ends its side before the answer': (where) =>
    times(20, async () => {
      const socket = await open(where);
      socket.end(LARGE);
      await closed(socket);
    }),

  'sends half a request and leaves': (where) =>
    times(LARGE.length, async (length) => {
      const socket = await open(where);
      await new Promise<void>((resolve) => socket.write(LARGE.subarray(0, length), () => resolve()));
      socket.destroy();
    }),

  'sends half a request and waits': async (where) => {
    const sockets: Socket[] = [];
    await times(100, async (index) => {
      const socket = await open(where);
      socket.write(LARGE.subarray(0, index));
      sockets.push(socket);
    });
    await others(where);
    for (const socket of sockets) socket.destroy();
  },

  'asks for much and reads nothing': async (where) => {
    const sockets: Socket[] = [];
    await times(8, async () => {
      const socket = await open(where);
      socket.pause();
      await times(4, (id) => new Promise((resolve) => socket.write(requestWithId(id + 1), () => resolve())));
      sockets.push(socket);
    });
    await others(where);
    for (const socket of sockets) socket.destroy();
  },

  'sends garbage': (where) => {
    const random = randomNumbers(1);
    return times(200, async (index) => {
      const socket = await open(where);
      const ended = closed(socket);
      socket.end(randomBytes(1 + index * 7, random));
      await ended;
    });
  },

  'sends requests with one byte changed': (where) => {
    const random = randomNumbers(2);
    const request = requestRecords(cgiParams(GOOD[0]!));
    return times(request.length, async (at) => {
      const bytes = Buffer.from(request);
      bytes[at] = Math.floor(random() * 256);
      const socket = await open(where);
      const ended = closed(socket);
      socket.end(bytes);
      await ended;
    });
  },

  'speaks HTTP': async (where) => {
    const socket = await open(where);
    const ended = closed(socket);
    socket.end('GET / HTTP/1.1\r\nHost: example.org\r\n\r\n');
    await ended;
  },

  'lies about lengths': async (where) => {
    const lies = [
      record(Type.params, 1, Buffer.from([0xff, 0xff, 0xff, 0xff, 0x7f])),
      record(Type.params, 1, Buffer.from([0x80, 0, 0, 1, 0x80])),
      record(Type.params, 1, Buffer.alloc(65_535, 0x41)),
      record(Type.stdin, 1, Buffer.alloc(65_535)),
    ];
    for (const lie of lies) {
      const socket = await open(where);
      const ended = closed(socket);
      socket.end(Buffer.concat([beginRecord(), lie, record(Type.params, 1), record(Type.stdin, 1)]));
      await ended;
    }
  },

  'sends too much': async (where) => {
    const many = encodePairs({ REQUEST_METHOD: 'GET', LONG: 'x'.repeat(200_000) });
    const client = await FcgiClient.connect(where);
    const params = client.answerTo(1);
    client.send(
      Buffer.concat([
        beginRecord({ keepConn: true }),
        streamRecords(Type.params, 1, many),
        record(Type.stdin, 1),
      ]),
    );
    assertRefused(await params, [400], 'parameters of 200 KB');
    const body = Buffer.alloc(3_000_000, 0x61);
    const post = cgiParams('/fcgi-bin/iipsrv.fcgi', { method: 'POST', contentLength: body.length });
    assertRefused(await client.request(post, { id: 2, body, keepConn: true }), [413], 'a body of 3 MB');
    client.destroy();
  },

  'begins requests and never ends them': async (where) => {
    const client = await FcgiClient.connect(where);
    for (let id = 1; id < 2000; id++) client.send(beginRecord({ id, keepConn: true }));
    const answer = await client
      .request(cgiParams(GOOD[2]!), { id: 1000, keepConn: true })
      .catch(() => undefined);
    assert.notEqual(answer?.status, 500);
    client.destroy();
  },
};

function requestWithId(id: number): Buffer {
  return requestRecords(cgiParams(`${IIP}rgb-deflate.tif&WID=${1990 + id}&CVT=tiff&QLT=none:1`), {
    id,
    keepConn: true,
  });
}

describe('a client that', options, () => {
  for (const [name, rogue] of Object.entries(ROGUES)) {
    it(`${name} changes nothing for others`, { skip: PROC_MISSING }, async (test) => {
      const { where, pid } = await startProgram(scopeOf(test));
      await besideGoodClient(where, () => Promise.resolve());
      const before = await usageOf(pid);
      await besideGoodClient(where, () => rogue(where));
      const isBack = async () => (await usageOf(pid)).descriptors <= before.descriptors + 8;
      await waitFor(isBack, 'the connections are closed');
    });
  }

  it('sends 10,000 bad queries gets 10,000 answers', async (test) => {
    const { where } = await startProgram(scopeOf(test));
    await besideGoodClient(where, async () => {
      const client = await FcgiClient.connect(where);
      for (const uri of badQueries(10_000, 3)) {
        const answer = await client.request(cgiParams(uri), { keepConn: true });
        // One of the files that are asked for is damaged.
        const statuses = uri.includes('truncated.tif') ? [200, 400, 404, 500, 501] : [200, 400, 404, 501];
        assertRefused(answer, statuses, uri.slice(0, 300));
      }
      client.destroy();
    });
  });
});

describe('the HTTP port', options, () => {
  it('bears garbage and half requests', async (test) => {
    const port = await freePort();
    const { where } = await startProgram(scopeOf(test), { httpPort: port });
    const random = randomNumbers(4);
    await besideGoodClient(where, () =>
      times(60, async (index) => {
        const socket = await open({ port });
        const ended = closed(socket);
        const texts = ['GET', 'GET / HTTP/1.1\r\nHost:', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\nFIF', '\0\0\0', `GET /${'a'.repeat(100_000)} HTTP/1.1\r\n\r\n`]; // prettier-ignore
        socket.end(texts[index] ?? randomBytes(index * 5, random));
        await ended;
      }),
    );
  });
});
