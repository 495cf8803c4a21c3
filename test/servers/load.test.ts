import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { httpRequest, type HttpAnswer } from '../support/http-client.ts';
import { PROC_MISSING, usageOf } from '../support/proc.ts';
import { startProgram } from '../support/program.ts';
import { scopeOf } from '../support/scope.ts';
import { NGINX_MISSING, startNginx } from './nginx.ts';
import { URI_MAP } from './questions.ts';

const CLIENTS = 64;

/** Longer by hand: IIPSRV_LOAD_SECONDS=60 npm test servers/load. */
const SECONDS = Number(process.env['IIPSRV_LOAD_SECONDS'] ?? 10);

/** Memory may grow by this much once every picture was made; what leaks grows with the time. */
const MAX_GROWTH_MB = 200;

/** nginx keeps 32 connections, and each thread the images that it reads. */
const MAX_MORE_DESCRIPTORS = 150;

const IIP = '/fcgi-bin/iipsrv.fcgi?FIF=';
const IMAGES = [
  'rgb-jpeg.tif',
  'rgb-deflate.tif',
  'rgb-lzw-512.tif',
  'grey16.tif',
  'rgba8.tif',
  'photo-large.jpg',
];

/** Tiles in four protocols, information, exports. */
const URIS: readonly string[] = [
  ...IMAGES.map((name) => `${IIP}${name}&JTL=1,0`),
  ...['0,0', '1,0', '1,1'].flatMap((tile) => [
    `${IIP}rgb-jpeg.tif&JTL=${tile}`,
    `${IIP}rgb-none-128.tif&JTL=${tile}`,
  ]),
  ...IMAGES.map((name) => `/iiif/${name}/info.json`),
  ...IMAGES.map((name) => `/iiif/${name}/0,0,512,512/256,256/0/default.jpg`),
  ...IMAGES.flatMap((name) => [7, 11].map((level) => `/deepzoom/${name}_files/${level}/0_0.jpg`)),
  ...IMAGES.map((name) => `/zoomify/${name}/TileGroup0/1-0-0.jpg`),
  ...IMAGES.map((name) => `${IIP}${name}&RGN=0.2,0.2,0.4,0.4&WID=200&CVT=jpeg`),
  `${IIP}rgb-deflate.tif&CNT=1.2&WID=150&CVT=png`,
  `${IIP}rgb-jpeg.tif&OBJ=IIP,1.0&OBJ=Resolutions`,
];

interface Count {
  requests: number;
  readonly complaints: string[];
}

type Right = ReadonlyMap<string, HttpAnswer>;

/** Asks on its own connection until `end`, from another place of the list than its neighbors. */
async function client(port: number, index: number, { right, end, count }: Load): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let turn = index * 7; Date.now() < end; turn++) {
    const uri = URIS[turn % URIS.length]!;
    count.requests++;
    const complaint = await ask(port, uri, agent, right).catch((thrown: unknown) => String(thrown));
    if (complaint !== '') count.complaints.push(`${uri}: ${complaint}`);
  }
  agent.destroy();
}

interface Load {
  readonly right: Right;
  readonly end: number;
  readonly count: Count;
}

async function ask(port: number, uri: string, agent: Agent, right: Right): Promise<string> {
  const { status, body } = await httpRequest(port, uri, { agent });
  if (status !== 200) return `status ${status}: ${body.toString('utf8', 0, 100)}`;
  // The port is part of what info.json says of itself.
  if (uri.endsWith('info.json')) return body.at(-1) === 0x0a || body.at(-1) === 0x7d ? '' : 'cut off';
  return right.get(uri)?.body.equals(body) === true ? '' : `${body.length} other bytes than when asked alone`;
}

/** Every answer when nobody else asks; each picture can be decoded to its end. */
async function askAlone(port: number): Promise<Right> {
  const right = new Map<string, HttpAnswer>();
  for (const uri of URIS) {
    const answer = await httpRequest(port, uri);
    assert.equal(answer.status, 200, uri);
    right.set(uri, answer);
    const { body, headers } = answer;
    if (headers['content-type'] === 'image/jpeg') {
      assert.equal(body.readUInt16BE(0), 0xffd8, uri);
      assert.equal(body.readUInt16BE(body.length - 2), 0xffd9, uri);
    }
    if (headers['content-type']?.startsWith('image/') === true) {
      const { info } = await sharp(body, { failOn: 'warning' }).raw().toBuffer({ resolveWithObject: true });
      assert.ok(info.width > 0 && info.height > 0, uri);
    }
  }
  return right;
}

describe('64 clients at once', () => {
  const skip = NGINX_MISSING === false ? PROC_MISSING : NGINX_MISSING;
  it(
    `through nginx get whole answers, and the program does not grow`,
    { skip, timeout: 600_000 },
    async (test) => {
      const scope = scopeOf(test);
      const program = await startProgram(scope, { env: { URI_MAP, VERBOSITY: '0' } });
      const fronts = [
        await startNginx(scope, { upstream: program.where, isKeepingConnections: true }),
        await startNginx(scope, { upstream: program.where, isKeepingConnections: false }),
      ] as const;
      const right = await askAlone(fronts[0].port);
      const run = async (seconds: number): Promise<Count> => {
        const count: Count = { requests: 0, complaints: [] };
        const load = { right, end: Date.now() + seconds * 1000, count };
        const clients = Array.from({ length: CLIENTS }, (_, index) =>
          client(fronts[index % 2]!.port, index, load),
        );
        await Promise.all(clients);
        return count;
      };

      const warm = await run(SECONDS / 5);
      const before = await usageOf(program.pid);
      const { requests, complaints } = await run(SECONDS);
      const after = await usageOf(program.pid);

      test.diagnostic(`${requests} requests in ${SECONDS} s, ${complaints.length} errors`);
      test.diagnostic(`memory ${before.megabytes} MB, then ${after.megabytes} MB`);
      test.diagnostic(`descriptors ${before.descriptors}, then ${after.descriptors}`);
      assert.deepEqual([...warm.complaints, ...complaints].slice(0, 10), []);
      assert.ok(
        after.megabytes - before.megabytes < MAX_GROWTH_MB,
        `grew from ${before.megabytes} to ${after.megabytes} MB`,
      );
      assert.ok(
        after.descriptors - before.descriptors < MAX_MORE_DESCRIPTORS,
        `${after.descriptors} open files`,
      );
    },
  );
});
