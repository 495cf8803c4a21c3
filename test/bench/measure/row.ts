/** What was measured: plain data, as `--json` prints it. */
import type { Spread } from '../statistics.ts';

/** One server under one pressure. */
export interface Measured {
  readonly requestsPerSecond: Spread;
  /** The same, round by round. */
  readonly rates: readonly number[];
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time of the server for one request, all its threads and processes. */
  readonly cpuMs: number;
  readonly peakMegabytes: number;
  /** Whether connections were kept: not with a server that serves one kept connection and lets the others wait. */
  readonly keepAlive: boolean;
  /** Processor time of programs that have nothing to do with it, in parts of one core. */
  readonly othersShare: number;
  /** Processor time of the load generator in parts of one core: at 1 it was the limit. */
  readonly generatorShare: number;
}

export interface Row {
  readonly suite: string;
  readonly group: string;
  readonly name: string;
  readonly clients: number;
  readonly keepAlive: boolean;
  /** Whether each round had a process that had just been started. */
  readonly cold?: boolean;
  readonly goal: number;
  /** Of one answer. */
  readonly megapixels: number;
  readonly ours: Measured | { readonly lacks: string };
  /** Absent without a peer. */
  readonly peer?: Measured | { readonly lacks: string };
  /** Requests a second, ours by the peer's, round by round. */
  readonly ratio?: Spread;
  /** Peak signal-to-noise ratio between both answers to one request: below 20 they show different things. */
  readonly likenessDb?: number;
}

export const isMeasured = (side: Row['peer']): side is Measured => side !== undefined && 'p50Ms' in side;

/** `undefined` without a ratio. */
export function isMet({ ratio, goal }: Row): boolean | undefined {
  return ratio === undefined ? undefined : ratio.median >= goal;
}

/** Whether the slowest in a hundred of ours wait no longer than the peer's; `undefined` without both. */
export function isTailMet({ ours, peer }: Row): boolean | undefined {
  return isMeasured(ours) && isMeasured(peer) ? ours.p99Ms <= peer.p99Ms : undefined;
}
