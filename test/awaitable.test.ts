import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { after, rescued, type Awaitable } from '../src/awaitable.ts';

const refuse = (): never => {
  throw new Error('no');
};

describe('what comes after a value', () => {
  it('is there at once when the value is, and whatever it throws', () => {
    assert.equal(
      after(2, (value) => value + 1),
      3,
    );
    assert.throws(() => after(2, refuse), /no/);
    assert.equal(
      after(undefined, (value) => value === undefined),
      true,
    );
  });

  it('waits when the value has to be waited for, or what follows has', async () => {
    const later: Awaitable<number> = Promise.resolve(2);
    assert.equal(await after(later, (value) => value + 1), 3);
    assert.equal(await after(2, (value) => Promise.resolve(value + 1)), 3);
    assert.equal(await after(later, (value) => Promise.resolve(value + 1)), 3);
    await assert.rejects(async () => after(later, refuse), /no/);
    await assert.rejects(async () => after(Promise.reject(new Error('before')), () => 1), /before/);
  });
});

describe('work with a way out', () => {
  it('that goes well never takes it', async () => {
    assert.equal(
      rescued(() => 1, refuse),
      1,
    );
    assert.equal(await rescued(() => Promise.resolve(1), refuse), 1);
  });

  it('takes it when it fails, at once or later', async () => {
    const message = (thrown: unknown): string => (thrown as Error).message;
    assert.equal(
      rescued<string>(() => refuse(), message),
      'no',
    );
    assert.equal(await rescued<string>(() => Promise.reject(new Error('late')), message), 'late');
    assert.equal(
      await rescued<string>(
        () => refuse(),
        (thrown) => Promise.resolve(message(thrown)),
      ),
      'no',
    );
  });

  it('fails as the way out does', async () => {
    const another = (): never => {
      throw new Error('another');
    };
    assert.throws(() => rescued<number>(refuse, another), /another/);
    await assert.rejects(
      async () => rescued<number>(() => Promise.reject(new Error('late')), another),
      /another/,
    );
  });
});
