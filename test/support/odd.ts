/** What the worker in odd-worker.ts does for a plan of this level; any other level is answered. */
export const ODD = {
  fail: 1,
  die: 2,
  throwLate: 3,
  untilCancelled: 4,
  /** Never comes back, whatever anybody wants. */
  stuck: 5,
  /** Likewise, but when it is done with the file. */
  stuckEncoding: 6,
  /** Its decoding process has died. */
  childDied: 13,
  /** Answers the number of its thread. */
  number: 50,
  /** Takes more than a second. */
  slow: 29,
} as const;
