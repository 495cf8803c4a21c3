/** What runs in a worker process (--workers): an image server on sockets that it inherits, and what it is asked for. */
import { shareOf } from './config/share-config.ts';
import { EXIT_STATUS } from './config/options.ts';
import { createImageServer } from './image-server.ts';
import { giveBackAtRest, limitNativeMemorySoon } from './native-memory.ts';
import { createPipedLog } from './log.ts';
import {
  catchStrays,
  GRACE_MS,
  IS_MALLOC_SET,
  onStopSignals,
  readSettings,
  sizeThreadPool,
  VERSION,
} from './program.ts';
import { packError } from './render/messages.ts';
import { startServers } from './servers.ts';
import type { FromWorker, Question, ToWorker, WorkerCounts, WorkerSeat } from './workers/messages.ts';

const seat = JSON.parse(process.argv[2] ?? '') as WorkerSeat;
const { config: whole } = readSettings();
const config = shareOf(whole, seat);
sizeThreadPool(config.threads);
const log = createPipedLog(config.verbosity, config.logTarget);
catchStrays(log);

const imageServer = await createImageServer(config, log, VERSION);
if (!IS_MALLOC_SET) limitNativeMemorySoon({ threads: config.threads, spares: config.sparesMemory }, log);
const at = (fd: number | undefined) => (fd === undefined ? undefined : ({ kind: 'descriptor', fd } as const));
const [fastcgi, http] = [at(seat.fastcgi), at(seat.http)];
const servers = await startServers(
  { ...(fastcgi && { fastcgi }), ...(http && { http }), backlog: seat.backlog, gallery: seat.gallery },
  { imageServer, config, log, version: VERSION },
);
if (!config.sparesMemory) giveBackAtRest(() => servers.served, log);
const { administered } = servers;

/** Resolves when the message is handed over, or nobody is there any more. */
function tell(message: FromWorker): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected) resolve();
    else process.send?.(message, undefined, {}, () => resolve());
  });
}

const counts = (): WorkerCounts => ({
  ...administered.counts(),
  served: servers.served,
  residentBytes: process.memoryUsage.rss(),
});

async function answer(question: Question): Promise<unknown> {
  switch (question.kind) {
    case 'counts':
      return counts();
    case 'is-ready':
      return administered.isReady();
    case 'purge':
      return administered.purge(question.id);
    case 'purge-all':
      await administered.purgeAll();
      return null;
    case 'tiles-of':
      return administered.tilesOf(question.id);
    case 'make':
      return administered.make(question.uri);
    case 'reopen':
      await servers.forgetImage(question.path);
      return null;
  }
}

let stopped: Promise<void> | undefined;

function stop(graceMs: number): Promise<void> {
  stopped ??= (async () => {
    const outcome = await servers.stop(graceMs);
    await imageServer.stop();
    await tell({ kind: 'stopped', outcome, counts: counts() });
    await log.close();
    process.exit(EXIT_STATUS.done);
  })();
  return stopped;
}

process.on('message', (message: ToWorker) => {
  if (message.kind === 'stop') return void stop(message.graceMs);
  const { number, question } = message;
  void answer(question).then(
    (given) => tell({ kind: 'answer', number, answer: given }),
    (thrown: unknown) => tell({ kind: 'refusal', number, error: packError(thrown) }),
  );
});
// Whoever kept it is no more: nobody would replace it, or end it.
process.on('disconnect', () => void stop(GRACE_MS));
// A terminal sends signals to all of them; to start anew is for whoever keeps them.
process.on('SIGHUP', () => undefined);
onStopSignals(() => stop(GRACE_MS));
imageServer.onPyramid((path) => void tell({ kind: 'pyramid', path }));
await tell({ kind: 'listening' });
