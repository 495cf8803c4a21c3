/** Against memcached itself: what is kept, what is not, and what happens when it dies, stops and comes back. */
import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Memcached, withMemcached, type MemcachedSettings } from '../../../src/cache/memcached/memcached.ts';
import type { Plan } from '../../../src/render/plan.ts';
import { Daemon, waitFor } from '../../support/daemon.ts';
import { memoryLog } from '../../support/log.ts';
import { freePort } from '../../support/ports.ts';
import { programPath, skipUnless } from '../../support/real-programs.ts';
import { scopeOf, type Scope } from '../../support/scope.ts';
import { renderPlan } from '../../support/plans.ts';

const PLAN = renderPlan();

const NEVER = new AbortController().signal;

/** Busy machines stop a process for longer than 50 ms; where the test is not about patience it has more of it. */
const PATIENT_MS = 2_000;

async function startMemcached(scope: Scope, port?: number, ...args: string[]) {
  const where = { port: port ?? (await freePort()) };
  const daemon = new Daemon([programPath('memcached'), '-l', '127.0.0.1', '-p', String(where.port), ...(process.getuid?.() === 0 ? ['-u', 'root'] : []), ...args]); // prettier-ignore
  scope.defer(async () => void (await daemon.stop('SIGKILL')));
  await daemon.waitUntilListening(where);
  return { daemon, ...where };
}

function client(scope: Scope, ports: readonly number[], { patienceMs = PATIENT_MS, salt = '', settings = {} }: { readonly patienceMs?: number; readonly salt?: string; readonly settings?: Partial<MemcachedSettings> } = {}) {
  const log = memoryLog();
  const memcached = new Memcached(
    {
      memcachedServers: ports.map((port) => ({ host: '127.0.0.1', port })),
      memcachedTimeoutSeconds: 100, memcachedUsername: '', memcachedPassword: '', ...settings,
    },
    salt, { log, patienceMs },
  ); // prettier-ignore
  scope.defer(() => memcached.close());
  return { memcached, log };
} // prettier-ignore

const isUp = (memcached: Memcached) => memcached.servers.every(({ state }) => state === 'up');

async function stored(memcached: Memcached, key: string, bytes: Uint8Array): Promise<void> {
  memcached.set(key, bytes);
  await waitFor(async () => (await memcached.get(key)) !== undefined, `${key} is stored`);
}

