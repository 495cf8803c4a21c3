import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { ServerError, type ErrorKind } from '../../../src/errors.ts';
import { isStale } from '../../../src/image/file-errors.ts';
import { scopeOf, type Scope } from '../../support/scope.ts';
import { fixture, openFixture } from '../support/sources.ts';
import { startObjectServer, type Misbehave } from './support/object-server.ts';
import { remoteParts } from './support/remote.ts';

const BYTES = readFileSync(fixture('rgb-jpeg.tif'));

async function setUp(scope: Scope, env: Readonly<Record<string, string>> = {}) {
  const server = await startObjectServer(scope);
  server.objects.set('/masters/a.tif', {
    bytes: BYTES,
    etag: '"one"',
    lastModified: 'Mon, 05 Jan 2026 01:02:03 GMT',
  });
  return { server, ...remoteParts(scope, { SOURCE_MAP: `r=>${server.url}/masters`, ...env }) };
}

const isKind = (kind: ErrorKind) => (error: unknown) => error instanceof ServerError && error.kind === kind;

describe('remote images', () => {
  it('are found with one request, which brings size, time and ETag', async (test) => {
    const { server, locator } = await setUp(scopeOf(test));
    const { identity, path, stem } = await locator.locate('r/a.tif');
    assert.deepEqual(identity, {
      size: BYTES.length,
      mtimeMs: Date.UTC(2026, 0, 5, 1, 2, 3),
      inode: 0,
      etag: '"one"',
    });
    assert.deepEqual([path, stem], [`${server.url}/masters/a.tif`, 'a']);
    assert.deepEqual(server.asked, ['GET /masters/a.tif bytes=0-65535']);
  });

  it('have the bytes of the object at every offset', async (test) => {
    const { locator, source } = await setUp(scopeOf(test));
    const remote = source(await locator.locate('r/a.tif'));
    for (const [offset, length] of [[0, 10], [65_530, 12], [32_768, 32_768], [100_001, 200_000], [BYTES.length - 5, 5], [7, 0]] as const) {
      assert.deepEqual(Buffer.from(await remote.read(offset, length)), BYTES.subarray(offset, offset + length));
    } // prettier-ignore
    await assert.rejects(async () => remote.read(BYTES.length - 5, 6), isKind('damaged'));
    const first = await remote.read(0, 4);
    first.fill(0);
    assert.deepEqual(
      Buffer.from(await remote.read(0, 4)),
      BYTES.subarray(0, 4),
      'bytes belong to the caller',
    );
  });

  it('cost at most 2 requests for a tile when the header is known, and none for its neighbor in the same block', async (test) => {
    const { server, open, counters } = await setUp(scopeOf(test));
    const reader = await open('r/a.tif');
    const local = await openFixture('rgb-jpeg.tif');
    const costs: number[] = [];
    for (const [column, row] of [[0, 0], [1, 0], [5, 2], [5, 2]] as const) {
      const before = server.asked.length;
      const address = { page: 0, level: 0, window: { x: column * 256, y: row * 256, width: 256, height: 256 } };
      assert.deepEqual(await reader.readWindow(address), await local.readWindow(address));
      costs.push(server.asked.length - before);
    } // prettier-ignore
    assert.ok(Math.max(...costs) <= 2, `requests for each tile: ${costs.join()}`);
    assert.equal(costs.at(-1), 0, 'the same tile again comes from the block cache');
    assert.equal(server.connections, 1, 'connections are kept');
    assert.equal(counters.read().requests, server.asked.length);
  });

  it('share requests that are on their way', async (test) => {
    const { server, locator, source } = await setUp(scopeOf(test));
    const found = await Promise.all([locator.locate('r/a.tif'), locator.locate('r/a.tif')]);
    assert.equal(server.asked.length, 1);
    const remote = source(found[0]);
    await Promise.all([remote.read(300_000, 100), remote.read(300_050, 100), remote.read(299_999, 50)]);
    assert.equal(server.asked.length, 2);
  });

  it('keep no more bytes than SOURCE_CACHE_SIZE, and can do without', async (test) => {
    const small = await setUp(scopeOf(test), { SOURCE_CACHE_SIZE: '0.2' });
    const source = small.source(await small.locator.locate('r/a.tif'));
    for (let at = 0; at + 1000 <= BYTES.length; at += 20_000) await source.read(at, 1000);
    assert.ok(small.blocks.bytes <= 204_800 && small.blocks.bytes > 100_000, String(small.blocks.bytes));
    assert.deepEqual(Buffer.from(await source.read(0, BYTES.length)), BYTES, 'larger than the cache');
    const none = await setUp(scopeOf(test), { SOURCE_CACHE_SIZE: '0' });
    const bare = none.source(await none.locator.locate('r/a.tif'));
    assert.deepEqual(Buffer.from(await bare.read(5, 70_000)), BYTES.subarray(5, 70_005));
    assert.equal(none.blocks.bytes, 0);
  });

  it('are asked about again after SOURCE_REVALIDATE, not before, with a condition', async (test) => {
    const { server, locator, clock } = await setUp(scopeOf(test), { SOURCE_REVALIDATE: '30' });
    const conditions: unknown[] = [];
    server.misbehave = ({ headers }) => {
      conditions.push(headers['if-none-match']);
      return false;
    };
    const { identity } = await locator.locate('r/a.tif');
    clock.ms = 29_999;
    await locator.locate('r/a.tif');
    clock.ms = 30_001;
    assert.deepEqual((await locator.locate('r/a.tif')).identity, identity);
    assert.deepEqual(conditions, [undefined, '"one"']);
    server.objects.set('/masters/a.tif', { bytes: BYTES.subarray(0, 70_000), etag: '"two"' });
    clock.ms = 61_000;
    assert.equal((await locator.locate('r/a.tif')).identity.etag, '"two"');
  });

  it('that are not there are 404, and asked for again after two seconds', async (test) => {
    const { server, locator, clock } = await setUp(scopeOf(test));
    const look = async () => locator.locate('r/new.tif');
    await assert.rejects(look, isKind('not-found'));
    await assert.rejects(look, isKind('not-found'));
    assert.equal(server.asked.length, 1);
    server.objects.set('/masters/new.tif', { bytes: BYTES, etag: '"n"' });
    clock.ms = 2_001;
    assert.equal((await look()).identity.size, BYTES.length);
  });

  it('stay what they were while the storage cannot be asked, and the log says so', async (test) => {
    const { server, locator, clock, log } = await setUp(scopeOf(test));
    const { identity } = await locator.locate('r/a.tif');
    server.misbehave = (_, reply) => Boolean(reply.writeHead(503).end());
    clock.ms = 61_000;
    assert.deepEqual((await locator.locate('r/a.tif')).identity, identity);
    assert.deepEqual(
      log.lines.map(({ level }) => level),
      ['warn'],
    );
    await assert.rejects(async () => locator.locate('r/other.tif'), isKind('unreachable'));
  });
});

