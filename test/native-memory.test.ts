import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { limitNativeMemory, type MemoryHabits } from '../src/native-memory.ts';

/** What glibc is told, by parameter. */
function toldFor(habits: MemoryHabits): Record<number, number> {
  const told: Record<number, number> = {};
  limitNativeMemory(
    { mallopt: (parameter, value) => (told[parameter] = value), trim: () => undefined },
    habits,
  );
  return told;
}

describe('limitNativeMemory', () => {
  it('allows a heap for each thread that computes, and two at least', () => {
    assert.deepEqual(toldFor({ threads: 6, spares: false }), { [-8]: 6 });
    assert.deepEqual(toldFor({ threads: 1, spares: false }), { [-8]: 2 });
  });

  it('has free memory given back where it is to be spared', () => {
    assert.deepEqual(toldFor({ threads: 2, spares: true }), { [-8]: 2, [-3]: 262_144, [-1]: 1_048_576 });
  });
});
