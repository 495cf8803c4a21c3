/** What the main thread and the rendering threads say to each other. All of it is plain, cloneable data. */
import { ServerError, type ErrorFacts, type ErrorKind } from '../errors.ts';
import type { StageTimes } from '../metrics/stage-clock.ts';
import type { PlanSource, RenderPlan } from './plan.ts';
import type { SampleQuery, SampleTable } from './samples.ts';
import type { Statistics } from './statistics.ts';

export type Task = { readonly cost: TaskCost } & (
  | { readonly kind: 'render'; readonly plan: RenderPlan }
  | { readonly kind: 'samples'; readonly query: SampleQuery }
  | { readonly kind: 'statistics'; readonly source: PlanSource }
);

/** What a task takes, estimated. */
export interface TaskCost {
  /** Memory at its worst moment. */
  readonly bytes: number;
  /** It may take long: tiles go before it. */
  readonly isExport: boolean;
  /** Its thread decodes in a process of its own. */
  readonly usesProcess?: boolean;
}

/** Words of the memory that the pool shares with a thread. */
export const CELL = {
  /** Id of the task that nobody waits for any more. */
  cancelled: 0,
  /** What the thread is at: see STAGE. */
  stage: 1,
} as const;

/** Only what goes wrong while a file is being read may be the file's fault. */
export const STAGE = { starting: 0, reading: 1, encoding: 2 } as const;

export type TaskResult = Uint8Array | SampleTable | Statistics;

/** A finished task. */
export interface TaskDone {
  readonly result: TaskResult;
  /** What it took; undefined for all but one of those who share it. */
  readonly stages?: StageTimes | undefined;
}

/** Tells a thread without work to end its processes and itself. Ended from outside, it would leave them to nobody. */
export const LEAVE = 'leave';

export interface TaskMessage {
  readonly id: number;
  readonly task: Task;
}

export type ResultMessage =
  | ({ readonly id: number; readonly kind: 'done' } & TaskDone)
  | { readonly id: number; readonly kind: 'aborted' }
  | { readonly id: number; readonly kind: 'failed'; readonly error: PackedError };

/** A `ServerError` (or any other error) that has to cross between threads. */
export interface PackedError {
  readonly kind: ErrorKind;
  readonly message: string;
  readonly facts: ErrorFacts;
  readonly iip?: string;
  /** Where it happened, for the log. */
  readonly stack?: string;
}

/** Packs anything that was thrown; what is not ours is `internal`, with its own text among the facts. */
export function packError(thrown: unknown): PackedError {
  const stack = thrown instanceof Error && thrown.stack !== undefined ? { stack: thrown.stack } : {};
  if (!(thrown instanceof ServerError)) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    return { kind: 'internal', message: 'internal server error', facts: { reason }, ...stack };
  }
  const cause = thrown.cause instanceof Error ? { reason: thrown.cause.message } : {};
  const iip = thrown.iip === undefined ? {} : { iip: thrown.iip };
  return {
    kind: thrown.kind,
    message: thrown.message,
    facts: { ...thrown.facts, ...cause },
    ...iip,
    ...stack,
  };
}

/** The error again, on the other side. */
export function unpackError(packed: PackedError): ServerError {
  const error = new ServerError(packed.kind, packed.message, {
    facts: packed.facts,
    ...(packed.iip === undefined ? {} : { iip: packed.iip }),
  });
  if (packed.stack !== undefined) error.stack = packed.stack;
  return error;
}
