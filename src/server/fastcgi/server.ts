/** A FastCGI server: a listener's connections, the sweep over them, and their end. */
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { guarded } from '../guard.ts';
import type { Stoppable } from '../lifecycle.ts';
import { IDLE_TIMEOUT_MS, MAX_BODY_BYTES, READ_TIMEOUT_MS, WRITE_TIMEOUT_MS } from '../limits.ts';
import type { ServerLog } from '../log.ts';
import type { Respond } from '../response.ts';
import { acceptQuickly } from './accept.ts';
import { Connection } from './connection.ts';
import type { ConnectionHouse, ConnectionLimits } from './connection.ts';
import { SpareControllers } from '../../spare-controllers.ts';
import { Slab } from './slab.ts';

const LIMITS: ConnectionLimits = {
  maxParamBytes: 64 * 1024,
  maxBodyBytes: MAX_BODY_BYTES,
  maxRequests: 256,
  maxUnsentBytes: 4 * 1024 * 1024,
  readTimeoutMs: READ_TIMEOUT_MS,
  idleTimeoutMs: IDLE_TIMEOUT_MS,
  writeTimeoutMs: WRITE_TIMEOUT_MS,
};

/** Sweeps in the shortest time-out: so much finer than the time-out is the clock that measures it. */
const SWEEPS_PER_TIMEOUT = 8;

/** While the server stops: how often idle connections are closed, a few of them, when the event loop was so quick. */
const LOOK_MS = 5;
const FEW = 4;
const QUIET_MS = 0.25;

/** An event loop that is never so quick is taken as it is after this time. */
const PATIENCE_MS = 3_000;

export interface FastcgiServer extends Stoppable {
  /** To be given to `listen`. */
  readonly server: Server;
  /** Connections that it has now. */
  readonly open: number;
}

export interface FastcgiOptions {
  readonly respond: Respond;
  readonly log: ServerLog;
  readonly limits?: Partial<ConnectionLimits>;
}

/** A server that is not listening yet. */
export function createFastcgiServer(options: FastcgiOptions): FastcgiServer {
  const limits = { ...LIMITS, ...options.limits };
  const house: ConnectionHouse = {
    respond: guarded(options.respond, options.log),
    log: options.log,
    limits,
    connections: new Set(),
    slab: new Slab(),
    sweeps: 0,
    sweepMs: Math.ceil(Math.min(limits.readTimeoutMs, limits.idleTimeoutMs) / SWEEPS_PER_TIMEOUT),
    controllers: new SpareControllers(),
  };
  // Half-open, so that an end that was read does not make the socket end by itself before its connection does.
  const server = createServer(
    { allowHalfOpen: true, noDelay: true },
    (socket) => new Connection(socket, house),
  );
  acceptQuickly(server);
  const sweeping = setInterval(() => sweep(house), house.sweepMs).unref();
  return {
    server,
    get open() {
      return house.connections.size;
    },
    drain: () => drain(server, house).finally(() => clearInterval(sweeping)),
    destroy() {
      for (const connection of house.connections) connection.destroy();
    },
  };
}

function sweep(house: ConnectionHouse): void {
  house.sweeps += 1;
  for (const connection of house.connections) connection.checkQuiet();
}

/**
 * A web server may send the next request just when its connection is closed. So no connection is closed right behind an
 * answer, which is when the next request is likeliest, and a few at a time where the event loop has just looked for news
 * and has had nothing to do since.
 */
function drain(server: Server, house: ConnectionHouse): Promise<void> {
  const patientUntil = performance.now() + PATIENCE_MS;
  const closeSome = (): void => {
    let left = Math.max(FEW, house.connections.size / 16);
    for (const connection of house.connections) if (connection.closeIfIdle() && --left <= 0) return;
  };
  // Immediates run right after the event loop has read what is at the door.
  const look = (): void => {
    const before = performance.now();
    setImmediate(() => {
      const now = performance.now();
      if (now - before < QUIET_MS || now > patientUntil) closeSome();
    });
  };
  const looking = setInterval(() => setImmediate(look), LOOK_MS);
  return new Promise((resolve) => {
    server.close(() => {
      clearInterval(looking);
      resolve();
    });
    setImmediate(look);
  });
}
