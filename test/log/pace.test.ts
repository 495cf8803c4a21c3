import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pace } from '../../src/log/pace.ts';

describe('work at a pace', () => {
  it('is done at once, and then together with what comes until it is time', async () => {
    let done = 0;
    const pace = new Pace(() => done++, 30);
    pace.soon();
    assert.equal(done, 1);
    for (let i = 0; i < 100; i++) pace.soon();
    assert.equal(done, 1);
    while (done < 2) await sleep(1);
    await sleep(60);
    assert.equal(done, 2);
    pace.soon();
    assert.equal(done, 3);
  });

  it('is not done after it was stopped', async () => {
    let done = 0;
    const pace = new Pace(() => done++, 10);
    pace.soon();
    pace.soon();
    pace.stop();
    await sleep(30);
    assert.equal(done, 1);
  });
});
