import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { collectNow } from '../src/idle-collection.ts';
import { giveBackAtRest, limitNativeMemory, type MemoryHabits } from '../src/native-memory.ts';
import { memoryLog } from './support/log.ts';
import { waitFor } from './support/daemon.ts';

const BLOCKS = 4_000;
const BLOCK_BYTES = 40_000;

/** Of those that are held while the others are freed: no heap ends with free blocks only. */
const EVERY = 40;

const residentMegabytes = (): number => process.memoryUsage.rss() / 2 ** 20;

const isGlibc = (process.report.getReport() as { header: Record<string, unknown> }).header['glibcVersionRuntime'] !== undefined; // prettier-ignore

describe('memory', { skip: isGlibc ? false : 'the C library is not glibc' }, () => {
  it('that was freed between blocks in use is given back at rest, with a log that stays empty', async () => {
    const held = fragment();
    const before = residentMegabytes();
    const log = memoryLog();
    giveBackAtRest(() => 1, log, 50);
    await waitFor(() => {
      collectNow();
      return residentMegabytes() < before - 50;
    }, 'the process is smaller');
    assert.equal(held.length, BLOCKS / EVERY);
    assert.deepEqual(log.lines, []);
  });
});

/** What glibc is told, by parameter. */
function toldFor(habits: MemoryHabits): Record<number, number> {
  const told: Record<number, number> = {};
  limitNativeMemory(
    { mallopt: (parameter, value) => void (told[parameter] = value), trim: () => undefined },
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

function fragment(): readonly Buffer[] {
  const blocks = Array.from({ length: BLOCKS }, () => Buffer.allocUnsafeSlow(BLOCK_BYTES).fill(1));
  return blocks.filter((_, index) => index % EVERY === 0);
}
