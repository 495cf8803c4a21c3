import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Polling } from '../../src/server/polling.ts';

function polling() {
  const clock = { ms: 1000 };
  return { clock, made: new Polling(() => clock.ms) };
}

describe('polling', () => {
  it('begins when answers follow each other quickly, and stops as soon as none does', async () => {
    const { clock, made } = polling();
    made.goOn();
    assert.equal(made.isPolling, false, 'one answer says nothing');
    clock.ms += 0.2;
    made.goOn();
    assert.equal(made.isPolling, true);
    await turn();
    await turn();
    assert.equal(made.isPolling, true);
    clock.ms += 0.6;
    await turn();
    await turn();
    assert.equal(made.isPolling, false);
  });

  it('never begins for answers that are far apart', () => {
    const { clock, made } = polling();
    for (let answers = 0; answers < 5; answers++) {
      clock.ms += 1;
      made.goOn();
    }
    assert.equal(made.isPolling, false);
  });
});

describe('spare time', () => {
  it('is what goes by awake without an answer', async () => {
    const clock = { ms: 1000 };
    const spareMs = new Float64Array(1);
    const made = new Polling(() => clock.ms, spareMs);
    made.goOn();
    made.goOn();
    clock.ms += 0.25;
    await turn();
    await turn();
    assert.equal(spareMs[0], 0.25);
    clock.ms += 0.125;
    made.goOn();
    await turn();
    await turn();
    assert.equal(spareMs[0], 0.25, 'a turn with an answer was work');
    clock.ms += 1; // Else it would look for ever.
    await turn();
    assert.equal(made.isPolling, false);
  });
});
