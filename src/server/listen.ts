/** Listening on TCP, on a UNIX socket, or on a socket that another program opened for us. */
import { randomUUID } from 'node:crypto';
import { closeSync, linkSync, openSync, renameSync } from 'node:fs';
import { lookup } from 'node:dns/promises';
import { lstat, unlink } from 'node:fs/promises';
import { connect, createServer, isIP, Server } from 'node:net';
import { devNull, platform } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { showAddress } from '../config/address.ts';
import type { BindAddress } from '../config/address.ts';
import { DEFAULT_BACKLOG } from '../config/options.ts';
import type { ServerLog } from './log.ts';

/** Where to listen. `descriptor`: a listening socket that was inherited; spawn-fcgi hands it on as number 0. */
export type ListenAddress = BindAddress | { readonly kind: 'descriptor'; readonly fd: number };

/**
 * Numbers of sockets on which several threads or processes listen: 0 for FastCGI, where it has its socket (specification,
 * section 2.2), 1 for HTTP. This program reads nothing from standard input and, while it serves, writes nothing to
 * standard output.
 */
export const SHARED_DESCRIPTORS = { fastcgi: 0, http: 1 } as const;
export type SharedDescriptor = (typeof SHARED_DESCRIPTORS)[keyof typeof SHARED_DESCRIPTORS];

export interface ListenOptions {
  readonly log: ServerLog;
  /** Connections that the kernel holds until they are accepted; 2048 when not given. */
  readonly backlog?: number;
  /** The socket is to have this number where that is possible, so that other threads can listen on it too. */
  readonly descriptor?: SharedDescriptor;
}

type Place =
  { readonly path: string } | { readonly host?: string; readonly port: number } | { readonly fd: number };

/** Room for a path in `sockaddr_un` without its NUL. Node cuts off longer ones without a word. */
const MAX_PATH_BYTES = platform() === 'linux' ? 107 : 103;

/** What the system's error codes mean to an operator. */
const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there already',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'permission denied',
  ENOTFOUND: 'the host name is not known',
};

/**
 * Makes `server` listen. A UNIX socket that a dead process left behind is replaced. Its permissions are what the
 * umask leaves, so whoever starts the server decides which users' web servers may connect.
 *
 * @throws Error with one line for the operator.
 */
export async function listen(server: Server, address: ListenAddress, options: ListenOptions): Promise<void> {
  try {
    const backlog = options.backlog ?? DEFAULT_BACKLOG;
    if (options.descriptor === undefined) await listenAt(server, address, backlog);
    else await listenShared(server, address, { descriptor: options.descriptor, backlog });
  } catch (thrown) {
    throw new Error(complaint(address, thrown), { cause: thrown });
  }
  // Too many open files, say: that connection is lost, the server is not.
  server.on('error', (error) => options.log.warn({ err: error }, 'a connection could not be accepted'));
}

/**
 * Takes no more connections, for now; those that are open stay as they are. (The servers of node:http would close some
 * of theirs.) Of a shared descriptor only this thread's part is closed.
 */
export function closeDoor(server: Server): void {
  Server.prototype.close.call(server);
}

/**
 * Closes listening sockets for all threads. They have the places of standard input and output, at which libraries look
 * once more when the program ends, so that something takes these places again.
 */
export function closeShared(descriptors: readonly number[]): void {
  for (const descriptor of descriptors) closeSync(descriptor);
  // The lowest descriptors that are free are those that have just been closed.
  for (let i = 0; i < descriptors.length; i++) openSync(devNull, 'r+');
}

/** The descriptor of a listening socket, when it is known. */
export function descriptorOf(server: Server): number | undefined {
  // Node tells it by no other way; where it is not there, one thread listens.
  const { _handle: handle } = server as { readonly _handle?: { readonly fd?: number } | null };
  return handle?.fd;
}

/**
 * Opens a listening socket on which nobody in this process takes connections: they wait until other processes, which
 * are to inherit it as `descriptor`, accept them. Nothing may be opened meanwhile.
 *
 * libuv leaves the descriptors 0 to 2 open when a server on one of them is closed; that happens before the event loop
 * looks for connections. It would also take a UNIX socket's path away, so the socket gets a second one for the moment.
 *
 * @throws Error with one line for the operator.
 */
export async function openDoor(
  address: ListenAddress,
  options: ListenOptions & { readonly descriptor: SharedDescriptor },
): Promise<void> {
  const server = createServer();
  await listen(server, address, options);
  if (descriptorOf(server) !== options.descriptor) {
    server.close();
    throw new Error('the socket cannot be shared by processes on this system');
  }
  if (address.kind !== 'unix') return void server.close();
  const second = besides(address.path);
  linkSync(address.path, second);
  server.close();
  renameSync(second, address.path);
}

