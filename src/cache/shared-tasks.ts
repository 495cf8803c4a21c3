/** Equal pictures that several threads ask for at once are made once: a wrapper round the pool, in the main thread. */
import { planKey } from '../render/plan.ts';
import type { TaskDone } from '../render/messages.ts';
import type { TaskRunner } from '../render/tasks.ts';
import { SingleFlight } from './single-flight.ts';

export function sharingTasks(tasks: TaskRunner): TaskRunner {
  const flights = new SingleFlight<TaskDone>();
  return {
    run: async (task, signal) => {
      if (task.kind !== 'render') return tasks.run(task, signal);
      const work = async (shared: AbortSignal): Promise<TaskDone> => tasks.run(task, shared);
      const { value, isShared } = await flights.run(planKey(task.plan), signal, work);
      // Who joined did nothing of it.
      return isShared ? { result: value.result } : value;
    },
  };
}
