/**
 * Has the C library keep less memory. glibc keeps what was freed in the heap of every thread: between blocks that are in
 * use, and, learning from the largest block that is ever freed, at the end. After some thousand pictures of all kinds that
 * is 130 to 180 MB. Where memory is short (SPARE_MEMORY) it is given back all the time, elsewhere when nobody asks for
 * anything, and now and then.
 */
import type { Log } from './log.ts';
import { RestWatch } from './rest-watch.ts';

/** What is called of malloc.h. */
export interface Allocator {
  /** Sets one of the parameters below. */
  readonly mallopt: (parameter: number, value: number) => void;
  /** Gives free pages of all heaps back to the system, beside the event loop, as that takes some milliseconds. */
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

/** Without a request for so long a server is at rest. A viewer asks sooner. */
const REST_MS = 30_000;

/** In a while; where there is no glibc, or no koffi to call it, things stay as they are. */
export function limitNativeMemorySoon(habits: MemoryHabits, log: Log): void {
  setTimeout(() => {
    loadAllocator().then(
      (allocator) => limitNativeMemory(allocator, habits),
      (err: unknown) => tellNoLibrary(log, err),
    );
  }, DELAY_MS).unref();
}

/** Threads share heaps, which each would have otherwise, eight for each core; where memory is short, these keep nothing. */
export function limitNativeMemory({ mallopt, trim }: Allocator, { threads, spares }: MemoryHabits): void {
  mallopt(M_ARENA_MAX, Math.max(MIN_HEAPS, threads));
  if (!spares) return;
  mallopt(M_MMAP_THRESHOLD, MMAP_BYTES);
  mallopt(M_TRIM_THRESHOLD, TRIM_BYTES);
  setInterval(trim, TRIM_MS).unref();
}

/**
 * Gives back what is free when nobody has asked for anything for a while, and now and then though they do.
 *
 * @param requests asked so far.
 */
export function giveBackAtRest(requests: () => number, log: Log, restMs = REST_MS): void {
  const watch = new RestWatch();
  const timer = setInterval(() => {
    if (!watch.look(requests())) return;
    loadAllocator().then(
      ({ trim }) => trim(),
      (err: unknown) => {
        clearInterval(timer);
        tellNoLibrary(log, err);
      },
    );
  }, restMs).unref();
}

const tellNoLibrary = (log: Log, err: unknown): void =>
  log.debug({ err }, 'the C library keeps memory as it likes');

let loaded: Promise<Allocator> | undefined;

/** @throws Error when the library is another one. */
async function loadAllocator(): Promise<Allocator> {
  loaded ??= import('koffi').then(({ default: koffi }) => {
    const library = koffi.load('libc.so.6');
    const mallopt = library.func('int mallopt(int name, int value)');
    const trim = library.func('int malloc_trim(size_t pad)');
    return {
      mallopt: (parameter, value) => void mallopt(parameter, value),
      trim: () => void trim.async(0, () => undefined),
    };
  });
  return loaded;
}
