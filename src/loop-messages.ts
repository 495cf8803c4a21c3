/** What the main thread and the other threads that listen say to each other. All of it is plain, cloneable data. */
import type { Forgotten, SharedParts } from './answering.ts';
import type { FileIdentity } from './image/source.ts';
import type { Task } from './render/messages.ts';
import type { RemoteOutcome } from './render/remote-tasks.ts';

/** Descriptors of listening sockets, which belong to all threads. */
export interface LoopDoors {
  readonly fastcgi?: number;
  readonly http?: number;
  readonly backlog: number;
  /** What the page of HTTP lists; undefined: nothing. */
  readonly imageNames: readonly string[] | undefined;
}

/** What a listening thread is started with. */
export interface LoopSeat {
  readonly shared: SharedParts;
  /** Its number in shared memory. */
  readonly thread: number;
  readonly doors: LoopDoors;
  /** Requests answered by all such threads: one cell. */
  readonly served: Int32Array;
}

export type ToLoop =
  | { readonly kind: 'result'; readonly id: number; readonly outcome: RemoteOutcome }
  | { readonly kind: 'empty' }
  | { readonly kind: 'forget'; readonly id: number; readonly path: string; readonly what: Forgotten }
  /** Leaves new connections to the others, or takes them again. */
  | { readonly kind: 'rest' }
  | { readonly kind: 'listen' }
  | { readonly kind: 'stop'; readonly graceMs: number };

export type FromLoop =
  | { readonly kind: 'listening' }
  | { readonly kind: 'task'; readonly id: number; readonly task: Task }
  /** Nobody waits for a task any more. */
  | { readonly kind: 'cancel'; readonly id: number; readonly isTimeOut: boolean }
  /** Whole log lines. */
  | { readonly kind: 'log'; readonly lines: string; readonly isUrgent: boolean }
  | { readonly kind: 'emptied' }
  | { readonly kind: 'forgotten'; readonly id: number }
  | { readonly kind: 'want-pyramid'; readonly path: string; readonly identity: FileIdentity }
  /** Takes no more connections. */
  | { readonly kind: 'closed' }
  | { readonly kind: 'stopped'; readonly outcome: 'drained' | 'cut-off' };
