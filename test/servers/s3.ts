/**
 * s3rver, an S3 service from npm, on a free port of this machine. It does not compute signatures of version 4, so
 * that aws4 checks them before it.
 */
import { createServer, type IncomingMessage } from 'node:http';
import aws4 from 'aws4';
import S3rver from 's3rver';
import { freePort } from '../support/ports.ts';
import type { Scope } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';

export interface S3 {
  readonly port: number;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Requests that were signed well, and those that were not signed. */
  readonly counts: { verified: number; anonymous: number };
  /** Stores an object, without a signature. */
  put(key: string, bytes: Uint8Array): Promise<void>;
}

/** The id is the one that s3rver knows. */
const KEYS = { accessKeyId: 'S3RVER', secretAccessKey: 'a-secret/of+the.test' };

export async function startS3(scope: Scope): Promise<S3> {
  const port = await freePort();
  const bucket = 'images';
  const service = new S3rver({
    silent: true,
    serviceEndpoint: 'localhost',
    directory: await tempFolder(scope),
    configureBuckets: [{ name: bucket, configs: [] }],
  });
  await service.configureBuckets();
  const counts = { verified: 0, anonymous: 0 };
  const answer = service.callback();
  const server = createServer((message, reply) => {
    if (message.method !== 'PUT' && message.headers.authorization === undefined) counts.anonymous++;
    else if (message.method !== 'PUT' && !isWellSigned(message)) return void reply.writeHead(403).end();
    else counts.verified += Number(message.method !== 'PUT');
    answer(message, reply);
  });
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port }, resolve));
  scope.defer(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  });
  return {
    port,
    bucket,
    ...KEYS,
    counts,
    put: (key, bytes) => put(`http://127.0.0.1:${port}/${bucket}/`, key, bytes),
  };
}

/** Signs the same request by aws4 and compares. */
function isWellSigned({ headers, url = '/' }: IncomingMessage): boolean {
  const authorization = headers.authorization ?? '';
  const names = /SignedHeaders=([^,]*)/.exec(authorization)?.[1]?.split(';') ?? [];
  if (!names.includes('host') || !names.includes('x-amz-date')) return false;
  const signed = Object.fromEntries(names.map((name) => [name, String(headers[name])]));
  const request = {
    service: 's3',
    region: 'us-east-1',
    method: 'GET',
    path: url,
    headers: {
      ...signed,
      Host: signed['host']!,
      'X-Amz-Date': signed['x-amz-date']!,
      'X-Amz-Content-Sha256': signed['x-amz-content-sha256']!,
    },
    extraHeadersToInclude: Object.fromEntries(names.map((name) => [name, true])),
  };
  for (const name of ['host', 'x-amz-date', 'x-amz-content-sha256'])
    delete (request.headers as Record<string, string>)[name];
  const again = aws4.sign(request, KEYS).headers?.['Authorization'];
  const signatureOf = (text: unknown) => /Signature=(\w+)$/.exec(String(text))?.[1];
  return signatureOf(again) === signatureOf(authorization);
}

async function put(bucket: string, key: string, bytes: Uint8Array): Promise<void> {
  const url = bucket + key.split('/').map(encodeURIComponent).join('/');
  const { status } = await fetch(url, { method: 'PUT', body: Buffer.from(bytes) });
  if (status !== 200) throw new Error(`PUT ${url}: ${status}`);
}
