/** How the coding passes of a code-block are divided into codeword segments. */
import type { CodeBlockStyle } from '../core/types.ts';

/** Before the first pass that goes without the arithmetic coder there are ten (Table D.9). */
const PASSES_BEFORE_BYPASS = 10;

/** Coding passes from pass number `done` (of all, from 0) up to the end of the codeword segment that it is in. */
export function passesLeftInSegment(style: CodeBlockStyle, done: number): number {
  if (style.highThroughput) return done === 0 ? 1 : Infinity;
  if (style.terminateAll) return 1;
  if (!style.bypass) return Infinity;
  if (done < PASSES_BEFORE_BYPASS) return PASSES_BEFORE_BYPASS - done;
  // Significance propagation and refinement in one segment, cleanup in its own.
  return (done - PASSES_BEFORE_BYPASS) % 3 === 0 ? 2 : 1;
}
