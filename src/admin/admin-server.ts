/** HTTP for operators, on an address of its own (--admin): metrics, health, and what is kept in memory. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { toServerError, ServerError } from '../errors.ts';
import type { Log } from '../log.ts';
import { createMetrics } from './prometheus.ts';
import type { Administered } from './readings.ts';
import { Warming } from './warming.ts';

const MAX_BODY_BYTES = 1_048_576;

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

type Route = (query: URLSearchParams, body: string) => Promise<Reply> | Reply;

export interface AdminServer {
  /** To be given to `listen`. */
  readonly server: Server;
  stop(): Promise<void>;
}

export function createAdminServer(
  administered: Administered,
  { log, version }: { readonly log: Log; readonly version: string },
): AdminServer {
  const warming = new Warming(administered, log);
  const routes = routesOf(administered, warming, version);
  const server = createServer((message, reply) => void answer(message, reply, routes, log));
  return {
    server,
    stop: () => {
      warming.stop();
      server.closeIdleConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

const json = (value: object, status = 200): Reply => ({
  status,
  type: 'application/json',
  text: `${JSON.stringify(value)}\n`,
});

/** By method and path. */
function routesOf(
  administered: Administered,
  warming: Warming,
  version: string,
): Readonly<Record<string, Route>> {
  const metrics = createMetrics(version);
  return {
    'GET /metrics': async () => ({ status: 200, ...(await metrics(await administered.readings())) }),
    'GET /healthz': () => json({ status: 'alive', version }),
    'GET /readyz': async () =>
      (await administered.isReady()) ? json({ status: 'ready' }) : json({ status: 'not ready' }, 503),
    'POST /purge': async (query) => {
      const ids = idsOf(query, '');
      const tags = await Promise.all(ids.map((id) => administered.purge(id)));
      return json({ purged: ids, cacheTags: tags });
    },
    'POST /purge-all': async () => {
      await administered.purgeAll();
      return json({ purged: 'all' });
    },
    'POST /warm': (query, body) => {
      const ids = idsOf(query, body);
      const taken = warming.add(ids);
      return json({ taken, waiting: warming.waiting }, taken < ids.length ? 503 : 202);
    },
  };
}

/** Ids from the query (`id=a&id=b`) and the lines of the body. @throws {ServerError} when there is none. */
function idsOf(query: URLSearchParams, body: string): readonly string[] {
  const ids = [...query.getAll('id'), ...body.split('\n').map((line) => line.trim())].filter(
    (id) => id !== '',
  );
  if (ids.length === 0) throw new ServerError('bad-request', 'name images: ?id=NAME, or a name on each line');
  return ids;
}

async function answer(
  message: IncomingMessage,
  reply: ServerResponse,
  routes: Readonly<Record<string, Route>>,
  log: Log,
): Promise<void> {
  try {
    const { pathname, searchParams } = new URL(message.url ?? '/', 'http://admin');
    const method = message.method === 'HEAD' ? 'GET' : message.method;
    const route = routes[`${method} ${pathname}`];
    if (route === undefined) throw missing(pathname, routes);
    const { status, type, text } = await route(searchParams, await bodyOf(message));
    reply.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' });
    reply.end(message.method === 'HEAD' ? '' : text);
  } catch (thrown) {
    const error = toServerError(thrown);
    if (error.kind === 'internal')
      log.warn({ err: error.cause ?? error, uri: message.url }, 'an admin request failed');
    reply.writeHead(error.status, { 'Content-Type': 'application/json' });
    reply.end(`${JSON.stringify({ error: error.message })}\n`);
  }
}

function missing(pathname: string, routes: Readonly<Record<string, Route>>): ServerError {
  const isKnown = Object.keys(routes).some((name) => name.endsWith(` ${pathname}`));
  return isKnown
    ? new ServerError('method-not-allowed', 'this method is not offered here')
    : new ServerError('not-found', `there is: ${Object.keys(routes).join(', ')}`);
}

async function bodyOf(message: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of message as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > MAX_BODY_BYTES)
      throw new ServerError('too-large', `a body may have ${MAX_BODY_BYTES} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
