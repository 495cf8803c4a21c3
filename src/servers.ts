/** Opens the sockets that the image server is asked for and puts it behind them, in this thread and in others. */
import path from 'node:path';
import type { Config } from './config/config.ts';
import { openAdmin } from './admin/open-admin.ts';
import type { Countable } from './admin/readings.ts';
import type { Doors } from './doors.ts';
import { answeringThreads, MAIN_THREAD, type ImageServer } from './image-server.ts';
import type { MainLog } from './log.ts';
import { createFastcgiServer, type FastcgiServer } from './server/fastcgi/server.ts';
import { createHttpServer, type HttpServer } from './server/http.ts';
import { countRequests, stopServers, type Stoppable } from './server/lifecycle.ts';
import {
  closeShared,
  descriptorOf,
  listen,
  SHARED_DESCRIPTORS,
  type ListenAddress,
} from './server/listen.ts';
import type { LoopDoors } from './loop-messages.ts';
import { LoopBalance, type MainState } from './loop-balance.ts';
import { Loops } from './loops.ts';
import { prepareSoon } from './render/prepare.ts';
import type { Respond } from './server/response.ts';
import { listImages, viewerPage } from './viewer-page.ts';

export interface RunningServers {
  /** Requests answered so far. */
  readonly served: number;
  /** Threads that take connections now, this one among them. */
  readonly threads: number;
  /** For operators. */
  readonly administered: Countable;
  /** Empties the caches of the other threads. */
  emptyOthers(): Promise<void>;
  /** Has every thread open a picture anew. */
  forgetImage(path: string): Promise<void>;
  /** Takes no new connection, lets what is under way end for at most `graceMs`. */
  stop(graceMs: number): Promise<'drained' | 'cut-off'>;
}

interface Parts {
  readonly version: string;
  readonly imageServer: ImageServer;
  readonly config: Config;
  readonly log: MainLog;
}

/** @throws Error with one line for the operator. */
export async function startServers(doors: Doors, parts: Parts): Promise<RunningServers> {
  const { imageServer, config, log, version } = parts;
  const counted = countRequests(imageServer.respond);
  const main: MainWork = { connections: 0, servers: [] };
  let balance: LoopBalance | undefined;
  const respond: Respond = (request, signal) => {
    // Whoever waits while a picture is made has a connection.
    balance?.onRequest(countOpen(main) > 1 || imageServer.countActive() > 0);
    return counted.respond(request, signal);
  };
  const imageNames = doors.gallery && doors.http !== undefined ? await namesIn(config) : undefined;
  const servers: Stoppable[] = [];
  const shared: { fastcgi?: number; http?: number } = {};
  const others = answeringThreads(config) - 1;
  /** Not there before this thread listens. */
  const started: { loops?: Loops } = {};
  const administered = imageServer.administered({
    forget: async (file) => started.loops?.forget(file, 'all'),
    empty: async () => started.loops?.empty(),
  });
  try {
    for await (const { door, descriptor, stoppable } of open(doors, {
      respond,
      log,
      others,
      main,
      imageNames,
    })) {
      if (descriptor !== undefined) shared[door] = descriptor;
      servers.push(stoppable);
    }
    if (doors.admin !== undefined) servers.push(await openAdmin(doors.admin, administered, { log, version }));
  } catch (thrown) {
    // What listens already would keep the program alive.
    await stopServers(servers, 0);
    throw thrown;
  }
  const isShared = Object.keys(shared).length > 0;
  const loops = startLoops(isShared ? others : 0, { ...shared, backlog: doors.backlog, imageNames }, parts);
  started.loops = loops;
  prepareSoon(log);
  if (loops.count > 0) balance = new LoopBalance(() => stateOf(main, counted.served), loops);
  return {
    administered,
    get served() {
      return counted.served + loops.served;
    },
    get threads() {
      return 1 + loops.listening;
    },
    emptyOthers: () => loops.empty(),
    forgetImage: async (file) => {
      imageServer.forget(file, 'reader');
      await loops.forget(file, 'reader');
    },
    async stop(graceMs) {
      balance?.stop();
      balance = undefined;
      const outcomes = await Promise.all([
        stopServers(servers, graceMs),
        // Until then the sockets take connections that nobody accepts.
        loops.stop(graceMs, () => closeShared(Object.values(shared))),
      ]);
      return outcomes.includes('cut-off') ? 'cut-off' : 'drained';
    },
  };
}

