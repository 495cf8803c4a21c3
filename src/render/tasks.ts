/** Where work goes that takes too long for a thread that listens. */
import type { Task, TaskDone } from './messages.ts';

export interface TaskRunner {
  /**
   * Runs one task.
   *
   * @throws {ServerError} what the task threw; `overloaded`; `internal` when its thread died. `AbortError` when
   * `signal` fired. All of it may be thrown or rejected.
   */
  run(task: Task, signal: AbortSignal): Promise<TaskDone>;
}