describe('a remote image that is replaced', () => {
  const two = Buffer.from(BYTES);
  two.fill(7, 500_000);

  for (const [how, honors] of [
    ['refuses another version', true],
    ['ignores conditions', false],
  ] as const) {
    it(`is never mixed when the server ${how}`, async (test) => {
      const { server, locator, source } = await setUp(scopeOf(test));
      const found = await locator.locate('r/a.tif');
      const remote = source(found);
      await remote.read(300_000, 10);
      server.objects.set('/masters/a.tif', { bytes: two, etag: '"two"' });
      if (!honors) server.misbehave = (message) => {
        delete message.headers['if-match'];
        return false;
      };
      await assert.rejects(async () => remote.read(600_000, 10), isStale);
      locator.forget(found.path);
      const anew = source(await locator.locate('r/a.tif'));
      assert.deepEqual(Buffer.from(await anew.read(600_000, 10)), two.subarray(600_000, 600_010));
    }); // prettier-ignore
  }

  for (const [what, before, after] of [
    ['a weak ETag', { etag: 'W/"1"' }, { etag: 'W/"2"' }],
    [
      'a date only',
      { lastModified: 'Mon, 05 Jan 2026 01:02:03 GMT' },
      { lastModified: 'Mon, 05 Jan 2026 01:02:04 GMT' },
    ],
  ] as const) {
    it(`is noticed by ${what}`, async (test) => {
      const { server, locator, source } = await setUp(scopeOf(test));
      server.objects.set('/masters/a.tif', { bytes: BYTES, ...before });
      const remote = source(await locator.locate('r/a.tif'));
      await remote.read(300_000, 10);
      server.objects.set('/masters/a.tif', { bytes: two, ...after });
      await assert.rejects(async () => remote.read(600_000, 10), isStale);
    });
  }

  it('is noticed by its size when there is nothing else', async (test) => {
    const { server, locator, source } = await setUp(scopeOf(test));
    server.objects.set('/masters/a.tif', { bytes: BYTES });
    const remote = source(await locator.locate('r/a.tif'));
    await remote.read(300_000, 10);
    server.objects.set('/masters/a.tif', { bytes: BYTES.subarray(0, 700_000) });
    await assert.rejects(async () => remote.read(600_000, 10), isStale);
  });

  it('is noticed when it is deleted', async (test) => {
    const { server, locator, source } = await setUp(scopeOf(test));
    const remote = source(await locator.locate('r/a.tif'));
    server.objects.clear();
    await assert.rejects(async () => remote.read(600_000, 10), isKind('not-found'));
  });
});

