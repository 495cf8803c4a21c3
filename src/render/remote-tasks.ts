/** Tasks of a thread that listens, which the main thread runs for it. */
import { isTimeOut } from './budgets.ts';
import { unpackError, type PackedError, type Task, type TaskDone } from './messages.ts';
import type { TaskRunner } from './tasks.ts';

export interface TaskLine {
  start(id: number, task: Task): void;
  /** Nobody waits for it any more: those who did have left, or its time is over. */
  cancel(id: number, isTimeOut: boolean): void;
}

interface Waiting {
  readonly resolve: (done: TaskDone) => void;
  readonly reject: (reason: Error) => void;
}

export class RemoteTasks implements TaskRunner {
  readonly #line: TaskLine;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  constructor(line: TaskLine) {
    this.#line = line;
  }

  run(task: Task, signal: AbortSignal): Promise<TaskDone> {
    signal.throwIfAborted();
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(id);
        this.#line.cancel(id, isTimeOut(signal.reason));
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', leave, { once: true });
      const settle = (): void => signal.removeEventListener('abort', leave);
      this.#waiting.set(id, {
        resolve: (done) => (settle(), resolve(done)),
        reject: (reason) => (settle(), reject(reason)),
      });
      this.#line.start(id, task);
    });
  }

  /** Ends a task; one that nobody waits for any more is passed over. */
  finish(id: number, outcome: RemoteOutcome): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    if (outcome.kind === 'done') waiting.resolve({ result: outcome.result, stages: outcome.stages });
    else if (outcome.kind === 'failed') waiting.reject(unpackError(outcome.error));
    else waiting.reject(new DOMException('the task was stopped', 'AbortError'));
  }
}

export type RemoteOutcome =
  | ({ readonly kind: 'done' } & TaskDone)
  | { readonly kind: 'failed'; readonly error: PackedError }
  | { readonly kind: 'aborted' };
