/** From CGI parameters to a `Request`: of the thirty that a web server sends, only those in use become strings. */
import { makeRequest } from '../request.ts';
import type { Request } from '../request.ts';
import { decodeText } from '../text.ts';
import { PairCursor } from './pairs.ts';

/** Values as they came; empty when a parameter was not sent. */
export interface CgiParams {
  method: string;
  uri: string;
  /** Undefined when not sent: an empty query that was sent is an answer too. */
  query: string | undefined;
  scriptName: string;
  pathInfo: string;
  contentLength: string;
  https: string;
  host: string;
  serverName: string;
  serverPort: string;
  accept: string;
  ifModifiedSince: string;
  ifNoneMatch: string;
  iiifId: string;
  requestId: string;
  remoteAddress: string;
}

const FIELDS: Readonly<Record<string, keyof CgiParams>> = {
  REQUEST_METHOD: 'method',
  REQUEST_URI: 'uri',
  QUERY_STRING: 'query',
  SCRIPT_NAME: 'scriptName',
  PATH_INFO: 'pathInfo',
  CONTENT_LENGTH: 'contentLength',
  HTTPS: 'https',
  HTTP_HOST: 'host',
  SERVER_NAME: 'serverName',
  SERVER_PORT: 'serverPort',
  HTTP_ACCEPT: 'accept',
  HTTP_IF_MODIFIED_SINCE: 'ifModifiedSince',
  HTTP_IF_NONE_MATCH: 'ifNoneMatch',
  HTTP_X_IIIF_ID: 'iiifId',
  HTTP_X_REQUEST_ID: 'requestId',
  REMOTE_ADDR: 'remoteAddress',
};

interface KnownName {
  readonly bytes: Buffer;
  readonly field: keyof CgiParams;
}

/** Known names by their length: most parameters that are not in use are passed over without comparing a byte. */
const NAMES_BY_LENGTH: KnownName[][] = [];
for (const [name, field] of Object.entries(FIELDS)) {
  (NAMES_BY_LENGTH[name.length] ??= []).push({ bytes: Buffer.from(name), field });
}

function startsWith(bytes: Buffer, at: number, name: Buffer): boolean {
  for (let i = 0; i < name.length; i++) if (bytes[at + i] !== name[i]) return false;
  return true;
}

function fieldOfName(pair: PairCursor): keyof CgiParams | undefined {
  const names = NAMES_BY_LENGTH[pair.valueStart - pair.nameStart];
  if (names === undefined) return undefined;
  for (const { bytes, field } of names) if (startsWith(pair.bytes, pair.nameStart, bytes)) return field;
  return undefined;
}

/** @throws ServerError `bad-request`: no name-value pairs. */
export function parseParams(bytes: Buffer): CgiParams {
  const params: CgiParams = {
    method: '',
    uri: '',
    query: undefined,
    scriptName: '',
    pathInfo: '',
    contentLength: '',
    https: '',
    host: '',
    serverName: '',
    serverPort: '',
    accept: '',
    ifModifiedSince: '',
    ifNoneMatch: '',
    iiifId: '',
    requestId: '',
    remoteAddress: '',
  };
  const pair = new PairCursor(bytes);
  while (pair.next()) {
    const field = fieldOfName(pair);
    if (field !== undefined) params[field] = decodeText(bytes, pair.valueStart, pair.valueEnd);
  }
  return params;
}

/** What `CONTENT_LENGTH` announces; undefined when it says nothing. */
export function announcedBytes(params: CgiParams): number | undefined {
  return /^\d+$/.test(params.contentLength) ? Number(params.contentLength) : undefined;
}

function uriOf(params: CgiParams): string {
  if (params.uri !== '') return params.uri;
  const path = params.scriptName + params.pathInfo;
  return params.query ? `${path}?${params.query}` : path;
}

function hostOf(params: CgiParams, isHttps: boolean): string {
  if (params.host !== '' || params.serverName === '') return params.host;
  const isUsualPort = params.serverPort === '' || params.serverPort === (isHttps ? '443' : '80');
  return isUsualPort ? params.serverName : `${params.serverName}:${params.serverPort}`;
}

/** The request that `params` and `body` tell of. */
export function requestFromParams(params: CgiParams, body: Uint8Array): Request {
  const isHttps = params.https !== '' && params.https.toLowerCase() !== 'off';
  return makeRequest({
    method: params.method === '' ? 'GET' : params.method,
    uri: uriOf(params),
    ...(params.query === undefined ? undefined : { query: params.query }),
    body,
    isHttps,
    host: hostOf(params, isHttps),
    accept: params.accept,
    ifModifiedSince: params.ifModifiedSince,
    ifNoneMatch: params.ifNoneMatch,
    iiifId: params.iiifId,
    requestId: params.requestId,
    remoteAddress: params.remoteAddress,
  });
}
