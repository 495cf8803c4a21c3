/** The memory of a cache that all threads share, as plain handles that can be sent to a thread. */

/** Segments of one cache; each is used by itself, under a lock of its own. */
export interface SharedSegments {
  readonly segments: readonly SharedArrayBuffer[];
}

/** A segment is never larger, so that offsets fit into 31 bits. */
const MAX_SEGMENT_BYTES = 2 ** 30;

/** Less than this holds no picture worth keeping. */
const MIN_SEGMENT_BYTES = 4096;

/**
 * Segments of together `maxBytes` at most. The system gives them real memory as they fill.
 *
 * What cannot be had is left out: a cache that is smaller than wished is better than no server.
 */
export function allocateSegments(maxBytes: number, maxSegmentBytes = MAX_SEGMENT_BYTES): SharedSegments {
  const segments: SharedArrayBuffer[] = [];
  for (let left = maxBytes; left >= MIN_SEGMENT_BYTES; left -= maxSegmentBytes) {
    try {
      segments.push(new SharedArrayBuffer(Math.floor(Math.min(left, maxSegmentBytes) / 16) * 16));
    } catch (thrown) {
      if (thrown instanceof RangeError) break;
      throw thrown;
    }
  }
  return { segments };
}
