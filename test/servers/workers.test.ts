/** `--workers`: the real program as several processes, killed, replaced, renewed and stopped while it is asked. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isListening, startDaemon, waitFor } from '../support/daemon.ts';
import { cgiParams, FcgiClient, fcgiRequest } from '../support/fcgi-client.ts';
import { httpRequest } from '../support/http-client.ts';
import { freePort } from '../support/ports.ts';
import { childrenOf, PROC_MISSING, usageOf } from '../support/proc.ts';
import { parseLog, PROGRAM, programEnv, startProgram, type Program } from '../support/program.ts';
import { programPath, skipUnless } from '../support/real-programs.ts';
import { scopeOf, type Scope } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { NGINX_MISSING, startNginx } from './nginx.ts';
import { askEverything, URI_MAP } from './questions.ts';

const IIP = '/fcgi-bin/iipsrv.fcgi?FIF=';
const tile = (i: number, command = ''): string => `${IIP}rgb-deflate.tif${command}&JTL=3,${i % 48}`;

/** Takes the program a while. */
const SLOW = `${IIP}rgb-deflate.tif&WID=2000&CVT=avif`;

const options = { skip: PROC_MISSING, timeout: 300_000 };
const throughNginx = { ...options, skip: PROC_MISSING === false ? NGINX_MISSING : PROC_MISSING };

const listening = ({ log }: Program) => log.filter(({ msg }) => msg === 'a worker listens');

async function startTwo(scope: Scope, more: Parameters<typeof startProgram>[1] = {}): Promise<Program> {
  const program = await startProgram(scope, {
    ...more,
    env: { URI_MAP, OMP_NUM_THREADS: '2', ...more.env },
    args: ['--workers', '2', ...(more.args ?? [])],
  });
  await waitFor(() => listening(program).length === 2, 'both workers listen');
  return program;
}

interface Load {
  requests: number;
  readonly complaints: string[];
  /** Those who ask end. */
  readonly stop: () => Promise<void>;
}

/** Clients that ask for tiles, each on connections that it keeps, until they are stopped. */
function ask(count: number, once: (client: number, turn: number) => Promise<string>): Load {
  let isOver = false;
  const load: Load = { requests: 0, complaints: [], stop: async () => {
    isOver = true;
    await Promise.all(clients);
  } }; // prettier-ignore
  const clients = Array.from({ length: count }, async (_, client) => {
    for (let turn = 0; !isOver; turn++) {
      load.requests += 1;
      const complaint = await once(client, turn).catch((thrown: unknown) => String(thrown));
      if (complaint !== '') load.complaints.push(complaint);
    }
  });
  return load;
}

