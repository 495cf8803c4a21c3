/** Clients that do what no web server does: each is let loose on a program that must not mind. */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
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
import { assertRefused } from './answers.ts';
import { GOOD } from './good-client.ts';
import { randomBytes, randomNumbers } from './random.ts';

const IIP = '/fcgi-bin/iipsrv.fcgi?FIF=';
/** Several megabytes, so that it does not go into a socket at once. */
const LARGE = requestRecords(cgiParams(`${IIP}rgb-deflate.tif&WID=2000&CVT=tiff&QLT=none:1`));

/** A connection. */
export function open(where: Where): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect('path' in where ? { path: where.path } : { host: '127.0.0.1', ...where });
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Resolves when the connection has ended, whoever ended it and however. */
export function closed(socket: Socket): Promise<void> {
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

/** One after the other. */
export async function times(count: number, rogue: (index: number) => Promise<void>): Promise<void> {
  for (let index = 0; index < count; index++) await rogue(index);
}

/** By what they do. */
export const ROGUES: Readonly<Record<string, Rogue>> = {
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
