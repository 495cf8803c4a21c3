/** What the worker in odd-worker.ts does for a plan of this level; any other level is answered. */
export const ODD = { fail: 1, die: 2, throwLate: 3, untilCancelled: 4 } as const;
