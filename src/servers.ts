/** Opens the sockets that the command line names and puts the image server behind them. */
import { closeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import type { TcpAddress } from './config/address.ts';
import type { Listening } from './config/command-line.ts';
import type { Config } from './config/config.ts';
import type { Administered } from './admin/readings.ts';
import { answeringThreads, MAIN_THREAD, type ImageServer } from './image-server.ts';
import type { MainLog } from './log.ts';
import { createFastcgiServer } from './server/fastcgi/server.ts';
import { createHttpServer } from './server/http.ts';
import { countRequests, stopServers, type Stoppable } from './server/lifecycle.ts';
import { descriptorOf, listen, type ListenAddress } from './server/listen.ts';
import { LoopBalance, type MainCounts } from './loop-balance.ts';
import { Loops } from './loops.ts';
import { prepareSoon } from './render/prepare.ts';
import type { Respond } from './server/response.ts';
import { createViewerPage, listImages, type ServePage } from './viewer-page.ts';

export interface RunningServers {
  /** Requests answered so far. */
  readonly served: number;
  /** Threads that take connections now, this one among them. */
  readonly threads: number;
  /** Empties the caches of the other threads. */
  emptyOthers(): Promise<void>;
  /** Takes no new connection, lets what is under way end for at most `graceMs`. */
  stop(graceMs: number): Promise<'drained' | 'cut-off'>;
}

interface Parts {
  readonly version: string;
  readonly imageServer: ImageServer;
  readonly config: Config;
  readonly log: MainLog;
}

/** The first descriptor, on which all threads listen. */
const SHARED_DESCRIPTOR = 0;

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
  const main = { connections: 0, spareMs: new Float64Array(1) };
  let balance: LoopBalance | undefined;
  const respond: Respond = (request, signal) => {
    balance?.onRequest();
    return counted.respond(request, signal);
  };
  const servers: Stoppable[] = [];
  const others = answeringThreads(config) - 1;
  let isShared = false;
  /** Not there before this thread listens. */
  const started: { loops?: Loops } = {};
  try {
    for await (const server of open(listening, { respond, config, log, others, main })) {
      isShared ||= server.isShared;
      servers.push(server.stoppable);
    }
    if (listening.admin !== undefined) {
      const administered = imageServer.administered({
        forget: async (path) => started.loops?.forget(path),
        empty: async () => started.loops?.empty(),
      });
      servers.push(await openAdmin(listening.admin, administered, { log, version }));
    }
  } catch (thrown) {
    // What listens already would keep the program alive.
    await stopServers(servers, 0);
    throw thrown;
  }
  const loops = startLoops(isShared ? others : 0, listening, { imageServer, log });
  started.loops = loops;
  prepareSoon(log);
  if (loops.count > 0) balance = new LoopBalance(() => countsOf(main, counted.served), loops);
  return {
    get served() {
      return counted.served + loops.served;
    },
    get threads() {
      return 1 + loops.listening;
    },
    emptyOthers: () => loops.empty(),
    async stop(graceMs) {
      balance?.stop();
      balance = undefined;
      const outcomes = await Promise.all([
        stopServers(servers, graceMs),
        // Until then the socket takes connections that nobody accepts.
        loops.stop(graceMs, () => isShared && closeSync(SHARED_DESCRIPTOR)),
      ]);
      return outcomes.includes('cut-off') ? 'cut-off' : 'drained';
    },
  };
}

/** Loaded only when it is wanted: a server without it has no use for the metrics library. */
async function openAdmin(
  address: TcpAddress,
  administered: Administered,
  { log, version }: Pick<Parts, 'log' | 'version'>,
): Promise<Stoppable> {
  const { createAdminServer } = await import('./admin/admin-server.ts');
  const admin = createAdminServer(administered, { log, version });
  await listen(admin.server, address, { log });
  return { drain: () => admin.stop(), destroy: () => admin.server.closeAllConnections() };
}

/** What the main thread's FastCGI server counts. */
interface MainWork {
  connections: number;
  readonly spareMs: Float64Array;
}

function countsOf({ connections, spareMs }: MainWork, requests: number): MainCounts {
  return { workedMs: performance.eventLoopUtilization().active - spareMs[0]!, connections, requests };
}

/** Threads are started when the main one listens already. */
function startLoops(
  count: number,
  { backlog }: Listening,
  { imageServer, log }: Pick<Parts, 'imageServer' | 'log'>,
): Loops {
  const { shared, tasks } = imageServer;
  const loops = new Loops({
    count,
    workerUrl: new URL('./loop.js', import.meta.url),
    firstThread: MAIN_THREAD + 1,
    seat: { shared, descriptor: SHARED_DESCRIPTOR, backlog },
    tasks,
    log,
    relay: (lines, isUrgent) => log.relay(lines, isUrgent),
    wantPyramid: (path, identity) => imageServer.wantPyramid(path, identity),
    onDeath: (thread) => imageServer.forgetThread(thread),
  });
  imageServer.onPyramid((path) => loops.forgetImage(path));
  return loops;
}

interface Behind {
  readonly respond: Respond;
  readonly config: Config;
  readonly log: MainLog;
  /** Threads that are to listen on the FastCGI socket beside this one. */
  readonly others: number;
  readonly main: MainWork;
}

interface Opened {
  readonly stoppable: Stoppable;
  /** Other threads can listen on it. */
  readonly isShared: boolean;
}

/** Servers that listen, one after the other. */
async function* open(listening: Listening, behind: Behind): AsyncGenerator<Opened> {
  const { respond, config, log } = behind;
  const { backlog, bind, http } = listening;
  if (bind !== undefined || http === undefined) yield openFastcgi(listening, behind);
  if (http !== undefined) {
    const page = createHttpServer({ respond, log, serveStatic: await viewerPage(listening, config) });
    await listen(page.server, http, { log, backlog });
    yield { stoppable: page, isShared: false };
  }
}

async function openFastcgi({ bind, backlog }: Listening, behind: Behind): Promise<Opened> {
  const { respond, log, others, main } = behind;
  const fastcgi = createFastcgiServer({ respond, log, spareMs: main.spareMs });
  fastcgi.server.on('connection', () => (main.connections += 1));
  const address: ListenAddress = bind ?? { kind: 'descriptor', fd: SHARED_DESCRIPTOR };
  // No file is to be opened while descriptor 0 is free.
  if (others > 0) await log.flush();
  await listen(fastcgi.server, address, { log, backlog, isShared: others > 0 });
  const isShared = descriptorOf(fastcgi.server) === SHARED_DESCRIPTOR;
  if (others > 0 && !isShared) log.warn({}, 'the socket cannot be shared: one thread listens');
  return { stoppable: fastcgi, isShared: others > 0 && isShared };
}

/** The list is made at the start: it is a help for trying things out, not a catalog. */
async function viewerPage({ gallery }: Listening, config: Config): Promise<ServePage> {
  const directory = fileURLToPath(new URL('./viewer/', import.meta.url));
  if (gallery !== true) return createViewerPage(directory);
  const names = await listImages(path.resolve(config.filesystemPrefix || '.'));
  return createViewerPage(directory, () => names);
}
