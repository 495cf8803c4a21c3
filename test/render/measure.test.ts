import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { measuring } from '../../src/render/measure.ts';
import type { Task, TaskDone } from '../../src/render/messages.ts';
import type { PlanSource } from '../../src/render/plan.ts';
import { renderPlan } from '../support/plans.ts';

const { signal } = new AbortController();
const { source } = renderPlan({});
const window = { x: 0, y: 0, width: 2, height: 1 };

/** What was run, and for which files it was attempted. */
function recorded() {
  const tasks: Task[] = [];
  const attempts: string[] = [];
  const measured = measuring({
    tasks: {
      run: (task) => {
        tasks.push(task);
        return Promise.resolve({ result: { of: task.kind } } as unknown as TaskDone);
      },
    },
    doubtful: {
      attempt: <T>({ path }: Pick<PlanSource, 'path'>, _signal: AbortSignal, work: () => Promise<T>) => {
        attempts.push(path);
        return work();
      },
    },
    noted: ({ result }) => result,
  });
  return { ...measured, tasks, attempts };
}

describe('values of files', () => {
  it('are read and counted as tasks, each an attempt at its file', async () => {
    const { readSamples, readStatistics, tasks, attempts } = recorded();
    const sources = [{ ...source, path: '/a.tif', name: '0', scale: 1 }];
    assert.deepEqual(await readSamples({ level: 0, window, sources }, signal), { of: 'samples' });
    assert.deepEqual(await readStatistics({ ...source, path: '/b.tif' }, signal), { of: 'statistics' });
    assert.deepEqual(attempts, ['/a.tif', '/b.tif']);
    assert.deepEqual(
      tasks.map(({ kind }) => kind),
      ['samples', 'statistics'],
    );
  });

  it('of no file are a task, too', async () => {
    const { readSamples, attempts } = recorded();
    assert.deepEqual(await readSamples({ level: 0, window, sources: [] }, signal), { of: 'samples' });
    assert.deepEqual(attempts, []);
  });
});
