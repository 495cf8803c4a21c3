/** The recorded requests of fixtures/vectors.jsonl: what was asked, under which settings, and what came. */
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { makeRequest, type Request } from '../../src/server/request.ts';
import { cgiParams, type CgiEnvironment } from '../support/fcgi-client.ts';

/** How close pixels must come: see `LIMITS` in compare-pixels.ts. */
export type Tolerance = 'exact' | 'process' | 'resize' | 'lossy';

export interface Expected {
  /** Any of these. */
  readonly status?: readonly number[];
  /** By names in lower case; `*` is any value. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly text?: string;
  readonly compare?: 'text' | 'json';
  /** Characters of one byte each that the body starts with. */
  readonly bytesPrefix?: string;
  readonly image?: { readonly file: string; readonly tolerance: Tolerance };
}

export interface Vector {
  /** `kind/case`; no two are alike. */
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly request: {
    readonly uri: string;
    readonly method: string;
    readonly body?: string;
    readonly headers?: Readonly<Record<string, string>>;
    /** CGI parameters beyond those that follow from the rest. */
    readonly params?: CgiEnvironment;
  };
  readonly expect: Expected;
}

const FOLDER = path.resolve('fixtures');
export const IMAGES = path.join(FOLDER, 'images') + path.sep;

export const VECTORS: readonly Vector[] = readFileSync(path.join(FOLDER, 'vectors.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Vector);

/** The file of a recorded picture. */
export const expectedFile = (name: string): string => path.join(FOLDER, name);

/** Vectors that one server can answer, as they have the same settings. */
export interface Group {
  readonly env: Readonly<Record<string, string>>;
  readonly vectors: readonly Vector[];
}

/** All vectors by their settings, in the order of the file. */
export function groupBySettings(vectors: readonly Vector[]): readonly Group[] {
  const groups = new Map<string, Vector[]>();
  for (const vector of vectors) {
    const key = JSON.stringify(vector.env);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [vector]);
    else group.push(vector);
  }
  return [...groups.values()].map((members) => ({ env: members[0]?.env ?? {}, vectors: members }));
}

const HOST = 'example.org';

/** The vector as a web server sends it. */
export function cgiOf({ request }: Vector): { readonly params: CgiEnvironment; readonly body?: Uint8Array } {
  const body = request.body === undefined ? undefined : Buffer.from(request.body);
  const params = {
    ...cgiParams(request.uri, {
      method: request.method,
      host: HOST,
      headers: headersOf(request),
      ...(body === undefined ? {} : { contentLength: body.length }),
    }),
    ...request.params,
  };
  return body === undefined ? { params } : { params, body };
}

/** The vector as it is without any socket. */
export function requestOf({ request }: Vector): Request {
  const headers = headersOf(request);
  return makeRequest({
    method: request.method,
    uri: request.uri,
    host: HOST,
    body: Buffer.from(request.body ?? ''),
    isHttps: request.params?.['HTTPS'] === 'on',
    accept: headers['Accept'] ?? '',
    ifModifiedSince: headers['If-Modified-Since'] ?? '',
    iiifId: headers['X-IIIF-ID'] ?? '',
  });
}

/** `@mtime` stands for the modification time of the file that is asked for. */
function headersOf({ uri, headers = {} }: Vector['request']): Readonly<Record<string, string>> {
  if (headers['If-Modified-Since'] !== '@mtime') return headers;
  const file = /FIF=([^&]+)/.exec(uri)?.[1] ?? '';
  return { ...headers, 'If-Modified-Since': statSync(path.join(IMAGES, file)).mtime.toUTCString() };
}
