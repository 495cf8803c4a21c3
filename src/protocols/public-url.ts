/** The URL under which clients reach this server, for ids, redirects and links. */
import type { Request } from '../server/request.ts';

export interface UrlParts {
  /** The request's URL up to the argument, without scheme and host. */
  readonly base: string;
  readonly request: Request;
  /** BASE_URL; empty: made from the request. */
  readonly baseUrl: string;
}

/** BASE_URL + rest, else scheme and host of the request + base + rest. */
export function publicUrl(rest: string, { base, request, baseUrl }: UrlParts): string {
  if (baseUrl !== '') return `${baseUrl}${rest}`;
  return `${request.isHttps ? 'https' : 'http'}://${request.host || 'localhost'}${base}${rest}`;
}

/** A URL that is safe inside a header and inside `<…>`: anything but visible ASCII is percent-encoded. */
export function uriForHeader(uri: string): string {
  return uri.replace(/[^\x21-\x7e]|[<>"\\^`{|}]/gu, (sign) => encodeSign(sign));
}

/** `^` belongs to the syntax of IIIF sizes and stays. */
function encodeSign(sign: string): string {
  if (sign === '^') return sign;
  return [...Buffer.from(sign)]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');
}
