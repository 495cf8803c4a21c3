/** A FastCGI server for one test. */
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import type { ConnectionLimits } from '../../../src/server/fastcgi/connection.ts';
import { createFastcgiServer } from '../../../src/server/fastcgi/server.ts';
import type { FastcgiServer } from '../../../src/server/fastcgi/server.ts';
import { listen } from '../../../src/server/listen.ts';
import type { Request } from '../../../src/server/request.ts';
import type { Respond, Response } from '../../../src/server/response.ts';
import type { Where } from '../../support/fcgi-client.ts';
import { memoryLog } from '../../support/log.ts';
import type { MemoryLog } from '../../support/log.ts';

export interface Running {
  readonly where: Where;
  readonly fastcgi: FastcgiServer;
  readonly log: MemoryLog;
}

/** Listens on a port of 127.0.0.1 until the test ends. */
export async function serve(
  test: TestContext,
  respond: Respond,
  limits: Partial<ConnectionLimits> = {},
): Promise<Running> {
  const log = memoryLog();
  const fastcgi = createFastcgiServer({ respond, log, limits });
  await listen(fastcgi.server, { kind: 'tcp', host: '127.0.0.1', port: 0 }, { log });
  test.after(() => stop(fastcgi));
  return { where: { port: (fastcgi.server.address() as AddressInfo).port }, fastcgi, log };
}

async function stop(fastcgi: FastcgiServer): Promise<void> {
  const drained = fastcgi.drain();
  fastcgi.destroy();
  await drained;
}

/** A folder that is gone after the test. */
export async function temporaryFolder(test: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'iipsrv-server-'));
  test.after(() => rm(folder, { recursive: true }));
  return folder;
}

export function textResponse(text: string | Uint8Array, status = 200): Response {
  const body = Buffer.from(text);
  return { status, headers: [['Content-Type', 'text/plain'], ['Content-Length', String(body.length)]], body }; // prettier-ignore
}

/** Says what was asked. */
export const echo = (request: Request): Response =>
  textResponse(`${request.method} ${request.uri} ${Buffer.from(request.body).toString()}`);

/** Resolves when `condition` holds, however long that takes. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** A promise and what settles it. */
export function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}