describe('memcached', { skip: skipUnless('memcached') }, () => {
  it(
    'gives the same bytes to another server of the same version, and to no other',
    { timeout: 60_000 },
    async (test) => {
      const scope = scopeOf(test);
      const { port } = await startMemcached(scope);
      const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => i * 7);
      const [one, two, other] = ['1', '1', '2'].map((salt) => client(scope, [port], { salt }));
      await waitFor(() => [one, two, other].every((each) => isUp(each!.memcached)), 'they are up');
      await stored(one!.memcached, 'a key', bytes);
      assert.deepEqual(await two!.memcached.get('a key'), bytes);
      assert.equal(await other!.memcached.get('a key'), undefined);
      assert.deepEqual([two!.memcached.hits, other!.memcached.misses], [1, 1]);
    },
  );

  it('is sent no value over its limit, which it is asked for', { timeout: 60_000 }, async (test) => {
    const scope = scopeOf(test);
    const small = await startMemcached(scope);
    const large = await startMemcached(scope, undefined, '-I', '4m');
    for (const [{ port }, limit] of [[small, 2 ** 20], [large, 2 ** 22]] as const) {
      const { memcached } = client(scope, [port]);
      await waitFor(() => isUp(memcached), 'it is up');
      assert.equal(memcached.servers[0]!.maxItemBytes, limit - 512);
      memcached.set('large', new Uint8Array(limit));
      assert.equal(memcached.stored, 0);
      await stored(memcached, 'fits', new Uint8Array(limit - 2_000));
    }
  }); // prettier-ignore

  it('expires values after MEMCACHED_TIMEOUT', { timeout: 60_000 }, async (test) => {
    const scope = scopeOf(test);
    const { port } = await startMemcached(scope);
    const { memcached } = client(scope, [port], { settings: { memcachedTimeoutSeconds: 1 } });
    await waitFor(() => isUp(memcached), 'it is up');
    await stored(memcached, 'short', Uint8Array.of(1));
    await waitFor(async () => (await memcached.get('short')) === undefined, 'it has expired');
  });

  for (const [how, stop, revive] of [
    ['killed', 'SIGKILL', undefined],
    ['stopped', 'SIGSTOP', 'SIGCONT'],
  ] as const) {
    it(
      `that is ${how} under load costs at most a moment once, then nothing, and is taken back`,
      { timeout: 90_000 },
      async (test) => {
        const scope = scopeOf(test);
        const { daemon, port } = await startMemcached(scope);
        const { memcached, log } = client(scope, [port], { patienceMs: 50 });
        const [server] = memcached.servers;
        await waitFor(() => isUp(memcached), 'it is up');
        const values = Array.from({ length: 40 }, (_, i) => new Uint8Array(200_000).fill(i));
        for (const [i, value] of values.entries()) await stored(memcached, `v${i}`, value);
        await waitFor(() => isUp(memcached), 'it is up');
        const asked = values.map(async (value, i) => {
          const start = performance.now();
          const found = await memcached.get(`v${i}`);
          // A value is right or not there, never another.
          if (found !== undefined) assert.deepEqual(found, value);
          return performance.now() - start;
        });
        daemon.signal(stop);
        const waits = await Promise.all(asked);
        await waitFor(async () => {
          await memcached.get('v0');
          return server!.state === 'down';
        }, 'the breaker has opened');
        const start = performance.now();
        for (let i = 0; i < 5_000; i++) assert.equal(await memcached.get(`v${i % 40}`), undefined);
        const perRequest = (performance.now() - start) / 5_000;
        assert.ok(perRequest < 1, `a request loses ${perRequest} ms while it is down`);
        test.diagnostic(
          `${how}: longest wait ${Math.max(...waits).toFixed(0)} ms, then ${perRequest.toFixed(4)} ms each`,
        );
        if (revive === undefined) await startMemcached(scope, port);
        else daemon.signal(revive);
        await waitFor(() => server!.state === 'up', 'it is taken back');
        await stored(memcached, 'v5', values[5]!);
        assert.deepEqual(await memcached.get('v5'), values[5]);
        const words = log.lines.map(({ message }) => message);
        assert.ok(
          words.includes('memcached is left alone until it answers again') &&
            words.includes('memcached is back'),
        );
      },
    );
  }

  it(
    'of several servers loses only the values of the one that is gone',
    { timeout: 60_000 },
    async (test) => {
      const scope = scopeOf(test);
      const [one, two] = [await startMemcached(scope), await startMemcached(scope)];
      const { memcached } = client(scope, [one.port, two.port]);
      await waitFor(() => isUp(memcached), 'both are up');
      for (let i = 0; i < 60; i++) await stored(memcached, `k${i}`, Uint8Array.of(i));
      await one.daemon.stop('SIGKILL');
      await waitFor(() => !isUp(memcached), 'its end is noticed');
      let found = 0;
      for (let i = 0; i < 60; i++) found += Number((await memcached.get(`k${i}`))?.[0] === i);
      assert.ok(found > 10 && found < 50, String(found));
    },
  );
});

