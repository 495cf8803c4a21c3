/** Serving with several processes: this one opens the sockets and the log and keeps the workers, which do the rest. */
import { unlink } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describeListening } from './config/check-report.ts';
import type { Listening } from './config/command-line.ts';
import type { Config } from './config/config.ts';
import { describeSettings } from './config/describe-settings.ts';
import { memcachedNames } from './config/server-list.ts';
import { describeShares } from './config/share-config.ts';
import { doorsOf, type Doors } from './doors.ts';
import { openAdmin } from './admin/open-admin.ts';
import type { MainLog } from './log.ts';
import { FACTS, GRACE_MS, nodeCommand, VERSION } from './program.ts';
import type { Service } from './serve.ts';
import { stopServers, type Stoppable } from './server/lifecycle.ts';
import { closeShared, openDoor, SHARED_DESCRIPTORS } from './server/listen.ts';
import { administerWorkers } from './workers/administered.ts';
import type { WorkerSeat } from './workers/messages.ts';
import { Supervisor } from './workers/supervisor.ts';

const WORKER = fileURLToPath(new URL('./worker-process.js', import.meta.url));

/** @throws Error with one line for the operator. */
export async function supervise(
  config: Config,
  { listening, count }: { readonly listening: Listening; readonly count: number },
  log: MainLog,
): Promise<Service> {
  const doors = doorsOf(listening);
  const forgetPath = async (): Promise<void> => {
    if (doors.fastcgi?.kind === 'unix') await unlink(doors.fastcgi.path).catch(() => undefined);
  };
  const seat = await openDoors(doors, log, forgetPath);
  const relay = (lines: string): void => log.relay(lines, true);
  const command = [...nodeCommand(), WORKER];
  const supervisor = new Supervisor({ count, seat, command, log, relay, graceMs: GRACE_MS });
  const servers: Stoppable[] = [];
  const close = async (): Promise<void> => {
    closeShared([seat.fastcgi, seat.http].filter((descriptor) => descriptor !== undefined));
    await forgetPath();
  };
  if (doors.admin !== undefined) {
    const administered = administerWorkers(supervisor, memcachedNames(config));
    try {
      servers.push(await openAdmin(doors.admin, administered, { log, version: VERSION }));
    } catch (thrown) {
      await Promise.all([supervisor.stop(0), close()]);
      throw thrown;
    }
  }
  const each = Object.fromEntries(describeShares(config, count));
  log.info({ version: VERSION, settings: Object.fromEntries(describeSettings(config, FACTS)), listening: describeListening(listening), workers: count, each }, 'iipsrv serves'); // prettier-ignore
  return {
    renew: async () => {
      await log.reopen();
      const areNew = await supervisor.restart();
      return areNew ? 'workers replaced, log reopened' : 'log reopened, workers not replaced';
    },
    stop: async () => {
      await close();
      const [outcome] = await Promise.all([supervisor.stop(GRACE_MS), stopServers(servers, GRACE_MS)]);
      return { served: supervisor.formerServed, outcome };
    },
    kill: () => supervisor.kill(),
  };
}

/** Nobody takes connections there before workers do. @throws Error with one line for the operator. */
async function openDoors(
  { fastcgi, http, backlog, gallery }: Doors,
  log: MainLog,
  undo: () => Promise<void>,
): Promise<Omit<WorkerSeat, 'index' | 'of'>> {
  // No file is to be opened while the descriptors of the sockets are free.
  await log.flush();
  if (fastcgi !== undefined)
    await openDoor(fastcgi, { log, backlog, descriptor: SHARED_DESCRIPTORS.fastcgi });
  try {
    if (http !== undefined) await openDoor(http, { log, backlog, descriptor: SHARED_DESCRIPTORS.http });
  } catch (thrown) {
    await undo();
    throw thrown;
  }
  return {
    ...(fastcgi === undefined ? {} : { fastcgi: SHARED_DESCRIPTORS.fastcgi }),
    ...(http === undefined ? {} : { http: SHARED_DESCRIPTORS.http }),
    backlog,
    gallery,
  };
}
