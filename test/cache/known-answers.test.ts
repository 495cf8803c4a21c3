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

  it('are forgotten when they do not hold any more', () => {
    const known = new KnownAnswers<ReturnType<typeof lasting>>();
    known.set(makeRequest(BASE), lasting(false));
    assert.equal(known.get(makeRequest(BASE)), undefined);
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
