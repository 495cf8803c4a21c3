/** From a message of node:http to a `Request`. */
import type { IncomingMessage } from 'node:http';
import { makeRequest } from './request.ts';
import type { Request } from './request.ts';
import { decodeText } from './text.ts';

/** A target with scheme and authority, which proxies send and every server must take (RFC 9112, section 3.2.2). */
const ABSOLUTE_FORM = /^https?:\/\/([^/?#]*)(.*)$/is;

/** The request that `message` and its `body` make. */
export function requestFromMessage(message: IncomingMessage, body: Uint8Array): Request {
  const { headers } = message;
  const target = message.url ?? '';
  const [, authority, rest = ''] = ABSOLUTE_FORM.exec(target) ?? [];
  const uri = authority === undefined ? target : `${rest.startsWith('/') ? '' : '/'}${rest}`;
  return makeRequest({
    method: message.method ?? 'GET',
    uri: readText(uri),
    body,
    host: readText(authority ?? headers.host),
    accept: readText(headers.accept),
    ifModifiedSince: readText(headers['if-modified-since']),
    ifNoneMatch: readText(headers['if-none-match']),
    iiifId: readText(headers['x-iiif-id']),
    remoteAddress: message.socket.remoteAddress ?? '',
  });
}

/** node:http gives a character for each byte. */
function readText(bytes: string | readonly string[] | undefined): string {
  return decodeText(Buffer.from((typeof bytes === 'string' ? bytes : bytes?.[0]) ?? '', 'latin1'));
}
