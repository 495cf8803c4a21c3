/** What the process that keeps workers and a worker say to each other. All of it is plain JSON. */
import type { Counts } from '../admin/readings.ts';
import type { Seat } from '../config/share.ts';
import type { PackedError } from '../render/messages.ts';

/** What a worker is started with. */
export interface WorkerSeat extends Seat {
  /** Descriptors of the listening sockets. */
  readonly fastcgi?: number;
  readonly http?: number;
  readonly backlog: number;
  readonly gallery: boolean;
}

export interface WorkerCounts extends Counts {
  /** Requests answered. */
  readonly served: number;
  readonly residentBytes: number;
}

/** Questions by their kind: what they need, and what answers them. */
export interface Questions {
  readonly counts: { readonly needs: object; readonly answer: WorkerCounts };
  readonly 'is-ready': { readonly needs: object; readonly answer: boolean };
  readonly purge: { readonly needs: { readonly id: string }; readonly answer: string };
  readonly 'purge-all': { readonly needs: object; readonly answer: null };
  readonly 'tiles-of': { readonly needs: { readonly id: string }; readonly answer: readonly string[] };
  readonly make: { readonly needs: { readonly uri: string }; readonly answer: number };
  /** A picture is to be opened anew. */
  readonly reopen: { readonly needs: { readonly path: string }; readonly answer: null };
}

export type Question = {
  [K in keyof Questions]: { readonly kind: K } & Questions[K]['needs'];
}[keyof Questions];

export type ToWorker =
  | { readonly kind: 'question'; readonly number: number; readonly question: Question }
  | { readonly kind: 'stop'; readonly graceMs: number };

export type FromWorker =
  | { readonly kind: 'listening' }
  | { readonly kind: 'answer'; readonly number: number; readonly answer: unknown }
  | { readonly kind: 'refusal'; readonly number: number; readonly error: PackedError }
  /** The pyramid of a picture has been made. */
  | { readonly kind: 'pyramid'; readonly path: string }
  /** Its last word. */
  | { readonly kind: 'stopped'; readonly outcome: 'drained' | 'cut-off'; readonly counts: WorkerCounts };