/** Each goes wrong so often, then the server is well again. */
const FAULTS: Readonly<Record<string, Misbehave>> = {
  'answers 500': (_, reply) => Boolean(reply.writeHead(500).end('x'.repeat(50_000))),
  'answers 503 and when to come again': (_, reply) => Boolean(reply.writeHead(503, { 'Retry-After': '1' }).end()),
  'resets the connection': (message) => Boolean(message.socket.resetAndDestroy()),
  'breaks off in the body': (message, reply) => {
    reply.writeHead(206, { 'Content-Range': `bytes 589824-622591/${BYTES.length}`, 'Content-Length': 32_768, ETag: '"one"' });
    reply.write(Buffer.alloc(100));
    setTimeout(() => message.socket.destroy(), 20);
    return true;
  },
  'sends a body that is too short': (_, reply) =>
    Boolean(reply.writeHead(206, { 'Content-Range': `bytes 589824-622591/${BYTES.length}`, ETag: '"one"' }).end('short')),
  'sends a body that is too long': (_, reply) =>
    Boolean(reply.writeHead(206, { 'Content-Range': `bytes 589824-622591/${BYTES.length}`, ETag: '"one"' }).end(Buffer.alloc(100_000))),
  'sends another range': (_, reply) =>
    Boolean(reply.writeHead(206, { 'Content-Range': `bytes 0-32767/${BYTES.length}`, ETag: '"one"' }).end(BYTES.subarray(0, 32_768))),
  'sends no range': (_, reply) => Boolean(reply.writeHead(206, { ETag: '"one"' }).end(BYTES.subarray(0, 32_768))),
  'sends it compressed': (_, reply) =>
    Boolean(reply.writeHead(206, { 'Content-Range': `bytes 589824-622591/${BYTES.length}`, 'Content-Encoding': 'gzip', ETag: '"one"' }).end(Buffer.alloc(32_768))),
  'says nothing': () => true,
  'drips a byte now and then': (_, reply) => {
    reply.writeHead(206, { 'Content-Range': `bytes 589824-622591/${BYTES.length}`, 'Content-Length': 32_768, ETag: '"one"' });
    const drip = setInterval(() => reply.write('x'), 50);
    reply.once('close', () => clearInterval(drip));
    return true;
  },
}; // prettier-ignore

