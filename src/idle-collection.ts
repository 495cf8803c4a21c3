/**
 * Gives memory back when a rendering thread has nothing to do, where memory is short (SPARE_MEMORY). The collector of a thread's heap only runs when something is
 * allocated: what the last pictures left would stay for as long as nobody asks for another.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Without work for so long it is idle. A viewer asks for its next tiles sooner. */
const IDLE_MS = 1_000;

type Collect = () => void;

let found: Collect | undefined;

/** Collects the garbage of this thread now. */
export function collectNow(): void {
  found ??= findCollector();
  found();
}

/** The engine's own function, which has no other door while a program runs. */
function findCollector(): Collect {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as Collect;
}

/** @returns to be called with each piece of work. */
export function collectWhenIdle(idleMs = IDLE_MS): () => void {
  let timer: NodeJS.Timeout | undefined;
  return () => {
    // A timer that has fired is started again by this, too.
    timer = timer?.refresh() ?? setTimeout(collectNow, idleMs).unref();
  };
}
