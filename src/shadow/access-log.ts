/** Requests out of the access log of a web server: common, combined, and nginx's own format, which begins the same. */

export interface LoggedRequest {
  readonly method: 'GET' | 'HEAD';
  /** Path and query as the client sent them. */
  readonly uri: string;
  /** What the log says was answered. */
  readonly status: number | undefined;
}

/** `"GET /path HTTP/1.1" 200`, wherever it stands in the line; a quote inside is written `\"` or `\x22`. */
const REQUEST = /"(GET|HEAD) ((?:[^"\\ ]|\\.)+) HTTP\/[\d.]+" (\d{3})?/;

/** The request of a line; undefined for other methods, and for what is no such line. */
export function parseLogLine(line: string): LoggedRequest | undefined {
  const [, method, uri = '', status] = REQUEST.exec(line) ?? [];
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  const plain = uri.replace(/\\x([0-9A-Fa-f]{2})/g, '%$1').replace(/\\(.)/g, '$1');
  if (!plain.startsWith('/')) return undefined;
  return { method, uri: plain, status: status === undefined ? undefined : Number(status) };
}
