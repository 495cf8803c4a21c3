import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SingleFlight } from '../../src/cache/single-flight.ts';
import { isAbort } from '../../src/errors.ts';

/** Work that ends when the test says so. */
function controlled<T>() {
  let calls = 0;
  let signal: AbortSignal | undefined;
  const { promise, resolve, reject } = withResolvers<T>();
  const work = (given: AbortSignal): Promise<T> => {
    calls++;
    signal = given;
    return promise;
  };
  return { work, resolve, reject, calls: () => calls, isStopped: () => signal?.aborted === true };
}

function withResolvers<T>() {
  let resolve!: (value: T) => void;
  let reject!: (reason: Error) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

const FOREVER = new AbortController().signal;

describe('work that is done at once', () => {
  it('gives its value without a promise, and leaves nothing to join', () => {
    const flights = new SingleFlight<number>();
    let calls = 0;
    for (let i = 1; i <= 3; i++)
      assert.deepEqual(
        flights.run('a', FOREVER, () => ++calls),
        { value: i, isShared: false },
      );
    assert.equal(flights.size, 0);
    assert.throws(() => flights.run('a', AbortSignal.abort(), () => 1), isAbort);
    assert.throws(() =>
      flights.run('a', FOREVER, () => {
        throw new Error('no');
      }),
    );
    assert.equal(flights.size, 0);
  });
});

describe('equal work in flight', () => {
  it('is done once and shared', async () => {
    const flights = new SingleFlight<number>();
    const one = controlled<number>();
    const results = Promise.all([1, 2, 3].map(async () => flights.run('a', FOREVER, one.work)));
    one.resolve(7);
    assert.deepEqual(await results, [
      { value: 7, isShared: false },
      { value: 7, isShared: true },
      { value: 7, isShared: true },
    ]);
    assert.equal(one.calls(), 1);
    assert.equal(flights.size, 0);
  });

  it('is forgotten when it fails', async () => {
    const flights = new SingleFlight<number>();
    await assert.rejects(async () => flights.run('a', FOREVER, () => Promise.reject(new Error('no'))), /no/);
    assert.deepEqual(await flights.run('a', FOREVER, () => Promise.resolve(2)), {
      value: 2,
      isShared: false,
    });
  });

  it('lets one caller leave and goes on for the other', async () => {
    const flights = new SingleFlight<number>();
    const one = controlled<number>();
    const leaving = new AbortController();
    const left = flights.run('a', leaving.signal, one.work);
    const stayed = flights.run('a', FOREVER, one.work);
    leaving.abort();
    await assert.rejects(async () => left, isAbort);
    assert.equal(one.isStopped(), false);
    one.resolve(1);
    assert.equal((await stayed).value, 1);
  });

  it('is stopped when the last caller leaves, and started anew for the next', async () => {
    const flights = new SingleFlight<number>();
    const one = controlled<number>();
    const leaving = new AbortController();
    const left = flights.run('a', leaving.signal, one.work);
    leaving.abort();
    await assert.rejects(async () => left, isAbort);
    assert.equal(one.isStopped(), true);
    assert.deepEqual(await flights.run('a', FOREVER, () => Promise.resolve(3)), {
      value: 3,
      isShared: false,
    });
    one.reject(new Error('stopped'));
    assert.equal(flights.size, 0);
  });

  it('is not begun for a caller who has left already', async () => {
    const flights = new SingleFlight<number>();
    const one = controlled<number>();
    await assert.rejects(async () => flights.run('a', AbortSignal.abort(), one.work), isAbort);
    assert.equal(one.calls(), 0);
  });

  it('hears why the last one left', async () => {
    const flights = new SingleFlight<number>();
    let given: AbortSignal | undefined;
    const stop = new AbortController();
    const flight = flights.run('a', stop.signal, (signal) => ((given = signal), new Promise(() => {})));
    const reason = new Error('the time is over');
    stop.abort(reason);
    await assert.rejects(async () => flight, reason);
    assert.equal(given?.reason, reason);
  });
});
