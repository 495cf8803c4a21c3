import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServerError } from '../../src/errors.ts';
import { guarded } from '../../src/server/guard.ts';
import { makeRequest } from '../../src/server/request.ts';
import type { Respond } from '../../src/server/response.ts';
import { memoryLog } from '../support/log.ts';
import { textResponse } from './fastcgi/support.ts';

const REQUEST = makeRequest({ uri: '/' });
const { signal } = new AbortController();

describe('guarded', () => {
  it('hands answers on as they are, without a promise where there was none', async () => {
    const answer = textResponse('x');
    assert.equal(guarded(() => answer, memoryLog())(REQUEST, signal), answer);
    assert.equal(await guarded(() => Promise.resolve(answer), memoryLog())(REQUEST, signal), answer);
  });

  const failing: [string, Respond][] = [
    ['throws', () => { throw new Error('/etc/secret') }], // prettier-ignore
    ['rejects', () => Promise.reject(new Error('/etc/secret'))],
  ];
  for (const [name, respond] of failing) {
    it(`logs what ${name} and answers 500 without a word of it`, async () => {
      const log = memoryLog();
      const { status, body } = await guarded(respond, log)(REQUEST, signal);
      assert.equal(status, 500);
      assert.doesNotMatch(Buffer.from(body).toString(), /secret/);
      assert.match(String(log.lines[0]?.fields['err']), /secret/);
      assert.equal(log.lines.length, 1);
    });
  }

  it('answers an error of ours with its own status', async () => {
    const respond: Respond = () => Promise.reject(new ServerError('overloaded', 'too much to do'));
    const { status, headers, body } = await guarded(respond, memoryLog())(REQUEST, signal);
    assert.equal(status, 503);
    assert.equal(Buffer.from(body).toString(), 'too much to do\n');
    assert.deepEqual(headers, [
      ['Content-Type', 'text/plain; charset=utf-8'],
      ['Content-Length', '15'],
    ]);
  });
});
