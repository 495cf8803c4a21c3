import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sharingTasks } from '../../src/cache/shared-tasks.ts';
import type { Task } from '../../src/render/messages.ts';
import { renderPlan } from '../support/plans.ts';

const stages = { open: 0, read: 1, decode: 2, process: 3, encode: 4 };
const TASK: Task = { kind: 'render', cost: { bytes: 0, isExport: false }, plan: renderPlan() };

describe('equal tasks of several threads', () => {
  it('are done once, and only who came first is told what that took', async () => {
    let runs = 0;
    const tasks = sharingTasks({
      run: async () => Promise.resolve({ result: Uint8Array.of(++runs), stages }),
    });
    const { signal } = new AbortController();
    const [first, second] = await Promise.all([tasks.run(TASK, signal), tasks.run(TASK, signal)]);
    assert.deepEqual(first, { result: Uint8Array.of(1), stages });
    assert.deepEqual(second, { result: Uint8Array.of(1) });
    assert.deepEqual(await tasks.run(TASK, signal), { result: Uint8Array.of(2), stages });
  });
});
