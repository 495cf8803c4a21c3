import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { countRequests, stopServers } from '../../src/server/lifecycle.ts';
import type { Stoppable } from '../../src/server/lifecycle.ts';
import { makeRequest } from '../../src/server/request.ts';
import { deferred, textResponse } from './fastcgi/support.ts';

/** Drains when told so, or when destroyed. */
function stoppable(): Stoppable & { readonly finish: () => void; readonly calls: string[] } {
  const { promise, resolve } = deferred<undefined>();
  const calls: string[] = [];
  return {
    calls,
    finish: () => resolve(undefined),
    drain() {
      calls.push('drain');
      return promise;
    },
    destroy() {
      calls.push('destroy');
      resolve(undefined);
    },
  };
}

describe('stopServers', () => {
  it('waits until all are drained', async () => {
    const servers = [stoppable(), stoppable()];
    const stopped = stopServers(servers, 60_000);
    for (const server of servers) server.finish();
    assert.equal(await stopped, 'drained');
    assert.deepEqual(
      servers.map(({ calls }) => calls),
      [['drain'], ['drain']],
    );
  });

  it('breaks off what is not drained in time', async () => {
    const servers = [stoppable(), stoppable()];
    servers[0]?.finish();
    assert.equal(await stopServers(servers, 5), 'cut-off');
    assert.deepEqual(servers[1]?.calls, ['drain', 'destroy']);
  });

  it('is done at once without servers', async () => {
    assert.equal(await stopServers([], 60_000), 'drained');
  });
});

describe('countRequests', () => {
  it('counts requests and hands everything on', () => {
    const request = makeRequest({ uri: '/' });
    const { signal } = new AbortController();
    const answer = textResponse('x');
    const counted = countRequests((...given) => {
      assert.deepEqual(given, [request, signal]);
      return answer;
    });
    assert.equal(counted.served, 0);
    assert.equal(counted.respond(request, signal), answer);
    void counted.respond(request, signal);
    assert.equal(counted.served, 2);
  });
});
