/** What other programs on the machine do meanwhile: a shared machine makes threads that wait for each other look slow. */
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

const TICKS = 100;
const LOOK_MS = 150;

/** In cores. Below this, a machine counts as quiet. */
const QUIET = 0.15;

/** Seconds that all cores have worked so far. */
export function machineSeconds(): number {
  const [first = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1);
  const [, user, nice, system, , , irq, softirq, steal] = first.split(/\s+/).map(Number);
  return (
    [user, nice, system, irq, softirq, steal].reduce<number>((sum, ticks) => sum + (ticks ?? 0), 0) / TICKS
  );
}

/** Waits for the others to pause, for `seconds` at most. */
export async function waitForQuiet(seconds: number): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  while (performance.now() < deadline) {
    const before = machineSeconds();
    await wait(LOOK_MS);
    if ((machineSeconds() - before) / (LOOK_MS / 1000) < QUIET) return;
  }
}