describe('a storage server that', () => {
  const broken = async (scope: Scope, misbehave: Misbehave, times: number) => {
    const parts = await setUp(scope, { SOURCE_TIMEOUT: '0.15' });
    const remote = parts.source(await parts.locator.locate('r/a.tif'));
    let left = times;
    parts.server.misbehave = (message, reply) => left-- > 0 && misbehave(message, reply);
    return { ...parts, remote };
  };

  for (const [what, misbehave] of Object.entries(FAULTS)) {
    it(`${what} twice is asked a third time`, { timeout: 20_000 }, async (test) => {
      const { remote, counters, pauses } = await broken(scopeOf(test), misbehave, 2);
      assert.deepEqual(Buffer.from(await remote.read(600_000, 10)), BYTES.subarray(600_000, 600_010));
      assert.deepEqual([counters.read().retries, counters.read().failures, pauses.length], [2, 0, 2]);
    });

    it(`${what} always is given up in time, with 503`, { timeout: 20_000 }, async (test) => {
      const { remote, server, counters } = await broken(scopeOf(test), misbehave, Infinity);
      const start = performance.now();
      await assert.rejects(async () => remote.read(600_000, 10), isKind('unreachable'));
      assert.ok(performance.now() - start < 6_000);
      assert.deepEqual([server.asked.length, counters.read().failures], [1 + 3, 1]);
      server.misbehave = undefined;
      assert.equal((await remote.read(600_000, 10)).length, 10, 'failures are not remembered');
    });
  }

  it('waits as the server asks, and at random otherwise', async (test) => {
    const asked = await broken(scopeOf(test), FAULTS['answers 503 and when to come again']!, 2);
    await asked.remote.read(600_000, 10);
    assert.deepEqual(asked.pauses, [1_000, 1_000]);
    const free = await broken(scopeOf(test), FAULTS['answers 500']!, 2);
    await free.remote.read(600_000, 10);
    assert.deepEqual(free.pauses, [200, 400]);
  });

  it('gives no parts is refused with 501', async (test) => {
    const { server, locator } = await setUp(scopeOf(test));
    server.misbehave = (message) => {
      delete message.headers.range;
      return false;
    };
    await assert.rejects(async () => locator.locate('r/a.tif'), isKind('unsupported'));
  });

  it('has an empty object has no picture', async (test) => {
    const { server, locator } = await setUp(scopeOf(test));
    server.objects.set('/masters/empty.tif', { bytes: new Uint8Array(0) });
    await assert.rejects(async () => locator.locate('r/empty.tif'), isKind('not-a-picture'));
  });

  for (const status of [301, 302, 307, 308]) {
    it(`redirects with ${status} is not followed`, async (test) => {
      const scope = scopeOf(test);
      const { server, locator } = await setUp(scope);
      const elsewhere = await startObjectServer(scope);
      server.misbehave = (_, reply) =>
        Boolean(reply.writeHead(status, { Location: `${elsewhere.url}/masters/a.tif` }).end());
      await assert.rejects(async () => locator.locate('r/a.tif'), isKind('unreachable'));
      assert.deepEqual([elsewhere.asked, server.asked.length], [[], 1]);
    });
  }
});

describe('the only addresses that are asked', () => {
  it('are those of SOURCE_MAP, whatever a name is', async (test) => {
    const { server, locator } = await setUp(scopeOf(test));
    for (const name of ['r/../secret', 'r/%2e%2e/../secret', 'r//host/a', 'r/http://127.0.0.1/a', 'r/a\\..\\b', 'http://127.0.0.1/a.tif', 's3://bucket/a.tif', 'r/', 'r']) {
      await assert.rejects(async () => locator.locate(name), isKind('not-found'), name);
    } // prettier-ignore
    assert.deepEqual(server.asked, []);
  });

  it('hold for paths, too: a plan from elsewhere opens nothing', async (test) => {
    const { server, store } = await setUp(scopeOf(test));
    const identity = { size: 10, mtimeMs: 0, inode: 0 };
    for (const path of [`${server.url}/other/a.tif`, `${server.url}/masters/../a.tif`, `${server.url}/masters/`, `${server.url}.evil/masters/a`]) {
      await assert.rejects(store.range(path, identity, { offset: 0, length: 1 }), isKind('not-found'), path);
    } // prettier-ignore
    assert.deepEqual(server.asked, []);
  });

  it('are not those of a machine that a host name leads to', async (test) => {
    const { guardedLookup } = await import('../../../src/image/remote/addresses.ts');
    const dns = await import('node:dns');
    test.mock.method(dns.default, 'lookup', (_: string, __: object, done: (cause: null, found: object[]) => void) =>
      done(null, [{ address: '10.1.2.3', family: 4 }, { address: '169.254.169.254', family: 4 }]),
    ); // prettier-ignore
    const cause = await new Promise<NodeJS.ErrnoException | null>((resolve) =>
      guardedLookup('storage.example.org', {}, (error) => resolve(error)),
    );
    assert.equal(cause?.code, 'EREFUSEDADDRESS');
    const { locator, counters } = remoteParts(scopeOf(test), {
      SOURCE_MAP: 'm=>http://storage.example.org/x',
    });
    await assert.rejects(async () => locator.locate('m/a.tif'), isKind('unreachable'));
    assert.equal(counters.read().requests, 1, 'it is not tried again');
  });
});