/**
 * Listens with one of the first descriptors.
 *
 * A thread that ends closes what it listened on, for all threads. libuv spares the descriptors 0 to 2 from that, so a
 * socket there outlives every thread. A new socket gets the least number that is free: the wanted one, once it is closed.
 *
 * Before that, a socket of another name is opened and closed again: libuv's first one opens a descriptor in reserve,
 * which is not to take that number; and where a path cannot be had libuv would abort the program over giving up one of
 * the first three descriptors, so that is found out with another one.
 */
async function listenShared(
  server: Server,
  address: ListenAddress,
  { descriptor, backlog }: { readonly descriptor: SharedDescriptor; readonly backlog: number },
): Promise<void> {
  if (address.kind === 'descriptor' || platform() !== 'linux') return listenAt(server, address, backlog);
  const place = await resolved(address);
  if (place.kind === 'unix') await makeWay(place.path);
  const trial = createServer();
  await listening(trial, { path: place.kind === 'unix' ? besides(place.path) : `\0${randomUUID()}` }, 1);
  await new Promise((resolve) => trial.close(resolve));
  closeSync(descriptor);
  await listenAt(server, place, backlog);
}

/** A path as long as `path` in the same folder that nobody knows of: a client that is early is not to find the trial. */
function besides(path: string): string {
  const name = basename(path);
  return join(dirname(path), randomUUID().repeat(8).slice(0, Buffer.byteLength(name)));
}

/** Removes what a dead process left at `path`, if there is something. */
async function makeWay(path: string): Promise<void> {
  checkLength(path);
  try {
    await removeLeftOver(path);
  } catch (thrown) {
    if (codeOf(thrown) !== 'ENOENT') throw thrown;
  }
}

/** With the address in place of the name, so that nothing else is opened between. */
async function resolved(address: BindAddress): Promise<BindAddress> {
  if (address.kind !== 'tcp' || address.host === undefined || isIP(address.host) !== 0) return address;
  return { ...address, host: (await lookup(address.host)).address };
}

async function listenAt(server: Server, address: ListenAddress, backlog: number): Promise<void> {
  switch (address.kind) {
    case 'unix':
      return listenOnPath(server, address.path, backlog);
    case 'tcp': {
      const { host, port } = address;
      return listening(server, host === undefined ? { port } : { host, port }, backlog);
    }
    case 'descriptor':
      return listening(server, { fd: address.fd }, backlog);
  }
}

async function listenOnPath(server: Server, path: string, backlog: number): Promise<void> {
  checkLength(path);
  try {
    await listening(server, { path }, backlog);
  } catch (thrown) {
    if (codeOf(thrown) !== 'EADDRINUSE') throw thrown;
    await removeLeftOver(path);
    await listening(server, { path }, backlog);
  }
}

function checkLength(path: string): void {
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return;
  throw new Error(`the path of a socket may have ${MAX_PATH_BYTES} bytes at most`);
}

/** @throws Error when `path` is served, or is no socket. */
async function removeLeftOver(path: string): Promise<void> {
  const stats = await lstat(path);
  if (!stats.isSocket()) throw new Error('there is a file of that name that is no socket');
  await refusesConnections(path);
  await unlink(path);
}

/** Resolves when nobody listens on the socket at `path`; rejects when somebody does, or when that can't be told. */
function refusesConnections(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      reject(new Error('another process listens there already'));
    });
    socket.once('error', (error) => {
      if (codeOf(error) === 'ECONNREFUSED') resolve();
      else reject(error);
    });
  });
}

/** Resolves when `server` listens. */
function listening(server: Server, place: Place, backlog: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const onListening = (): void => {
      server.off('error', onError);
      resolve();
    };
    const onError = (error: Error): void => {
      server.off('listening', onListening);
      reject(error);
    };
    server.once('listening', onListening);
    server.once('error', onError);
    server.listen(place, backlog);
  });
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
}

function complaint(address: ListenAddress, thrown: unknown): string {
  if (address.kind === 'descriptor') {
    return `file descriptor ${address.fd} is no listening socket: give an address with --bind, or start the server through spawn-fcgi, a web server or systemd`;
  }
  const code = codeOf(thrown);
  // The system says the same of a folder that may not be written to and of one that is not there.
  const isFolder = code === 'EACCES' && address.kind === 'unix';
  const reason = isFolder ? 'its folder is not there, or is not ours to write to' : REASONS[code];
  return `cannot listen on ${showAddress(address)}: ${reason ?? (thrown as Error).message}`;
}
