/** What remote reading has done so far in this thread: plain numbers, for whoever wants to look. */

export interface SourceCounters {
  /** Requests sent, repeated ones included. */
  requests: number;
  /** Of them those that were tried again. */
  retries: number;
  /** Reads that failed for good because of the storage. */
  failures: number;
  /** Bytes of objects received. */
  bytes: number;
  /** Blocks found in the cache, and not found. */
  hits: number;
  misses: number;
}

export function zeroCounters(): SourceCounters {
  return { requests: 0, retries: 0, failures: 0, bytes: 0, hits: 0, misses: 0 };
}
