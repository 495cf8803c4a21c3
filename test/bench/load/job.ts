/** What the load generator is told to do, and what it reports. Plain data: it crosses a process boundary. */
import type { AnswerKind } from './judge.ts';

export type Address =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

export interface LoadJob {
  readonly address: Address;
  /** Paths with query strings, asked for in a random order, again and again. */
  readonly uris: readonly string[];
  /** In the order of the list instead, shared by all clients. */
  readonly inOrder?: boolean;
  /** `by-uri`: a description or a picture, as each URI asks for. */
  readonly expects: AnswerKind | 'by-uri';
  /** Requests under way at any time. */
  readonly clients: number;
  /** One connection for each client; else one for each request, as web servers do by default. */
  readonly keepAlive: boolean;
  /** No request is begun later than this, … */
  readonly seconds: number;
  /** … unless fewer than so many have been. */
  readonly atLeast: number;
  readonly seed: number;
  /** Without any answer for so long, the run is broken off. */
  readonly patienceSeconds: number;
  /** Bodies that are given back, of the first requests. */
  readonly samples: number;
}

export interface Sample {
  readonly uri: string;
  readonly body: Uint8Array;
}

export interface LoadResult {
  /** Right answers. */
  readonly requests: number;
  /** From the first request to the last answer. */
  readonly seconds: number;
  /** Of every request, from before its connection to its last byte, ascending. */
  readonly latenciesMs: Float64Array;
  /** Wrong answers and broken connections: what, and how often. */
  readonly problems: ReadonlyMap<string, number>;
  readonly samples: readonly Sample[];
  /** Processor time of the generator itself. */
  readonly ownCpuSeconds: number;
}
