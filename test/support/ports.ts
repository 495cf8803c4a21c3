/** Free TCP ports: each test file takes them from a range of its own, so that files which run at once don't meet. */
import { createServer } from 'node:net';

/** Below the ports that the kernel gives to clients. */
const FIRST = 20_000;
const PER_FILE = 40;
const RANGES = 300;

const start = FIRST + (process.pid % RANGES) * PER_FILE;
let taken = 0;

/** A port of 127.0.0.1 that nobody listens on and that this file has not been given lately. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < PER_FILE; tries++) {
    const port = start + (taken++ % PER_FILE);
    if (await isFree(port)) return port;
  }
  throw new Error(`no port is free from ${start} to ${start + PER_FILE - 1}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port }, () => server.close(() => resolve(true)));
  });
}
