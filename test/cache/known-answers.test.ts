import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KnownAnswers } from '../../src/cache/known-answers.ts';
import { makeRequest, type Request } from '../../src/server/request.ts';

const lasting = (isCurrent = true) => ({ isCurrent: () => isCurrent });

const BASE: Partial<Request> = { uri: '/a?b', query: 'b', host: 'h', accept: 'x' };

describe('known answers', () => {
  it('are found by everything that an answer depends on', () => {
    const others: Partial<Request>[] = [
      { uri: '/c?b' },
      { query: '' },
      { host: 'g' },
      { host: 'hx', accept: '' },
      { accept: 'y' },
      { iiifId: 'z' },
      { isHttps: true },
    ];
    const known = new KnownAnswers<ReturnType<typeof lasting>>();
    const entry = lasting();
    known.set(makeRequest(BASE), entry);
    assert.equal(known.get(makeRequest({ ...BASE, method: 'HEAD', remoteAddress: '::1' })), entry);
    for (const other of others) {
      assert.equal(known.get(makeRequest({ ...BASE, ...other })), undefined, JSON.stringify(other));
    }
  });

  it('are none for requests that would fill the memory', () => {
    const known = new KnownAnswers<ReturnType<typeof lasting>>();
    for (const [query, isKept] of [
      ['x'.repeat(2_000), true],
      ['x'.repeat(2_100), false],
    ] as const) {
      const request = makeRequest({ ...BASE, uri: `/a?${query}`, query });
      known.set(request, lasting());
      assert.equal(known.get(request) !== undefined, isKept, `${query.length}`);
    }
  });

  it('are forgotten when they do not hold any more', () => {
    const known = new KnownAnswers<ReturnType<typeof lasting>>();
    known.set(makeRequest(BASE), lasting(false));
    assert.equal(known.get(makeRequest(BASE)), undefined);
  });

  it('of one file can be forgotten', () => {
    const known = new KnownAnswers<{ isCurrent: () => boolean; path?: string }>();
    known.set(makeRequest(BASE), { ...lasting(), path: '/a' });
    known.set(makeRequest({ ...BASE, host: 'g' }), { ...lasting(), path: '/b' });
    known.set(makeRequest({ ...BASE, host: 'f' }), lasting());
    known.forget('/a');
    assert.equal(known.get(makeRequest(BASE)), undefined);
    assert.ok(known.get(makeRequest({ ...BASE, host: 'g' })));
    assert.ok(known.get(makeRequest({ ...BASE, host: 'f' })));
  });

  it('are none for a POST, and none after clear', () => {
    const known = new KnownAnswers<ReturnType<typeof lasting>>();
    known.set(makeRequest({ ...BASE, method: 'POST' }), lasting());
    assert.equal(known.get(makeRequest({ ...BASE, method: 'POST' })), undefined);
    known.set(makeRequest(BASE), lasting());
    known.clear();
    assert.equal(known.get(makeRequest(BASE)), undefined);
  });
});
