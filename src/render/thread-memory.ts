/** What V8 may take in threads of ours. */
import type { ResourceLimits } from 'node:worker_threads';

/**
 * Megabytes for what is young, three times the size that is collected at a time. V8's own limit, 48 for each thread, is
 * reached by typed arrays of pixels, of which hardly one lives long: a heap that fits a core's cache is as fast.
 */
const YOUNG_MEGABYTES = 12;

export const THREAD_LIMITS: ResourceLimits = { maxYoungGenerationSizeMb: YOUNG_MEGABYTES };
