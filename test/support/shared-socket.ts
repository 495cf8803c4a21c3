/** A program that listens with two threads on one socket, ends one of them, and says whether the other still answers. */
import { connect, createServer, type AddressInfo } from 'node:net';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { descriptorOf, listen } from '../../src/server/listen.ts';
import { memoryLog } from './log.ts';

const options = { log: memoryLog() };

/** Who answers on one connection. */
async function ask(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString()));
  await once(socket, 'close');
  return text;
}

async function main(): Promise<void> {
  const server = createServer((socket) => socket.end('main'));
  await listen(server, { kind: 'tcp', host: 'localhost', port: 0 }, { ...options, descriptor: 0 });
  const { port } = server.address() as AddressInfo;
  const worker = new Worker(fileURLToPath(import.meta.url));
  await once(worker, 'message');
  const before = new Set<string>();
  for (let turn = 0; turn < 500 && before.size < 2; turn++)
    for (const who of await Promise.all([1, 2, 3, 4].map(() => ask(port)))) before.add(who);
  await worker.terminate();
  const after = await Promise.all([1, 2, 3, 4].map(() => ask(port)));
  console.log(JSON.stringify({ descriptor: descriptorOf(server), before: [...before].sort(), after }));
  process.exit();
}

if (isMainThread) await main();
else {
  const server = createServer((socket) => socket.end('thread'));
  await listen(server, { kind: 'descriptor', fd: 0 }, options);
  parentPort!.postMessage('listening');
}