function askNginx(port: number, clients: number): Load {
  const agents = Array.from({ length: clients }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  return ask(clients, async (client, turn) => {
    const answer = await httpRequest(port, tile(client * 5 + turn), { agent: agents[client]! });
    return answer.status === 200 ? '' : `status ${answer.status}`;
  });
}

/** Each client opens a new connection when its own is lost, and counts that. */
function askDirectly(program: Program, clients: number): Load {
  const connections: (FcgiClient | undefined)[] = [];
  const load = ask(clients, async (client, turn) => {
    const connection = (connections[client] ??= await FcgiClient.connect(program.where));
    try {
      const { status } = await connection.request(cgiParams(tile(client * 5 + turn)), { keepConn: true });
      return status === 200 ? '' : `status ${status}`;
    } catch (thrown) {
      connections[client] = undefined;
      throw thrown;
    }
  });
  const stopAsking = load.stop;
  const stop = async (): Promise<void> => {
    await stopAsking();
    for (const connection of connections) connection?.destroy();
  };
  return Object.assign(load, { stop });
}

describe('--workers', options, () => {
  it('answers as one process does, over every socket, and says what each has', async (test) => {
    const scope = scopeOf(test);
    const socket = path.join(await tempFolder(scope), 'iipsrv.sock');
    const httpPort = await freePort();
    const program = await startTwo(scope, { where: { path: socket }, httpPort });
    const direct = await startProgram(scope, { env: { URI_MAP } });
    await askEverything(test, { port: httpPort, direct: direct.where });
    const one = await fcgiRequest(program.where, cgiParams(tile(0)));
    assert.ok(one.body.equals((await fcgiRequest(direct.where, cgiParams(tile(0)))).body));
    const start = program.log.find(({ msg }) => msg === 'iipsrv serves');
    assert.equal(start?.['workers'], 2);
    // How much memory there is, is up to the machine.
    const { MAX_MEMORY: memory, ...each } = start['each'] as Record<string, string>;
    assert.ok(Number(memory) > 0);
    assert.deepEqual(each, {
      OMP_NUM_THREADS: '1',
      MAX_IMAGE_CACHE_SIZE: '5',
      MAX_IMAGE_METADATA_CACHE_SIZE: '500',
      OPEN_FILES: '256',
      DECODED_CACHE_SIZE: '64',
      MAX_CONCURRENT: '500',
      MAX_QUEUE: '250',
    });
    const viewer = await httpRequest(httpPort, '/');
    assert.match(viewer.body.toString(), /<html/i);
    for (const pid of [program.pid, ...childrenOf(program.pid)])
      test.diagnostic(`process ${pid}: ${(await usageOf(pid)).megabytes} MB`);
    await program.stop();
    assert.equal(existsSync(socket), false, 'nobody could listen there: the path is gone');
  });

  it('takes the place of a worker that is killed: what it had begun is lost, nothing else', async (test) => {
    const program = await startTwo(scopeOf(test), { env: { VERBOSITY: '1' } });
    const clients = 16;
    const load = askDirectly(program, clients);
    await sleep(1_000);
    const [victim] = childrenOf(program.pid);
    process.kill(victim!, 'SIGKILL');
    await waitFor(() => listening(program).length === 3, 'a new worker listens');
    await sleep(1_000);
    const { length } = load.complaints;
    await sleep(1_000);
    await load.stop();
    test.diagnostic(`${load.requests} requests, ${load.complaints.length} lost`);
    assert.ok(length <= clients, `${length} lost, each client one at most`);
    for (const complaint of load.complaints) assert.match(complaint, /closed before END_REQUEST|ECONNRESET|EPIPE/);
    assert.equal(load.complaints.length, length, 'all is well since');
    const line = await program.logged(({ msg }) => msg.startsWith('a worker ended'));
    assert.deepEqual([line['pid'], line['signal'], line['level']], [victim, 'SIGKILL', 'warn']);
  }); // prettier-ignore

  it('keeps nothing open of workers that were killed or replaced', options, async (test) => {
    const program = await startTwo(scopeOf(test), { env: { VERBOSITY: '5' } });
    const started = async (count: number) => waitFor(() => listening(program).length === count, `${count} listen`);
    const kill = async (count: number) => {
      process.kill(childrenOf(program.pid)[0]!, 'SIGKILL');
      await started(count);
    };
    await kill(3);
    const { descriptors } = await usageOf(program.pid);
    for (const count of [4, 5, 6]) await kill(count);
    for (const count of [8, 10]) {
      program.daemon.signal('SIGHUP');
      await started(count);
    }
    const isBack = async () => (await usageOf(program.pid)).descriptors <= descriptors;
    await waitFor(isBack, `the parent has no more than ${descriptors} descriptors`);
  }); // prettier-ignore

  it('replaces its workers at SIGHUP, and a web server that keeps connections loses nothing', throughNginx, async (test) => {
    const scope = scopeOf(test);
    const file = path.join(await tempFolder(scope), 'log');
    const program = await startProgram(scope, { env: { LOGFILE: file, OMP_NUM_THREADS: '2' }, args: ['--workers', '2'] });
    const lines = async () => parseLog(await readFile(file, 'utf8'));
    const renewed = async () => (await lines()).filter(({ msg }) => msg === 'workers replaced, log reopened').length;
    await waitFor(async () => (await lines()).filter(({ msg }) => msg === 'a worker listens').length === 2, 'both listen');
    const { port, errorLog } = await startNginx(scope, { upstream: program.where, isKeepingConnections: true });
    const load = askNginx(port, 24);
    const seen = new Set(childrenOf(program.pid));
    for (let turn = 1; turn <= 3; turn++) {
      program.daemon.signal('SIGHUP');
      await waitFor(async () => (await renewed()) === turn, 'the workers are new');
      const now = childrenOf(program.pid);
      assert.ok(now.every((pid) => !seen.has(pid)), 'none is an old one');
      for (const pid of now) seen.add(pid);
      await sleep(300);
    }
    await load.stop();
    test.diagnostic(`${load.requests} requests through nginx, three times new workers`);
    assert.deepEqual(load.complaints, []);
    assert.ok(load.requests > 300);
    const retries = (await readFile(errorLog, 'utf8')).split('\n').filter((line) => line.includes('[error]'));
      test.diagnostic(`${retries.length} of them were asked again by nginx`);
      // Lines of all processes in one log, none torn.
    const text = await readFile(file, 'utf8');
    const torn = text.trimEnd().split('\n').filter((line) => !/^\{"level":.*\}$/.test(line));
    assert.deepEqual(torn, []);
    await waitFor(async () => (await lines()).filter(({ uri }) => uri !== undefined).length === load.requests, 'the log has every request');
  }); // prettier-ignore

  it('over HTTP replaces its workers without a lost request, too', async (test) => {
    const scope = scopeOf(test);
    const httpPort = await freePort();
    const program = await startTwo(scope, { httpPort });
    const load = askNginx(httpPort, 8);
    for (let turn = 1; turn <= 2; turn++) {
      program.daemon.signal('SIGHUP');
      await waitFor(() => listening(program).length === 2 + 2 * turn, 'the workers are new');
      await sleep(300);
    }
    await load.stop();
    assert.deepEqual(load.complaints, []);
    assert.ok(load.requests > 100);
  });

  it('lets requests under way end at SIGTERM, leaves nobody behind, and ends with 0', async (test) => {
    const program = await startTwo(scopeOf(test));
    const workers = childrenOf(program.pid);
    const slow = [1, 2, 3].map(() => fcgiRequest(program.where, cgiParams(SLOW)));
    await sleep(500);
    program.daemon.signal('SIGTERM');
    for (const { status, headers, body } of await Promise.all(slow)) {
      assert.deepEqual([status, body.length], [200, Number(headers['content-length'])]);
    }
    assert.deepEqual(await program.daemon.exited, { code: 0, signal: null });
    const { msg, outcome, served } = program.log.at(-1)!;
    assert.deepEqual([msg, outcome, served], ['iipsrv stops', 'drained', 3]);
    assert.equal(await isListening(program.where), false);
    assert.deepEqual(workers.filter((pid) => existsSync(`/proc/${pid}`)), []);
  }); // prettier-ignore

  it('ends when whoever keeps the workers is killed', async (test) => {
    const scope = scopeOf(test);
    const port = await freePort();
    const command = [process.execPath, PROGRAM, '--bind', `127.0.0.1:${port}`, '--workers', '2'] as const;
    const daemon = startDaemon(scope, [...command], { env: programEnv() });
    await waitFor(() => parseLog(daemon.output).filter(({ msg }) => msg === 'a worker listens').length === 2, 'they listen');
    const workers = childrenOf(daemon.pid);
    assert.equal(workers.length, 2);
    daemon.signal('SIGKILL');
    await waitFor(() => workers.every((pid) => !existsSync(`/proc/${pid}`)), 'the workers end themselves');
    assert.equal(await isListening({ port }), false);
  }); // prettier-ignore

  it('takes the socket that spawn-fcgi hands on', { ...throughNginx, skip: skipUnless('spawn-fcgi') || throughNginx.skip }, async (test) => {
    const scope = scopeOf(test);
    const where = { port: await freePort() };
    const command = [programPath('spawn-fcgi'), '-n', '-a', '127.0.0.1', '-p', String(where.port), '--'] as const;
    const daemon = startDaemon(scope, [...command, process.execPath, PROGRAM, '--workers', '2'], { env: programEnv({ URI_MAP }) });
    await waitFor(() => parseLog(daemon.output).filter(({ msg }) => msg === 'a worker listens').length === 2, 'they listen');
    const { port } = await startNginx(scope, { upstream: where, isKeepingConnections: true });
    const direct = await startProgram(scope, { env: { URI_MAP } });
    await askEverything(test, { port, direct: direct.where });
    const flags = /^flags:\s+([0-7]+)$/m.exec(await readFile(`/proc/${childrenOf(daemon.pid)[0]!}/fdinfo/0`, 'utf8'))?.[1] ?? '0';
    assert.notEqual(Number.parseInt(flags, 8) & 0o4000, 0, 'no worker may wait in accept for a connection that another has taken');
    assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
  }); // prettier-ignore

  it('adds up what all have counted, and has all of them forget', async (test) => {
    const scope = scopeOf(test);
    const adminPort = await freePort();
    const program = await startTwo(scope, { args: ['--admin', String(adminPort)] });
    const metric = async (name: string) => {
      const { body } = await httpRequest(adminPort, '/metrics');
      const line = body.toString().split('\n').find((each) => each.startsWith(`${name} `));
      return line === undefined ? undefined : Number(line.slice(name.length + 1));
    };
    const post = (uri: string) => httpRequest(adminPort, uri, { method: 'POST' });
    let asked = 0;
    await waitFor(async () => {
      await Promise.all(Array.from({ length: 16 }, (_, i) => fcgiRequest(program.where, cgiParams(tile(i)))));
      asked += 16;
      return (await metric('iipsrv_open_images')) === 2;
    }, 'both workers were asked');
    const requests = 'iipsrv_requests_total{protocol="IIP",status="200"}';
    assert.equal(await metric(requests), asked);
    assert.equal(await metric('iipsrv_worker_processes'), 2);
    for (const worker of [0, 1]) {
      const bytes = await metric(`iipsrv_worker_resident_memory_bytes{worker="${worker}"}`);
      assert.ok(bytes! > 20_000_000 && bytes! < 400_000_000, `${bytes}`);
    }
    assert.ok((await metric('iipsrv_tile_cache_bytes'))! > 0);
    const { status, body } = await post('/purge?id=rgb-deflate.tif');
    assert.deepEqual([status, /"image-[0-9a-f]{16}"/.test(body.toString())], [200, true]);
    assert.equal(await metric('iipsrv_open_images'), 0);
    assert.equal((await post('/purge?id=none.tif')).status, 404);
    assert.equal((await httpRequest(adminPort, '/readyz')).status, 200);
    // What a worker has counted stays when it goes.
    program.daemon.signal('SIGHUP');
    await program.logged(({ msg }) => msg.startsWith('workers replaced'));
    assert.equal(await metric(requests), asked);
    assert.equal((await post('/warm?id=rgb-deflate.tif')).status, 202);
    const warm = await program.logged(({ msg }) => msg === 'an image is warm');
    assert.equal(warm['made'], warm['tiles']);
    assert.equal(await metric('iipsrv_open_images'), 2, 'both have made them');
    assert.equal(await metric('iipsrv_worker_processes_lost_total'), 0);
  }); // prettier-ignore

  it('says on the command line what is wrong with an address, and leaves no process', async (test) => {
    const scope = scopeOf(test);
    const taken = await startProgram(scope);
    const port = (taken.where as { readonly port: number }).port;
    const daemon = startDaemon(scope, [process.execPath, PROGRAM, '--bind', `127.0.0.1:${port}`, '--workers', '2'], { env: programEnv() });
    assert.deepEqual(await daemon.exited, { code: 1, signal: null });
    assert.match(daemon.output, /^iipsrv: cannot listen on 127\.0\.0\.1:\d+: another process listens there already$/m);
  }); // prettier-ignore
});

describe('--http in one process', options, () => {
  it('is taken by every thread that listens', async (test) => {
    const scope = scopeOf(test);
    const [httpPort, adminPort] = [await freePort(), await freePort()];
    const args = ['--admin', String(adminPort)];
    const program = await startProgram(scope, { httpPort, args, env: { URI_MAP, OMP_NUM_THREADS: '2' } });
    assert.equal(readdirSync(`/proc/${program.pid}/task`).length > 2, true);
    let asked = 0;
    await waitFor(async () => {
      // None is in the cache, which would answer for a thread that has nothing open; as many at once as keep both busy.
      const uris = Array.from({ length: 64 }, () =>
        tile(asked, `&QLT=${10 + (Math.floor(asked++ / 48) % 80)}`),
      );
      await Promise.all(uris.map((uri) => httpRequest(httpPort, uri)));
      const { body } = await httpRequest(adminPort, '/metrics');
      return body.toString().includes('\niipsrv_open_images 2\n');
    }, 'both threads were asked');
    const gallery = await httpRequest(httpPort, '/viewer/gallery.json');
    assert.ok((JSON.parse(gallery.body.toString()) as string[]).includes('rgb-deflate.tif'));
  });
});
