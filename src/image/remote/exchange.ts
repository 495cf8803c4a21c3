/** One request and its whole answer over node's own HTTP client, with limits on time and size. Nothing is followed. */
import http from 'node:http';
import https from 'node:https';
import { guardedLookup } from './addresses.ts';
import type { ObjectRequest } from './base.ts';

export interface Exchange {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Uint8Array;
}

export interface ExchangeLimits {
  /** Without a byte from the server, connecting included. */
  readonly silenceMs: number;
  /** For all of it. */
  readonly wholeMs: number;
  /** Of a body that is wanted; one that is longer ends the exchange. */
  readonly maxBytes: number;
}

/** Connections that wait for the next request, and at most so many at once to one server. */
const AGENT_OPTIONS = {
  keepAlive: true,
  keepAliveMsecs: 30_000,
  maxSockets: 32,
  maxFreeSockets: 16,
  scheduling: 'lifo',
  lookup: guardedLookup,
} as const;

/** Bodies of errors are of no use; a short one is read so that the connection can be used again. */
const MAX_ERROR_BYTES = 16_384;

/** The server did not keep to the limits, or the connection broke; another try may go well. */
export class ExchangeError extends Error {
  override readonly name = 'ExchangeError';
  readonly code: string;

  constructor(code: string, cause?: unknown) {
    super(code, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

export class HttpClient {
  readonly #plain = new http.Agent(AGENT_OPTIONS);
  readonly #secure = new https.Agent(AGENT_OPTIONS);

  /** @throws {ExchangeError} */
  get(
    { origin, path, sign }: ObjectRequest,
    wanted: Readonly<Record<string, string>>,
    limits: ExchangeLimits,
  ): Promise<Exchange> {
    const isSecure = origin.protocol === 'https:';
    const options: https.RequestOptions = {
      host: origin.hostname.replace(/^\[|\]$/g, ''),
      ...(origin.port === '' ? {} : { port: origin.port }),
      path,
      headers: sign(wanted),
      agent: isSecure ? this.#secure : this.#plain,
      timeout: limits.silenceMs,
    };
    return new Promise((resolve, reject) => {
      const request = isSecure ? https.request(options) : http.request(options);
      const fail = (cause: Error) => {
        clearTimeout(whole);
        reject(cause instanceof ExchangeError ? cause : new ExchangeError(codeOf(cause), cause));
      };
      const end = (code: string) => {
        fail(new ExchangeError(code));
        request.destroy();
      };
      const whole = setTimeout(() => end('too-slow'), limits.wholeMs);
      request.once('timeout', () => end('silent'));
      request.on('error', fail);
      request.once('response', (message) => {
        message.on('error', fail);
        readBody(message, limits.maxBytes, end, (body) => {
          clearTimeout(whole);
          resolve({ status: message.statusCode ?? 0, headers: message.headers, body });
        });
      });
      request.end();
    });
  }

  /** Connections that are idle now are closed. */
  close(): void {
    this.#plain.destroy();
    this.#secure.destroy();
  }
}

function readBody(
  message: http.IncomingMessage,
  maxBytes: number,
  stop: (code: string) => void,
  done: (body: Uint8Array) => void,
): void {
  const isWanted = message.statusCode === 206;
  const limit = isWanted ? maxBytes : MAX_ERROR_BYTES;
  const pieces: Buffer[] = [];
  let length = 0;
  message.on('data', (piece: Buffer) => {
    length += piece.length;
    if (length > limit) {
      // What an error says at length is not waited for, but its status counts.
      if (isWanted) stop('too-long');
      else done(new Uint8Array(0));
      message.destroy();
    } else if (isWanted) pieces.push(piece);
  });
  message.once('end', () => done(Buffer.concat(pieces, isWanted ? length : 0)));
}

function codeOf(cause: Error): string {
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name;
}
