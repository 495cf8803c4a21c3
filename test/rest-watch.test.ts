import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RestWatch } from '../src/rest-watch.ts';

const looksOf = (counts: readonly number[]): readonly boolean[] => {
  const watch = new RestWatch();
  return counts.map((count) => watch.look(count));
};

describe('a server gives memory back', () => {
  it('when nobody has asked since the last look, and once more', () => {
    const looks = [0, 5, 5, 5, 5, 5, 6, 6, 7, 7, 7, 7];
    const isGiven = [false, false, true, true, false, false, false, true, false, true, true, false];
    assert.deepEqual(looksOf(looks), isGiven);
  });

  it('not before anything was asked', () => {
    assert.deepEqual(looksOf([0, 0, 0]), [false, false, false]);
  });

  it('at every twentieth look while requests come', () => {
    const done = looksOf(Array.from({ length: 60 }, (_, look) => look + 1));
    assert.deepEqual(
      done.flatMap((isDone, look) => (isDone ? [look + 1] : [])),
      [20, 40, 60],
    );
  });
});
