/** Opens the sockets that the command line names and puts the image server behind them. */
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import type { TcpAddress } from './config/address.ts';
import type { Listening } from './config/command-line.ts';
import type { Config } from './config/config.ts';
import type { ImageServer } from './image-server.ts';
import type { Log } from './log.ts';
import { createFastcgiServer } from './server/fastcgi/server.ts';
import { createHttpServer } from './server/http.ts';
import { countRequests, stopServers, type Stoppable } from './server/lifecycle.ts';
import { listen, type ListenAddress } from './server/listen.ts';
import type { Respond } from './server/response.ts';
import { createViewerPage, listImages, type ServePage } from './viewer-page.ts';

export interface RunningServers {
  /** Requests answered so far. */
  readonly served: number;
  /** Takes no new connection, lets what is under way end for at most `graceMs`. */
  stop(graceMs: number): Promise<'drained' | 'cut-off'>;
}

interface Parts {
  readonly version: string;
  readonly imageServer: ImageServer;
  readonly config: Config;
  readonly log: Log;
}

/**
 * Listens where `listening` says: FastCGI on `bind`, or on descriptor 0 when neither `bind` nor `http` is given;
 * HTTP with the viewer page on `http`.
 *
 * @throws Error with one line for the operator.
 */
export async function startServers(
  listening: Listening,
  { imageServer, config, log, version }: Parts,
): Promise<RunningServers> {
  const counted = countRequests(imageServer.respond);
  const servers: Stoppable[] = [];
  try {
    for await (const server of open(listening, { respond: counted.respond, config, log }))
      servers.push(server);
    if (listening.admin !== undefined)
      servers.push(await openAdmin(listening.admin, { imageServer, log, version }));
  } catch (thrown) {
    // What listens already would keep the program alive.
    await stopServers(servers, 0);
    throw thrown;
  }
  return {
    get served() {
      return counted.served;
    },
    stop: (graceMs) => stopServers(servers, graceMs),
  };
}

/** Loaded only when it is wanted: a server without it has no use for the metrics library. */
async function openAdmin(
  address: TcpAddress,
  { imageServer, log, version }: Omit<Parts, 'config'>,
): Promise<Stoppable> {
  const { createAdminServer } = await import('./admin/admin-server.ts');
  const admin = createAdminServer(imageServer.administered, { log, version });
  await listen(admin.server, address, { log });
  return { drain: () => admin.stop(), destroy: () => admin.server.closeAllConnections() };
}

interface Behind {
  readonly respond: Respond;
  readonly config: Config;
  readonly log: Log;
}

/** Servers that listen, one after the other. */
async function* open(listening: Listening, { respond, config, log }: Behind): AsyncGenerator<Stoppable> {
  const { backlog, bind, http } = listening;
  if (bind !== undefined || http === undefined) {
    const fastcgi = createFastcgiServer({ respond, log });
    const address: ListenAddress = bind ?? { kind: 'descriptor', fd: 0 };
    await listen(fastcgi.server, address, { log, backlog });
    yield fastcgi;
  }
  if (http !== undefined) {
    const page = createHttpServer({ respond, log, serveStatic: await viewerPage(listening, config) });
    await listen(page.server, http, { log, backlog });
    yield page;
  }
}

/** The list is made at the start: it is a help for trying things out, not a catalog. */
async function viewerPage({ gallery }: Listening, config: Config): Promise<ServePage> {
  const directory = fileURLToPath(new URL('./viewer/', import.meta.url));
  if (gallery !== true) return createViewerPage(directory);
  const names = await listImages(path.resolve(config.filesystemPrefix || '.'));
  return createViewerPage(directory, () => names);
}
