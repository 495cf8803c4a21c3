/** What processes of this program have in common: facts about where they run, what nobody caught, signals. */
import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { EXIT_STATUS } from './config/options.ts';
import { ownMemory } from './config/own-memory.ts';
import { readConfig, type ConfigReading } from './config/read-config.ts';
import type { Facts } from './config/rules.ts';
import { AVAILABLE_AVIF_CODECS } from './encode/avif-codecs.ts';
import type { OpenLog } from './log.ts';

/** Requests under way may take this long after a signal to stop. */
export const GRACE_MS = 10_000;

export const VERSION = readVersion();

export const FACTS: Facts = {
  cpus: availableParallelism(),
  avifCodecs: AVAILABLE_AVIF_CODECS,
  memoryBytes: ownMemory(process.constrainedMemory(), totalmem()),
};

function readVersion(): string {
  const file = fileURLToPath(new URL('./version.json', import.meta.url));
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
}

/** Node.js as it runs here, with its options. */
export const nodeCommand = (): readonly string[] => [process.execPath, ...process.execArgv];

/** Settings of the environment. */
export const readSettings = (): ConfigReading => readConfig(process.env, FACTS);

/** Each rendering thread keeps one task of libuv's pool busy; files and names need some besides. */
export function sizeThreadPool(threads: number): void {
  process.env['UV_THREADPOOL_SIZE'] ??= String(threads + 4);
}

/** No request may end the process: what nobody caught is logged, with its stack, and serving goes on. */
export function catchStrays(log: OpenLog): void {
  process.on('uncaughtException', (err) => log.error({ err }, 'an error that nobody caught'));
  process.on('unhandledRejection', (err) => log.error({ err }, 'a rejection that nobody caught'));
}

/**
 * @param stop called once.
 * @param hurry called before the process ends at once, as whoever asks a second time does not want to wait.
 */
export function onStopSignals(stop: (signal: string) => Promise<void>, hurry: () => void = () => {}): void {
  let isStopping = false;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGUSR1'] as const) {
    process.on(signal, () => {
      if (isStopping) {
        hurry();
        process.exit(EXIT_STATUS.done);
      }
      isStopping = true;
      void stop(signal).then(() => process.exit(EXIT_STATUS.done));
    });
  }
}

/** Whether the operator has told glibc how to keep memory. */
export const IS_MALLOC_SET = Object.keys(process.env).some((name) =>
  /^(MALLOC_.*_|GLIBC_TUNABLES)$/.test(name),
);
