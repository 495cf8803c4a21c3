import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SpareControllers } from '../src/spare-controllers.ts';

describe('SpareControllers', () => {
  it('gives out what came back, and never the same twice', () => {
    const spare = new SpareControllers();
    const first = spare.take();
    assert.notEqual(spare.take(), first);
    spare.giveBack(first);
    assert.equal(spare.take(), first);
    assert.notEqual(spare.take(), first);
  });

  it('does not give out one that has fired', () => {
    const spare = new SpareControllers();
    const fired = spare.take();
    fired.abort();
    spare.giveBack(fired);
    assert.notEqual(spare.take(), fired);
  });

  it('does not give out one that is still listened to', () => {
    const spare = new SpareControllers();
    const heard = spare.take();
    const listener = (): void => undefined;
    heard.signal.addEventListener('abort', listener);
    spare.giveBack(heard);
    assert.notEqual(spare.take(), heard);
    heard.signal.removeEventListener('abort', listener);
    spare.giveBack(heard);
    assert.equal(spare.take(), heard);
  });

  it('keeps no more than it may need', () => {
    const spare = new SpareControllers();
    const many = Array.from({ length: 100 }, () => spare.take());
    for (const controller of many) spare.giveBack(controller);
    assert.equal(
      Array.from({ length: 100 }, () => spare.take()).filter((one) => many.includes(one)).length,
      64,
    );
  });
});
