/** Serving with one process. */
import { describeListening } from './config/check-report.ts';
import type { Listening } from './config/command-line.ts';
import type { Config } from './config/config.ts';
import { describeSettings } from './config/describe-settings.ts';
import { createImageServer } from './image-server.ts';
import { giveBackAtRest, limitNativeMemorySoon } from './native-memory.ts';
import type { MainLog } from './log.ts';
import { FACTS, GRACE_MS, IS_MALLOC_SET, VERSION } from './program.ts';
import { doorsOf } from './doors.ts';
import { startServers, type RunningServers } from './servers.ts';

/** What serves, seen from whoever gets signals. */
export interface Service {
  /** SIGHUP; a line for the log when it is done. */
  renew(): Promise<string>;
  /** Facts for the last line of the log. */
  stop(): Promise<{ readonly served: number; readonly outcome: 'drained' | 'cut-off' }>;
  /** Before the process ends at once. */
  kill(): void;
}

/** @throws Error with one line for the operator. */
export async function serve(config: Config, listening: Listening, log: MainLog): Promise<Service> {
  const version = VERSION;
  const imageServer = await createImageServer(config, log, version);
  if (!IS_MALLOC_SET) limitNativeMemorySoon({ threads: config.threads, spares: config.sparesMemory }, log);
  let servers: RunningServers;
  try {
    servers = await startServers(doorsOf(listening), { imageServer, config, log, version });
  } catch (thrown) {
    await imageServer.stop();
    throw thrown;
  }
  if (!config.sparesMemory) giveBackAtRest(() => servers.served, log);
  log.info({ version, settings: Object.fromEntries(describeSettings(config, FACTS)), listening: describeListening(listening) }, 'iipsrv serves'); // prettier-ignore
  return {
    renew: async () => {
      imageServer.clearCaches();
      await Promise.all([servers.emptyOthers(), log.reopen()]);
      return 'caches emptied, log reopened';
    },
    stop: async () => {
      const outcome = await servers.stop(GRACE_MS);
      await imageServer.stop();
      return { served: servers.served, outcome };
    },
    kill: () => {},
  };
}
