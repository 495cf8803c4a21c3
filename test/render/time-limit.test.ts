import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isTimeOut } from '../../src/render/budgets.ts';
import { withinTime } from '../../src/render/time-limit.ts';

const FOREVER = new AbortController().signal;
const never = () => new Promise<never>(() => {});

describe('a time limit', () => {
  it('lets through what comes in time, good or bad', async () => {
    assert.equal(await withinTime(FOREVER, 1_000, () => Promise.resolve(7)), 7);
    await assert.rejects(
      withinTime(FOREVER, 1_000, () => Promise.reject(new Error('mine'))),
      /mine/,
    );
  });

  it('is none for what is done at once', () => {
    assert.equal(
      withinTime(FOREVER, 1_000, (signal) => (signal.aborted ? 0 : 7)),
      7,
    );
    assert.throws(
      () =>
        withinTime(FOREVER, 1_000, () => {
          throw new Error('mine');
        }),
      /mine/,
    );
    assert.equal(
      withinTime(AbortSignal.abort(), 1_000, (signal) => signal.aborted),
      true,
    );
  });

  it('ends what has no ear for the signal, and fires the signal', async () => {
    let signal: AbortSignal | undefined;
    const work = (given: AbortSignal) => ((signal = given), never());
    await assert.rejects(withinTime(FOREVER, 10, work), isTimeOut);
    assert.ok(isTimeOut(signal?.reason));
  });

  it('hands on that the caller has left, before or while it waits', async () => {
    for (const isBefore of [true, false]) {
      const stop = new AbortController();
      const work = (signal: AbortSignal) =>
        new Promise<never>((_resolve, reject) => {
          const leave = () => reject(signal.reason as Error);
          if (signal.aborted) leave();
          else signal.addEventListener('abort', leave);
        });
      if (isBefore) stop.abort();
      const result = withinTime(stop.signal, 10_000, work);
      stop.abort();
      await assert.rejects(result, { name: 'AbortError' });
    }
  });

  it('keeps no timer and no listener of what is done', async () => {
    const stop = new AbortController();
    let signal: AbortSignal | undefined;
    await withinTime(stop.signal, 5, (given) => ((signal = given), Promise.resolve()));
    stop.abort();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(signal?.aborted, false);
  });
});
