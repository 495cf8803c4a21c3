/** The headers that every answer carries, and whole answers for errors. */
import type { ServerError } from '../errors.ts';
import { formatHttpDate } from './conditional.ts';
import type { Header, Response } from './response.ts';

/** The settings that headers depend on; a part of `Config`. */
export interface HeaderSettings {
  readonly cors: string;
  readonly cacheControl: string;
  readonly version: string;
}

/** Methods that are answered. */
export const ALLOWED_METHODS = 'GET, HEAD, POST, OPTIONS';

/** What may be said of one successful answer. */
export interface Representation {
  readonly contentType: string;
  readonly lastModifiedMs?: number;
  readonly etag?: string;
  readonly cacheControl?: string;
  readonly extra?: readonly Header[];
}

const EMPTY = new Uint8Array(0);

interface SizedHeaders {
  readonly length: number;
  readonly headers: readonly Header[];
}

/** Makes responses with the standing headers of this server. */
export class ResponseMaker {
  readonly #standing: readonly Header[];
  readonly #cors: readonly Header[];
  readonly #cacheControl: string;
  /** Headers of representations that are answered again and again. */
  readonly #kept = new WeakMap<Representation, SizedHeaders>();

  constructor(settings: HeaderSettings) {
    this.#standing = [
      ['Server', `iipsrv/${settings.version}`],
      ['X-Powered-By', 'iipsrv for Node.js'],
      ['X-Content-Type-Options', 'nosniff'],
    ];
    this.#cors = settings.cors === '' ? [] : corsHeaders(settings.cors);
    this.#cacheControl = settings.cacheControl;
  }

  /** 200 with a whole body; a HEAD request gets the headers alone. */
  ok(body: Uint8Array, representation: Representation, isHead: boolean): Response {
    let kept = this.#kept.get(representation);
    if (kept?.length !== body.length) {
      kept = { length: body.length, headers: this.#okHeaders(body.length, representation) };
      this.#kept.set(representation, kept);
    }
    return { status: 200, headers: kept.headers, body: isHead ? EMPTY : body };
  }

  #okHeaders(length: number, representation: Representation): readonly Header[] {
    const headers: Header[] = [...this.#standing, ['Content-Type', representation.contentType]];
    this.#addValidators(headers, representation);
    headers.push(['Content-Length', String(length)], ...this.#cors, ...(representation.extra ?? []));
    return headers;
  }

  /** 304: what the client has is still right. */
  notModified(representation: Representation): Response {
    const headers: Header[] = [...this.#standing];
    this.#addValidators(headers, representation);
    const vary = (representation.extra ?? []).filter(([name]) => name === 'Vary');
    return { status: 304, headers: [...headers, ...this.#cors, ...vary], body: EMPTY };
  }

  /** 303 See Other. */
  redirect(location: string): Response {
    const headers: readonly Header[] = [
      ...this.#standing,
      ['Location', location],
      ['Content-Length', '0'],
      ...this.#cors,
    ];
    return { status: 303, headers, body: EMPTY };
  }

  /** 204 for OPTIONS. */
  options(): Response {
    return {
      status: 204,
      headers: [...this.#standing, ['Allow', ALLOWED_METHODS], ...this.#cors],
      body: EMPTY,
    };
  }

  /** A plain text with the error's status; IIP clients find its code in the first line. */
  error(error: ServerError, isHead: boolean): Response {
    const body = Buffer.from(errorText(error));
    const headers: Header[] = [...this.#standing, ['Content-Type', 'text/plain; charset=utf-8']];
    if (error.status === 405) headers.push(['Allow', ALLOWED_METHODS]);
    if (error.status === 503) headers.push(['Retry-After', '2']);
    headers.push(['Cache-Control', 'no-store'], ['Content-Length', String(body.length)], ...this.#cors);
    return { status: error.status, headers, body: isHead ? EMPTY : body };
  }

  #addValidators(headers: Header[], representation: Representation): void {
    if (representation.lastModifiedMs !== undefined) {
      headers.push(['Last-Modified', formatHttpDate(representation.lastModifiedMs)]);
    }
    if (representation.etag !== undefined) headers.push(['ETag', representation.etag]);
    headers.push(['Cache-Control', representation.cacheControl ?? this.#cacheControl]);
  }
}

function corsHeaders(origin: string): readonly Header[] {
  return [
    ['Access-Control-Allow-Origin', origin],
    ['Access-Control-Allow-Methods', 'GET, POST, OPTIONS'],
    ['Access-Control-Allow-Headers', 'Accept, Content-Type, X-Requested-With, If-Modified-Since'],
    ['Access-Control-Max-Age', '86400'],
  ];
}

/** IIP: `Error/<length of what follows the colon>:<code> <argument>`, then the message for people. */
function errorText(error: ServerError): string {
  const iip = error.iip === undefined ? '' : `Error/${Buffer.byteLength(error.iip)}:${error.iip}\r\n`;
  return `${iip}${error.message}\r\n`;
}
