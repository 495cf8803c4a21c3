import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import type { IOType } from 'node:child_process';
import { lstat, open, readdir, rename, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import path from 'node:path';
import type { Stream } from 'node:stream';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { listen } from '../../src/server/listen.ts';
import type { ListenAddress } from '../../src/server/listen.ts';
import { cgiParams, fcgiRequest } from '../support/fcgi-client.ts';
import { memoryLog } from '../support/log.ts';
import { temporaryFolder } from './fastcgi/support.ts';

const log = memoryLog();

/** A server that listens at `address` until the test ends. */
async function listenAt(test: TestContext, address: ListenAddress): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => undefined).end('hello'));
  await listen(server, address, { log });
  test.after(() => server.close());
  return server;
}

/** What whoever listens at `file` says. */
function hear(file: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path: file });
    socket.once('error', reject);
    socket.once('data', (text: Buffer) => {
      socket.destroy();
      resolve(text.toString());
    });
  });
}

/** A socket on which nobody listens any more, as a process that was killed leaves it behind. */
async function leaveSocket(file: string): Promise<void> {
  const server = createServer();
  await listen(server, { kind: 'unix', path: `${file}.live` }, { log });
  await rename(`${file}.live`, file);
  await new Promise((resolve) => server.close(resolve));
}

describe('listen on TCP', () => {
  it('takes a host and a port', async (test) => {
    const server = await listenAt(test, { kind: 'tcp', host: '127.0.0.1', port: 0 });
    assert.equal((server.address() as AddressInfo).address, '127.0.0.1');
  });

  it('takes IPv6 where the machine has it', async (test) => {
    const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
      list?.some(({ family }) => family === 'IPv6'),
    );
    const address: ListenAddress = { kind: 'tcp', host: '::1', port: 0 };
    if (!hasIpv6) return assert.rejects(listenAt(test, address), /^Error: cannot listen on \[::1\]:0: /);
    assert.equal(((await listenAt(test, address)).address() as AddressInfo).address, '::1');
  });

  it('takes every interface without a host', async (test) => {
    const server = await listenAt(test, { kind: 'tcp', port: 0 });
    assert.match((server.address() as AddressInfo).address, /^(::|0\.0\.0\.0)$/);
  });

  it('says when the port is taken', async (test) => {
    const { port } = (
      await listenAt(test, { kind: 'tcp', host: '127.0.0.1', port: 0 })
    ).address() as AddressInfo;
    await assert.rejects(listenAt(test, { kind: 'tcp', host: '127.0.0.1', port }), {
      message: `cannot listen on 127.0.0.1:${port}: another process listens there already`,
    });
  });

  it('says when the machine has no such address', async (test) => {
    await assert.rejects(listenAt(test, { kind: 'tcp', host: '192.0.2.1', port: 0 }), {
      message: 'cannot listen on 192.0.2.1:0: this machine has no such address',
    });
  });

  it('logs what goes wrong later and lives on', async (test) => {
    const server = await listenAt(test, { kind: 'tcp', host: '127.0.0.1', port: 0 });
    assert.equal(server.listenerCount('error'), 1);
    server.emit('error', new Error('accept EMFILE'));
    assert.equal(log.lines.at(-1)?.level, 'warn');
  });
});

describe('listen on a UNIX socket', () => {
  it('makes the socket, and removes it at the end', async (test) => {
    const folder = await temporaryFolder(test);
    const server = createServer();
    await listen(server, { kind: 'unix', path: path.join(folder, 's') }, { log });
    assert.equal((await lstat(path.join(folder, 's'))).isSocket(), true);
    await new Promise((resolve) => server.close(resolve));
    assert.deepEqual(await readdir(folder), []);
  });

  it('replaces one that a dead process left behind', async (test) => {
    const file = path.join(await temporaryFolder(test), 's');
    await leaveSocket(file);
    await assert.rejects(hear(file), { code: 'ECONNREFUSED' });
    await listenAt(test, { kind: 'unix', path: file });
    assert.equal(await hear(file), 'hello');
  });

  it('leaves one alone that is served', async (test) => {
    const file = path.join(await temporaryFolder(test), 's');
    await listenAt(test, { kind: 'unix', path: file });
    await assert.rejects(listenAt(test, { kind: 'unix', path: file }), {
      message: `cannot listen on ${file}: another process listens there already`,
    });
    assert.equal(await hear(file), 'hello');
  });

  it('leaves a file alone that is no socket', async (test) => {
    const file = path.join(await temporaryFolder(test), 's');
    await writeFile(file, 'precious');
    await assert.rejects(listenAt(test, { kind: 'unix', path: file }), {
      message: `cannot listen on ${file}: there is a file of that name that is no socket`,
    });
    assert.equal((await lstat(file)).size, 8);
  });

  it('says when the folder is not there', async (test) => {
    const file = path.join(await temporaryFolder(test), 'none', 's');
    await assert.rejects(listenAt(test, { kind: 'unix', path: file }), {
      message: `cannot listen on ${file}: its folder is not there, or is not ours to write to`,
    });
  });

  it('refuses a path that the system would cut off', async (test) => {
    const folder = await temporaryFolder(test);
    const file = path.join(folder, 'x'.repeat(110));
    await assert.rejects(listenAt(test, { kind: 'unix', path: file }), /may have \d+ bytes at most$/);
    assert.deepEqual(await readdir(folder), []);
  });
});