describe('a memcached that', () => {
  const fake = async (scope: Scope, onData: (bytes: Buffer, socket: Socket) => void) => {
    const server = createServer((socket) => socket.on('data', (bytes) => onData(bytes, socket)).on('error', () => undefined));
    const port = await freePort();
    const sockets = new Set<Socket>();
    server.on('connection', (socket) => sockets.add(socket));
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    scope.defer(() => new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    }));
    return port;
  }; // prettier-ignore

  it(
    'asks who it is (SASL PLAIN) is told, and left alone when it refuses',
    { timeout: 30_000 },
    async (test) => {
      const scope = scopeOf(test);
      const answer = (opcode: number, status: number) => {
        const bytes = Buffer.alloc(24);
        bytes.set([0x81, opcode, 0, 0, 0, 0, status >> 8, status & 255]);
        return bytes;
      };
      const port = await fake(scope, (bytes, socket) => {
        const isRight = bytes.includes('PLAIN\0me\0secret');
        socket.write(Buffer.concat([answer(0x21, isRight ? 0 : 0x20), answer(0x10, 0)]));
      });
      const settings = { memcachedUsername: 'me', memcachedPassword: 'secret' };
      const right = client(scope, [port], { settings });
      await waitFor(() => isUp(right.memcached), 'it is up');
      const wrong = client(scope, [port], { settings: { ...settings, memcachedPassword: 'x' } });
      await waitFor(() => wrong.memcached.servers[0]!.state === 'down', 'it is left alone');
      assert.match(JSON.stringify(wrong.log.lines), /refuses the user or password/);
      assert.doesNotMatch(JSON.stringify(wrong.log.lines), /secret/);
    },
  );

  it('talks nonsense is left alone', { timeout: 30_000 }, async (test) => {
    const scope = scopeOf(test);
    const port = await fake(scope, (_, socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const { memcached } = client(scope, [port]);
    await waitFor(() => memcached.servers[0]!.state === 'down', 'it is left alone');
    assert.equal(await memcached.get('x'), undefined);
  });
});

describe('a Render behind memcached', { skip: skipUnless('memcached') }, () => {
  const setUp = async (scope: Scope) => {
    const { port } = await startMemcached(scope);
    const { memcached } = client(scope, [port]);
    await waitFor(() => isUp(memcached), 'it is up');
    const made: Plan[] = [];
    const render = withMemcached((plan) => {
      made.push(plan);
      return Promise.resolve({ bytes: Buffer.from(`picture ${made.length}`), origin: 'rendered' as const });
    }, memcached);
    return { memcached, made, ask: async (plan: Plan) => render(plan, NEVER) };
  };

  it(
    'makes a picture once, and another one of another version of the file',
    { timeout: 60_000 },
    async (test) => {
      const { made, ask } = await setUp(scopeOf(test));
      await ask(PLAN);
      await waitFor(async () => (await ask(PLAN)).origin === 'memcached', 'it is stored');
      const count = made.length;
      for (const change of [{ mtimeMs: 5 }, { size: 5 }, { inode: 5 }, { etag: '"x"' }]) {
        const source = { ...PLAN.source, identity: { ...PLAN.source.identity, ...change } };
        assert.equal((await ask({ ...PLAN, source })).origin, 'rendered', JSON.stringify(change));
      }
      assert.equal(made.length, count + 4);
    },
  );

  it(
    'does not ask for stored tiles of files, but for those of remote images',
    { timeout: 60_000 },
    async (test) => {
      const { memcached, ask } = await setUp(scopeOf(test));
      const copy = { kind: 'copy', column: 0, row: 0, otherwise: PLAN } as const;
      await ask(copy);
      assert.equal(memcached.misses, 0);
      const source = { ...PLAN.source, path: 'https://host/a.tif' };
      await ask({ ...copy, otherwise: { ...PLAN, source } });
      assert.equal(memcached.misses, 1);
    },
  );

  it('stores no errors', { timeout: 60_000 }, async (test) => {
    const scope = scopeOf(test);
    const { memcached } = await setUp(scope);
    const failing = withMemcached(() => Promise.reject(new Error('no')), memcached);
    await assert.rejects(async () => failing(PLAN, NEVER), /no/);
    await sleep(50);
    assert.deepEqual([memcached.stored, memcached.hits], [0, 0]);
  });
});
