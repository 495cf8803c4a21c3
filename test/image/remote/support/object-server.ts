/** A server of objects in memory that counts what it is asked, and misbehaves when told to. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Scope } from '../../../support/scope.ts';

export interface StoredObject {
  bytes: Uint8Array;
  etag?: string;
  lastModified?: string;
}

/** Answers instead of the server; false: the server answers after all. */
export type Misbehave = (message: IncomingMessage, reply: ServerResponse) => boolean;

export interface ObjectServer {
  readonly port: number;
  readonly url: string;
  /** By path, percent-encoded as it is asked for. */
  readonly objects: Map<string, StoredObject>;
  /** Method, path and range of every request. */
  readonly asked: string[];
  misbehave: Misbehave | undefined;
  /** Connections taken so far. */
  readonly connections: number;
  close(): Promise<void>;
}

export async function startObjectServer(scope: Scope): Promise<ObjectServer> {
  const objects = new Map<string, StoredObject>();
  const asked: string[] = [];
  let connections = 0;
  const server = createServer((message, reply) => {
    asked.push(`${message.method} ${message.url} ${message.headers.range ?? ''}`.trim());
    if (state.misbehave?.(message, reply) === true) return;
    serve(objects.get(message.url ?? ''), message, reply);
  });
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
  const { port } = server.address() as AddressInfo;
  const state: ObjectServer = {
    port,
    url: `http://127.0.0.1:${port}`,
    objects,
    asked,
    misbehave: undefined,
    get connections() {
      return connections;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  scope.defer(() => state.close());
  return state;
}

/** As RFC 9110 has it, as far as images are read: one range, If-Match, If-None-Match and the dates. */
function serve(object: StoredObject | undefined, { headers }: IncomingMessage, reply: ServerResponse): void {
  if (object === undefined) return void reply.writeHead(404).end('nothing here');
  const { bytes, etag, lastModified } = object;
  if (etag !== undefined) reply.setHeader('ETag', etag);
  if (lastModified !== undefined) reply.setHeader('Last-Modified', lastModified);
  if (headers['if-match'] !== undefined && headers['if-match'] !== etag)
    return void reply.writeHead(412).end();
  if (etag !== undefined && headers['if-none-match'] === etag) return void reply.writeHead(304).end();
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
  if (first === undefined) return void reply.writeHead(200, { 'Content-Length': bytes.length }).end(bytes);
  if (Number(first) >= bytes.length) return void reply.writeHead(416).end();
  const part = bytes.subarray(Number(first), Number(last) + 1);
  reply
    .writeHead(206, {
      'Content-Range': `bytes ${first}-${Number(first) + part.length - 1}/${bytes.length}`,
      'Content-Length': part.length,
    })
    .end(part);
}
