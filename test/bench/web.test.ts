import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { severalOf } from './servers/several.ts';
import { configuration } from './web/nginx.ts';
import { luaScript, parseWrk } from './web/wrk.ts';

const PRINTED = `Running 1s test @ http://127.0.0.1:8080
  1 threads and 8 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   563.24us  129.46us   5.64ms   94.13%
  Latency Distribution
     50%  542.00us
     75%  588.00us
     90%  640.00us
     99%    1.08s
  15520 requests in 1.10s, 84.21MB read
Requests/sec:  14110.61
`;

describe('parseWrk', () => {
  it('reads rate and latencies in whatever unit', () => {
    assert.deepEqual(parseWrk(PRINTED), {
      requestsPerSecond: 14_110.61,
      p50Ms: 0.542,
      p99Ms: 1080,
      problems: [],
    });
  });

  it('tells wrong answers and broken connections', () => {
    const wrong = `${PRINTED}  Non-2xx or 3xx responses: 12\n  Socket errors: connect 0, read 3, write 0, timeout 0\n`;
    assert.deepEqual(parseWrk(wrong).problems, [
      'Non-2xx or 3xx responses: 12',
      'Socket errors: connect 0, read 3, write 0, timeout 0',
    ]);
    assert.deepEqual(
      parseWrk(`${PRINTED}Socket errors: connect 0, read 0, write 0, timeout 0\n`).problems,
      [],
    );
  });

  it('refuses what it does not know', () => {
    assert.throws(() => parseWrk('unable to connect'), /wrk says something else: unable/);
  });
});

describe('luaScript', () => {
  it('lists the requests, quotes escaped', () => {
    assert.match(luaScript(['/a?b', '/"']), /"\/a\?b",\n {2}"\/\\"",/);
  });
});

describe('nginx configuration', () => {
  const upstream = { kind: 'unix', path: '/tmp/a.sock' } as const;
  it('keeps connections only where it is told to', () => {
    const kept = configuration({ port: 1, upstream, keepAlive: true, prefix: '/p' });
    assert.match(kept, /server unix:\/tmp\/a\.sock;\n {4}keepalive 64;/);
    assert.match(kept, /fastcgi_keep_conn on/);
    assert.doesNotMatch(configuration({ port: 1, upstream, keepAlive: false, prefix: '/p' }), /keep/);
  });
});

describe('severalOf', () => {
  it('has none where a command says itself where to listen', () => {
    const lack = severalOf({ name: 'x', command: 'x {address}', environment: {} }, 2);
    assert.ok('lacks' in lack);
  });
});
