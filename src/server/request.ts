/** A request as the house sees it, whichever socket it came through. */

/** Frozen after it was made. Texts are as the web server sent them: nothing is decoded yet. */
export interface Request {
  readonly method: string;
  /** Path and query string as the client sent them: CGI `REQUEST_URI`. */
  readonly uri: string;
  /** Without `?`; CGI `QUERY_STRING`. */
  readonly query: string;
  /** Body of a POST; empty for other methods. */
  readonly body: Uint8Array;
  /** CGI `HTTPS` is set and not `off`. */
  readonly isHttps: boolean;
  readonly host: string;
  readonly accept: string;
  readonly ifModifiedSince: string;
  readonly ifNoneMatch: string;
  /** The public URL of the image, told by a proxy: header `X-IIIF-ID`. */
  readonly iiifId: string;
  /** Name of the request that a proxy gave: header `X-Request-Id`. */
  readonly requestId: string;
  /** Address of the client, for the log. */
  readonly remoteAddress: string;
  /** The server asks itself: only those who look for faults want a line of it. */
  readonly isOwn: boolean;
}

const EMPTY = new Uint8Array(0);

/** A request from its parts; what is not given is empty. */
export function makeRequest(parts: Partial<Request>): Request {
  const uri = parts.uri ?? '';
  const mark = uri.indexOf('?');
  return Object.freeze({
    method: parts.method ?? 'GET',
    uri,
    query: parts.query ?? (mark < 0 ? '' : uri.slice(mark + 1)),
    body: parts.body ?? EMPTY,
    isHttps: parts.isHttps ?? false,
    host: parts.host ?? '',
    accept: parts.accept ?? '',
    ifModifiedSince: parts.ifModifiedSince ?? '',
    ifNoneMatch: parts.ifNoneMatch ?? '',
    iiifId: parts.iiifId ?? '',
    requestId: parts.requestId ?? '',
    remoteAddress: parts.remoteAddress ?? '',
    isOwn: parts.isOwn ?? false,
  });
}
