/** What is free in the heaps of the C library is the system's again. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { collectNow } from '../src/idle-collection.ts';
import { giveBackAtRest } from '../src/native-memory.ts';
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

function fragment(): readonly Buffer[] {
  const blocks = Array.from({ length: BLOCKS }, () => Buffer.allocUnsafeSlow(BLOCK_BYTES).fill(1));
  return blocks.filter((_, index) => index % EVERY === 0);
}