/** What a program says that serves descriptor 0 and has `stdin` as that. */
async function serveStdin(test: TestContext, stdin: IOType | Stream | number): Promise<string> {
  const source = fileURLToPath(new URL('../../src/server/', import.meta.url));
  const program = `
    const { listen } = await import('${source}listen.js');
    const { createFastcgiServer } = await import('${source}fastcgi/server.js');
    const log = { warn() {}, info() {}, debug() {} };
    const respond = () => ({ status: 200, headers: [['Content-Length', '5']], body: Buffer.from('child') });
    const { server } = createFastcgiServer({ respond, log });
    const done = listen(server, { kind: 'descriptor', fd: 0 }, { log });
    await done.then(() => console.log('listening'), (error) => console.log(error.message));
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: [stdin, 'pipe', 'inherit'],
  });
  test.after(() => child.kill());
  return new Promise((resolve) =>
    child.stdout?.once('data', (text: Buffer) => resolve(text.toString().trim())),
  );
}

/** What `spawn` can hand on; node:net does not show it. */
function handleOf(server: Server): Stream {
  return (server as unknown as { readonly _handle: Stream })._handle;
}

describe('listen on descriptor 0', () => {
  it('serves a TCP socket that was opened by another process', async (test) => {
    const server = createServer();
    await listen(server, { kind: 'tcp', host: '127.0.0.1', port: 0 }, { log });
    const { port } = server.address() as AddressInfo;
    assert.equal(await serveStdin(test, handleOf(server)), 'listening');
    await new Promise((resolve) => server.close(resolve));
    assert.equal((await fcgiRequest({ port }, cgiParams('/'))).body.toString(), 'child');
  });

  it('serves a UNIX socket that was opened by another process', async (test) => {
    const folder = await temporaryFolder(test);
    const server = createServer();
    await listen(server, { kind: 'unix', path: path.join(folder, 'a') }, { log });
    assert.equal(await serveStdin(test, handleOf(server)), 'listening');
    await rename(path.join(folder, 'a'), path.join(folder, 'b')); // Closing removes what it made.
    await new Promise((resolve) => server.close(resolve));
    assert.equal(
      (await fcgiRequest({ path: path.join(folder, 'b') }, cgiParams('/'))).body.toString(),
      'child',
    );
  });

  const complaint = /^file descriptor 0 is no listening socket: give an address with --bind, .*[^\n]$/;
  const others: IOType[] = ['pipe', 'ignore'];
  for (const stdin of others) {
    it(`says of ${stdin === 'pipe' ? 'a connected socket' : '/dev/null'} that it does not listen`, async (test) => {
      assert.match(await serveStdin(test, stdin), complaint);
    });
  }

  it('says of a file that it does not listen', async (test) => {
    const file = await open(fileURLToPath(import.meta.url));
    test.after(() => file.close());
    assert.match(await serveStdin(test, file.fd), complaint);
  });

  it('says of a pipe that it does not listen', async (test) => {
    const source = spawn('sleep', ['60'], { stdio: ['ignore', 'pipe', 'ignore'] });
    test.after(() => source.kill());
    assert.match(await serveStdin(test, source.stdout), complaint);
  });
});

describe('a socket that threads share', { timeout: 60_000 }, () => {
  it('has descriptor 0, is served by all of them, and outlives each', async () => {
    const program = fileURLToPath(new URL('../support/shared-socket.js', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [program]);
    assert.deepEqual(JSON.parse(stdout), {
      descriptor: 0,
      before: ['main', 'thread'],
      after: ['main', 'main', 'main', 'main'],
    });
  });
});
