/**
 * Has the C library give memory back to the system, where memory is short (SPARE_MEMORY). glibc learns from the largest block that is ever freed how much to
 * keep for later, in the heap of every thread: after a few large pictures that is some 60 MB for each.
 */
import type { Log } from './log.ts';

/** malloc.h of glibc. */
const M_TRIM_THRESHOLD = -1;
const M_MMAP_THRESHOLD = -3;
const M_ARENA_MAX = -8;

/** Larger blocks are the system's again as soon as they are freed; that costs them page faults, smaller ones nothing. */
const MMAP_BYTES = 2 ** 18;

/** Free bytes that a heap keeps at its end. */
const TRIM_BYTES = 2 ** 20;

/** That all threads share: those that were there before it is set stay. */
const MAX_HEAPS = 4;

/** A request that is there already is answered first. */
const DELAY_MS = 250;

/** How often free pages in the middle of heaps are given back, too. */
const TRIM_MS = 10_000;

/** In a while; where there is no glibc, or no koffi to call it, things stay as they are. */
export function limitFreeMemorySoon(log: Log): void {
  setTimeout(() => {
    limitFreeMemory().catch((err: unknown) => log.debug({ err }, 'the C library keeps memory as it likes'));
  }, DELAY_MS).unref();
}

/** @throws Error when the library is another one. */
async function limitFreeMemory(): Promise<void> {
  const { default: koffi } = await import('koffi');
  const library = koffi.load('libc.so.6');
  const mallopt = library.func('int mallopt(int name, int value)');
  const trim = library.func('int malloc_trim(size_t pad)');
  mallopt(M_MMAP_THRESHOLD, MMAP_BYTES);
  mallopt(M_TRIM_THRESHOLD, TRIM_BYTES);
  mallopt(M_ARENA_MAX, MAX_HEAPS);
  // Beside the event loop, as that takes some milliseconds.
  setInterval(() => {
    trim.async(0, () => undefined);
  }, TRIM_MS).unref();
}
