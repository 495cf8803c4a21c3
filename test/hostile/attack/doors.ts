/** The two ways in: HTTP through nginx, byte by byte as an attacker writes it, and FastCGI where the program listens. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { cgiParams, FcgiClient, fcgiRequest, type Where } from '../../support/fcgi-client.ts';
import { startProgram, type Program, type ProgramEnv } from '../../support/program.ts';
import type { Scope } from '../../support/scope.ts';
import { NGINX_MISSING, startNginx } from '../../servers/nginx.ts';
import { URI_MAP } from '../../servers/questions.ts';
import { assertTellsNoPath } from '../answers.ts';
import { GOOD } from '../good-client.ts';
import { open } from '../rogues.ts';

export const IIP = '/fcgi-bin/iipsrv.fcgi';

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  /** Lines of the head, the first one too. */
  readonly lines: readonly string[];
  readonly body: Buffer;
}

export interface Doors {
  readonly program: Program;
  /** Where nginx listens; undefined where it is not installed. */
  readonly nginxPort: number | undefined;
}

export async function openDoors(scope: Scope, env: ProgramEnv = {}, maxConnections?: number): Promise<Doors> {
  const program = await startProgram(scope, { env: { URI_MAP, ...env } });
  if (NGINX_MISSING !== false) return { program, nginxPort: undefined };
  const limit = maxConnections === undefined ? {} : { maxConnections };
  const { port } = await startNginx(scope, { upstream: program.where, isKeepingConnections: true, ...limit });
  return { program, nginxPort: port };
}

/** Sends bytes to a port and reads until the other side closes; undefined when it does so without a word. */
export async function rawHttp(port: number, bytes: string | Buffer): Promise<RawAnswer | undefined> {
  const socket = await open({ port });
  socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  return parseRaw(await readToEnd(socket));
}

export function parseRaw(bytes: Buffer): RawAnswer | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const lines = bytes.toString('latin1', 0, end).split('\r\n');
  return { status: Number(lines[0]?.split(' ')[1]), lines, body: bytes.subarray(end + 4) };
}

/** What comes until the connection ends, however it does. */
export function readToEnd(socket: Socket): Promise<Buffer> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    socket.on('data', (piece: Buffer) => pieces.push(piece));
    socket.on('error', () => undefined);
    socket.once('close', () => resolve(Buffer.concat(pieces)));
  });
}

/** A request in HTTP/1.1 after which the connection is to end. */
export const httpText = (target: string, headers: readonly string[] = [], host = 'example.org'): string =>
  [`GET ${target} HTTP/1.1`, 'Connection: close', `Host: ${host}`, ...headers, '', ''].join('\r\n');

/** Headers that this program or nginx may send. */
const KNOWN =
  /^(server|date|connection|transfer-encoding|x-powered-by|x-content-type-options|content-(type|length|disposition)|last-modified|etag|cache-control|location|link|vary|allow|retry-after|status|accept-ranges|access-control-[a-z-]+|x-request-id):/i;

/** @throws AssertionError when a head has a line that nobody wrote on purpose, or anything tells a path. */
export function assertHarmless(answer: RawAnswer, what: string): void {
  for (const line of answer.lines.slice(1)) {
    assert.match(line, KNOWN, `${what}: a header of its own: ${line}`);
    assert.match(line, /^[\x20-\x7e]*$/, what);
  }
  const headers = Object.fromEntries(
    answer.lines.slice(1).map((line) => line.toLowerCase().split(/:\s*(.*)/s).slice(0, 2) as [string, string]),
  );
  assertTellsNoPath({ status: answer.status, headers, body: answer.body }, what);
} // prettier-ignore

/** The head and body that come over FastCGI, before anybody has split them. */
export async function rawFcgi(where: Where, params: Readonly<Record<string, string>>): Promise<RawAnswer> {
  const { status, headers, body } = await fcgiRequest(where, params);
  return {
    status,
    lines: ['', ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)],
    body,
  };
}

/** @throws AssertionError when what others ask for is not there, at both doors. */
export async function assertServes({ program, nginxPort }: Doors): Promise<void> {
  const client = await FcgiClient.connect(program.where);
  for (const uri of GOOD) {
    assert.equal((await client.request(cgiParams(uri), { keepConn: true })).status, 200, uri);
    if (nginxPort !== undefined) assert.equal((await rawHttp(nginxPort, httpText(uri)))?.status, 200, uri);
  }
  client.destroy();
  assert.equal(program.daemon.exit, undefined, 'the program runs');
}
