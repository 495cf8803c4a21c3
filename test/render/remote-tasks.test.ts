import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isAbort, ServerError } from '../../src/errors.ts';
import { isTimeOut, overBudget } from '../../src/render/budgets.ts';
import { packError, type Task } from '../../src/render/messages.ts';
import { RemoteTasks } from '../../src/render/remote-tasks.ts';
import { renderPlan } from '../support/plans.ts';

const TIMES = { open: 0, read: 1, decode: 2, process: 3, encode: 4 };
const TASK: Task = { kind: 'render', cost: { bytes: 0, isExport: false }, plan: renderPlan() };

function remote() {
  const said: string[] = [];
  const tasks = new RemoteTasks({
    start: (id) => said.push(`start ${id}`),
    cancel: (id, isTimeOut) => said.push(`cancel ${id}${isTimeOut ? ': time' : ''}`),
  });
  return { tasks, said };
}

describe('tasks that another thread runs', () => {
  it('end with what came of each, in any order', async () => {
    const { tasks, said } = remote();
    const { signal } = new AbortController();
    const results = [1, 2, 3].map(() => tasks.run(TASK, signal));
    tasks.finish(3, { kind: 'aborted' });
    tasks.finish(2, { kind: 'failed', error: packError(new ServerError('damaged', 'broken')) });
    tasks.finish(1, { kind: 'done', result: Uint8Array.of(7), stages: TIMES });
    assert.deepEqual(await results[0], { result: Uint8Array.of(7), stages: TIMES });
    await assert.rejects(results[1]!, /broken/);
    await assert.rejects(results[2]!, isAbort);
    assert.deepEqual(said, ['start 1', 'start 2', 'start 3']);
  });

  it('tell when they are given up because the time is over', async () => {
    const { tasks, said } = remote();
    const stop = new AbortController();
    const result = tasks.run(TASK, stop.signal);
    stop.abort(overBudget('time'));
    await assert.rejects(result, isTimeOut);
    assert.deepEqual(said, ['start 1', 'cancel 1: time']);
  });

  it('are given up when nobody waits', async () => {
    const { tasks, said } = remote();
    const stop = new AbortController();
    const result = tasks.run(TASK, stop.signal);
    stop.abort();
    await assert.rejects(result, isAbort);
    tasks.finish(1, { kind: 'done', result: Uint8Array.of(7) });
    assert.deepEqual(said, ['start 1', 'cancel 1']);
  });
});
