/** Has glibc, from which Node.js and native code have their memory, keep less of it. */
import type { Log } from './log.ts';

/** What is called of malloc.h. */
export interface Allocator {
  /** Sets one of the parameters below. */
  readonly mallopt: (parameter: number, value: number) => number;
  /** Gives free pages of all heaps back to the system; takes some milliseconds, in another thread. */
  readonly trim: () => void;
}

export interface MemoryHabits {
  /** Threads that compute, of all kinds: as many heaps are enough. */
  readonly threads: number;
  /** SPARE_MEMORY: what is freed is to be the system's again, although that costs time. */
  readonly spares: boolean;
}

/** malloc.h of glibc. */
const M_TRIM_THRESHOLD = -1;
const M_MMAP_THRESHOLD = -3;
const M_ARENA_MAX = -8;

/** Larger blocks are the system's again as soon as they are freed; that costs them page faults, smaller ones nothing. */
const MMAP_BYTES = 2 ** 18;

/** Free bytes that a heap keeps at its end. */
const TRIM_BYTES = 2 ** 20;

const MIN_HEAPS = 2;

/** A request that is there already is answered first. */
const DELAY_MS = 250;

/** How often free pages in the middle of heaps are given back, too. */
const TRIM_MS = 10_000;

/** In a while; where there is no glibc, or no koffi to call it, things stay as they are. */
export function limitNativeMemorySoon(habits: MemoryHabits, log: Log): void {
  setTimeout(() => {
    loadAllocator().then(
      (allocator) => limitNativeMemory(allocator, habits),
      (err: unknown) => log.debug({ err }, 'the C library keeps memory as it likes'),
    );
  }, DELAY_MS).unref();
}

/**
 * Every thread that ever allocates has a heap of its own in glibc, eight for each core, and each keeps what its busiest
 * moment took: threads share some instead. glibc also learns from the largest block that is ever freed how much to keep
 * for later, which after a few large pictures is some 60 MB a heap: where memory is short, it keeps nothing.
 */
export function limitNativeMemory({ mallopt, trim }: Allocator, { threads, spares }: MemoryHabits): void {
  mallopt(M_ARENA_MAX, Math.max(MIN_HEAPS, threads));
  if (!spares) return;
  mallopt(M_MMAP_THRESHOLD, MMAP_BYTES);
  mallopt(M_TRIM_THRESHOLD, TRIM_BYTES);
  setInterval(trim, TRIM_MS).unref();
}

/** @throws Error when the library is another one. */
async function loadAllocator(): Promise<Allocator> {
  const { default: koffi } = await import('koffi');
  const library = koffi.load('libc.so.6');
  const mallopt = library.func('int mallopt(int name, int value)');
  const trim = library.func('int malloc_trim(size_t pad)');
  return {
    mallopt: (parameter, value) => mallopt(parameter, value) as number,
    trim: () => void trim.async(0, () => undefined),
  };
}
