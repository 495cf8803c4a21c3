import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BackOff } from '../../src/workers/back-off.ts';

describe('the pause before something is started again', () => {
  it('doubles up to half a minute, and is short again for what has lived', () => {
    const backOff = new BackOff();
    const waits = Array.from({ length: 11 }, () => backOff.wait(5));
    assert.deepEqual(waits.slice(0, 4), [100, 200, 400, 800]);
    assert.deepEqual(waits.slice(-2), [30_000, 30_000]);
    assert.equal(backOff.wait(11_000), 100);
    assert.equal(backOff.wait(5), 200);
  });
});
