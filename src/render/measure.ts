/** Has values of files read and counted where tasks go: in rendering threads. */
import { samplesCost, statisticsCost } from './cost.ts';
import type { DoubtfulFiles } from './doubtful-files.ts';
import type { Task, TaskDone } from './messages.ts';
import type { PlanSource } from './plan.ts';
import type { ReadSamples, SampleTable } from './samples.ts';
import type { ReadStatistics, Statistics } from './statistics.ts';
import type { TaskRunner } from './tasks.ts';

export interface MeasureParts {
  readonly tasks: TaskRunner;
  readonly doubtful: Pick<DoubtfulFiles, 'attempt'>;
  /** Is told what a task took. @returns its result. */
  readonly noted: (done: TaskDone) => TaskDone['result'];
}

export interface Measuring {
  readonly readSamples: ReadSamples;
  readonly readStatistics: ReadStatistics;
}

export function measuring({ tasks, doubtful, noted }: MeasureParts): Measuring {
  const run = async (source: PlanSource, signal: AbortSignal, task: Task): Promise<TaskDone['result']> =>
    noted(await doubtful.attempt(source, signal, () => tasks.run(task, signal)));
  return {
    readSamples: async (query, signal) => {
      const task: Task = { kind: 'samples', query, cost: samplesCost(query) };
      const [first] = query.sources;
      const result = await (first === undefined
        ? tasks.run(task, signal).then(noted)
        : run(first, signal, task));
      return result as SampleTable;
    },
    readStatistics: async (source, signal) =>
      (await run(source, signal, { kind: 'statistics', source, cost: statisticsCost() })) as Statistics,
  };
}
