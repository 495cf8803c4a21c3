/** The same answers over plain HTTP/1.1, for people without a web server. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { ServerError } from '../errors.ts';
import { guarded } from './guard.ts';
import { requestFromMessage, targetOf } from './http-request.ts';
import type { Stoppable } from './lifecycle.ts';
import { closeDoor } from './listen.ts';
import { MAX_BODY_BYTES, READ_TIMEOUT_MS, WRITE_TIMEOUT_MS } from './limits.ts';
import type { ServerLog } from './log.ts';
import { refusal } from './refusal.ts';
import type { Respond, Response } from './response.ts';
import { reasonPhrase } from './response.ts';
import { headerText } from './text.ts';

export interface HttpOptions {
  readonly respond: Respond;
  readonly log: ServerLog;
  /** Asked first at every GET and HEAD without a query. Undefined: it has no such page. */
  readonly serveStatic?: (path: string) => Response | undefined;
  readonly limits?: Partial<HttpLimits>;
}

export interface HttpLimits {
  readonly maxBodyBytes: number;
  /** For a request to arrive whole. */
  readonly readTimeoutMs: number;
  /** Without a byte of a waiting answer being read. */
  readonly writeTimeoutMs: number;
  /** Between requests. */
  readonly idleTimeoutMs: number;
}

const LIMITS: HttpLimits = {
  maxBodyBytes: MAX_BODY_BYTES,
  readTimeoutMs: READ_TIMEOUT_MS,
  writeTimeoutMs: WRITE_TIMEOUT_MS,
  // Browsers open a connection anew without any fuss, so it is not kept for as long as a web server's.
  idleTimeoutMs: 65_000,
};

/** While the server stops, connections without a request are closed after this time. */
const DRAIN_IDLE_MS = 500;

const NOTHING = Buffer.alloc(0);

export interface HttpServer extends Stoppable {
  /** To be given to `listen`. */
  readonly server: Server;
  /** Connections that it has now. */
  readonly open: number;
}

/** A server that is not listening yet. */
export function createHttpServer(options: HttpOptions): HttpServer {
  const limits = { ...LIMITS, ...options.limits };
  const front = new HttpFront({ ...options, respond: guarded(options.respond, options.log) }, limits);
  const server = createServer(
    {
      noDelay: true,
      requestTimeout: limits.readTimeoutMs,
      headersTimeout: limits.readTimeoutMs,
      keepAliveTimeout: limits.idleTimeoutMs,
      connectionsCheckingInterval: Math.ceil(limits.readTimeoutMs / 4),
    },
    (message, reply) => front.onRequest(message, reply),
  );
  let open = 0;
  server.on('connection', (socket) => {
    open += 1;
    socket.once('close', () => (open -= 1));
  });
  return {
    server,
    get open() {
      return open;
    },
    drain: () => {
      front.isDraining = true;
      return drain(server);
    },
    destroy: () => server.closeAllConnections(),
  };
}

/** A client's next answer says that its connection ends; those who ask nothing for a while lose theirs. */
function drain(server: Server): Promise<void> {
  const closing = setInterval(() => setImmediate(() => server.closeIdleConnections()), DRAIN_IDLE_MS);
  return new Promise((resolve) => {
    server.once('close', () => {
      clearInterval(closing);
      resolve();
    });
    // To close the server itself would close connections at once on which a request is on its way.
    closeDoor(server);
  });
}

class HttpFront {
  readonly #options: HttpOptions;
  readonly #limits: HttpLimits;
  /** Answers ask the client to close the connection. */
  isDraining = false;

  constructor(options: HttpOptions, limits: HttpLimits) {
    this.#options = options;
    this.#limits = limits;
  }

  onRequest(message: IncomingMessage, reply: ServerResponse): void {
    const page = this.#staticPage(message);
    if (page !== undefined) this.#send(reply, page);
    else if (message.method === 'POST') this.#readBody(message, reply);
    else this.#answer(message, reply, NOTHING);
  }

  #staticPage(message: IncomingMessage): Response | undefined {
    if (message.method !== 'GET' && message.method !== 'HEAD') return undefined;
    const { uri } = targetOf(message);
    return uri.includes('?') ? undefined : this.#options.serveStatic?.(uri);
  }

  /** A client that leaves meanwhile is not answered. */
  #readBody(message: IncomingMessage, reply: ServerResponse): void {
    const { maxBodyBytes } = this.#limits;
    const pieces: Buffer[] = [];
    let length = 0;
    message.on('data', (piece: Buffer) => {
      const wasTooLarge = length > maxBodyBytes;
      length += piece.length;
      if (length <= maxBodyBytes) pieces.push(piece);
      else if (!wasTooLarge) this.#refuseBody(reply);
    });
    message.once('end', () => {
      if (length <= maxBodyBytes) this.#answer(message, reply, Buffer.concat(pieces));
    });
  }

  #refuseBody(reply: ServerResponse): void {
    const { maxBodyBytes } = this.#limits;
    this.#send(reply, refusal(new ServerError('too-large', `a body may have ${maxBodyBytes} bytes at most`)));
  }

  #answer(message: IncomingMessage, reply: ServerResponse, body: Buffer): void {
    const controller = new AbortController();
    reply.once('close', () => {
      if (!reply.writableFinished) controller.abort();
    });
    const answer = this.#options.respond(requestFromMessage(message, body), controller.signal);
    if (answer instanceof Promise) void answer.then((response) => this.#send(reply, response));
    else this.#send(reply, answer);
  }

  #send(reply: ServerResponse, response: Response): void {
    const headers = response.headers.flatMap(([name, value]) => [name, wireText(value)]);
    if (this.isDraining) headers.push('Connection', 'close');
    reply.writeHead(response.status, reasonPhrase(response.status), headers);
    reply.end(response.body);
    // The socket's own time-out; the server clears it when the answer is sent.
    if (reply.writableLength > 0) reply.setTimeout(this.#limits.writeTimeoutMs);
  }
}

/** UTF-8 in a header, spelled as node:http wants its bytes: a character for each. */
function wireText(value: string): string {
  return Buffer.from(headerText(value)).toString('latin1');
}
