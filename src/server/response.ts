/** An answer before it is framed for a socket. It is whole: no status leaves before the body exists. */

export type Header = readonly [name: string, value: string];

export interface Response {
  readonly status: number;
  /** In the order in which they are sent. `Content-Length` is among them where a body is allowed. */
  readonly headers: readonly Header[];
  /** Empty for HEAD, 204 and 304. Of an answer that came at once it may lie in memory that is to be given back. */
  readonly body: Uint8Array;
}

/**
 * Answers one request; never rejects and never throws. `signal` fires when the client has gone. It is good until
 * the answer: when nobody listens to it any more, another request may be given it.
 */
export type Respond = (request: Request, signal: AbortSignal) => Promise<Response> | Response;

import type { Request } from './request.ts';

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  204: 'No Content',
  303: 'See Other',
  304: 'Not Modified',
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
};

/** The reason phrase of a status (RFC 9110, section 15). */
export function reasonPhrase(status: number): string {
  return REASONS[status] ?? 'Unknown';
}

/** The value of a header, any case, or undefined. */
export function headerValue(response: Response, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return response.headers.find(([key]) => key.toLowerCase() === wanted)?.[1];
}
