/** From a message of node:http to a `Request`. */
import type { IncomingMessage } from 'node:http';
import { makeRequest } from './request.ts';
import type { Request } from './request.ts';
import { decodeText } from './text.ts';

/** A target with scheme and authority, which proxies send and every server must take (RFC 9112, section 3.2.2). */
const ABSOLUTE_FORM = /^https?:\/\/([^/?#]*)(.*)$/is;

/** What a message asks for: path and query, and the host that a target in absolute form names. */
export function targetOf({ url = '' }: IncomingMessage): {
  readonly uri: string;
  readonly authority?: string;
} {
  const [, authority, rest = ''] = ABSOLUTE_FORM.exec(url) ?? [];
  if (authority === undefined) return { uri: url };
  return { uri: rest.startsWith('/') ? rest : `/${rest}`, authority };
}

/** The request that `message` and its `body` make. */
export function requestFromMessage(message: IncomingMessage, body: Uint8Array): Request {
  const { headers } = message;
  const { uri, authority } = targetOf(message);
  return makeRequest({
    method: message.method ?? 'GET',
    uri,
    body,
    host: readText(authority ?? headers.host),
    accept: readText(headers.accept),
    ifModifiedSince: readText(headers['if-modified-since']),
    ifNoneMatch: readText(headers['if-none-match']),
    iiifId: readText(headers['x-iiif-id']),
    requestId: readText(headers['x-request-id']),
    remoteAddress: message.socket.remoteAddress ?? '',
  });
}

/** The text of a header: node:http gives a character for each of its bytes. */
function readText(bytes: string | readonly string[] | undefined): string {
  return decodeText(Buffer.from((typeof bytes === 'string' ? bytes : bytes?.[0]) ?? '', 'latin1'));
}
