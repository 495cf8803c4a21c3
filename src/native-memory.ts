/**
 * Has the C library give memory back to the system. glibc keeps what was freed in the heap of every thread: between blocks
 * that are in use, and, learning from the largest block that is ever freed, at the end. After some thousand pictures of all
 * kinds that is 130 to 180 MB. Where memory is short (SPARE_MEMORY) it is limited and given back all the time, elsewhere
 * when nobody asks for anything, and now and then.
 */
import type { Log } from './log.ts';
import { RestWatch } from './rest-watch.ts';

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

/** Without a request for so long a server is at rest. A viewer asks sooner. */
const REST_MS = 30_000;

interface Allocator {
  readonly mallopt: (name: number, value: number) => void;
  /** Beside the event loop, as that takes some milliseconds. */
  readonly trim: () => void;
}

/** In a while; where there is no glibc, or no koffi to call it, things stay as they are. */
export function limitFreeMemorySoon(log: Log): void {
  setTimeout(() => {
    limitFreeMemory().catch((err: unknown) => tellNoLibrary(log, err));
  }, DELAY_MS).unref();
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

/** @throws Error when the library is another one. */
async function limitFreeMemory(): Promise<void> {
  const { mallopt, trim } = await loadAllocator();
  mallopt(M_MMAP_THRESHOLD, MMAP_BYTES);
  mallopt(M_TRIM_THRESHOLD, TRIM_BYTES);
  mallopt(M_ARENA_MAX, MAX_HEAPS);
  setInterval(trim, TRIM_MS).unref();
}

let loaded: Promise<Allocator> | undefined;

/** @throws Error when the library is another one. */
async function loadAllocator(): Promise<Allocator> {
  loaded ??= import('koffi').then(({ default: koffi }) => {
    const library = koffi.load('libc.so.6');
    const mallopt = library.func('int mallopt(int name, int value)');
    const trim = library.func('int malloc_trim(size_t pad)');
    return {
      mallopt: (name, value) => void mallopt(name, value),
      trim: () => void trim.async(0, () => undefined),
    };
  });
  return loaded;
}
