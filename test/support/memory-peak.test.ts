import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { MemoryPeak } from './memory-peak.ts';
import { PROC_MISSING } from './proc.ts';
import { scopeOf } from './scope.ts';

const MEGABYTES = 300;
/** Node.js itself, and what this process may take meanwhile. */
const BESIDE = 200;

/** Takes memory, says so, and waits to be ended. */
const PROGRAM = `
  const taken = Buffer.alloc(${MEGABYTES} * 2 ** 20, 1);
  process.stdout.write('taken');
  setInterval(() => taken.length, 1000);
`;

describe('MemoryPeak', { skip: PROC_MISSING }, () => {
  it('counts what a child took, also when it has ended, and forgets it when told to', async (test) => {
    const peak = new MemoryPeak();
    scopeOf(test).defer(() => peak.stop());
    peak.reset();
    const before = peak.megabytes;
    const child = spawn(process.execPath, ['-e', PROGRAM], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    const during = peak.megabytes;
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.ok(during > before + MEGABYTES, `${before}, then ${during} MB`);
    assert.ok(during < before + MEGABYTES + BESIDE, `${before}, then ${during} MB`);
    assert.ok(peak.megabytes >= during);
    peak.reset();
    assert.ok(peak.megabytes < during - MEGABYTES, `${peak.megabytes} MB`);
  });
});