/** What the main thread's servers count. */
interface MainWork {
  connections: number;
  readonly servers: { readonly open: number }[];
}

function countOpen({ servers }: MainWork): number {
  let open = 0;
  for (const server of servers) open += server.open;
  return open;
}

function stateOf(main: MainWork, requests: number): MainState {
  const workedMs = performance.eventLoopUtilization().active;
  return { workedMs, connections: main.connections, requests, open: countOpen(main) };
}

/** Threads are started when the main one listens already. */
function startLoops(
  count: number,
  doors: LoopDoors,
  { imageServer, log }: Pick<Parts, 'imageServer' | 'log'>,
): Loops {
  const { shared, tasks } = imageServer;
  const loops = new Loops({
    count,
    workerUrl: new URL('./loop.js', import.meta.url),
    firstThread: MAIN_THREAD + 1,
    seat: { shared, doors },
    tasks,
    log,
    relay: (lines, isUrgent) => log.relay(lines, isUrgent),
    wantPyramid: (file, identity) => imageServer.wantPyramid(file, identity),
    onDeath: (thread) => imageServer.forgetThread(thread),
  });
  imageServer.onPyramid((file) => void loops.forget(file, 'reader'));
  return loops;
}

interface Behind {
  readonly respond: Respond;
  readonly log: MainLog;
  /** Threads that are to listen beside this one. */
  readonly others: number;
  readonly main: MainWork;
  /** Of the gallery; undefined: there is none. */
  readonly imageNames: readonly string[] | undefined;
}

interface Opened {
  readonly door: 'fastcgi' | 'http';
  /** On which other threads can listen too. */
  readonly descriptor: number | undefined;
  readonly stoppable: Stoppable;
}

/** Servers that listen, one after the other. */
async function* open({ fastcgi, http, backlog }: Doors, behind: Behind): AsyncGenerator<Opened> {
  const { respond, log, main, imageNames } = behind;
  if (fastcgi !== undefined) {
    const server = createFastcgiServer({ respond, log });
    watch(server, main);
    yield openDoor('fastcgi', server, fastcgi, { behind, backlog });
  }
  if (http !== undefined) {
    const page = createHttpServer({ respond, log, serveStatic: viewerPage(imageNames) });
    watch(page, main);
    yield openDoor('http', page, http, { behind, backlog });
  }
}

function watch(server: FastcgiServer | HttpServer, main: MainWork): void {
  server.server.on('connection', () => (main.connections += 1));
  main.servers.push(server);
}

type Listener = Stoppable & { readonly server: Parameters<typeof listen>[0] };

async function openDoor(
  door: Opened['door'],
  stoppable: Listener,
  address: ListenAddress,
  { behind: { log, others }, backlog }: { readonly behind: Behind; readonly backlog: number },
): Promise<Opened> {
  const wanted = SHARED_DESCRIPTORS[door];
  // No file is to be opened while that descriptor is free.
  if (others > 0) await log.flush();
  await listen(stoppable.server, address, { log, backlog, ...(others > 0 ? { descriptor: wanted } : {}) });
  const isShared = descriptorOf(stoppable.server) === wanted;
  if (others > 0 && !isShared) log.warn({ door }, 'the socket cannot be shared: one thread listens');
  return { door, stoppable, descriptor: others > 0 && isShared ? wanted : undefined };
}

/** The list is made at the start: it is a help for trying things out, not a catalog. */
const namesIn = ({ filesystemPrefix }: Config): Promise<readonly string[]> =>
  listImages(path.resolve(filesystemPrefix || '.'));
