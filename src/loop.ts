/** What runs in a listening thread beside the main one: takes connections from the same socket and answers them. */
import { parentPort, workerData } from 'node:worker_threads';
import { createAnswering } from './answering.ts';
import { createRelayLog } from './log.ts';
import type { FromLoop, LoopSeat, ToLoop } from './loop-messages.ts';
import { RemoteTasks } from './render/remote-tasks.ts';
import { createFastcgiServer } from './server/fastcgi/server.ts';
import { stopServers } from './server/lifecycle.ts';
import { listen } from './server/listen.ts';
import type { Respond } from './server/response.ts';

const { shared, thread, descriptor, backlog, served, spareMs } = workerData as LoopSeat;
const port = parentPort;
if (port === null) throw new Error('this module runs in a worker thread only');
const tell = (message: FromLoop): void => port.postMessage(message);

const { verbosity, logTarget } = shared.config;
const log = createRelayLog(verbosity, logTarget, (lines, isUrgent) => tell({ kind: 'log', lines, isUrgent }));
process.on('uncaughtException', (err) => log.error({ err, thread }, 'an error that nobody caught'));
process.on('unhandledRejection', (err) => log.error({ err, thread }, 'a rejection that nobody caught'));

const tasks = new RemoteTasks({
  start: (id, task) => tell({ kind: 'task', id, task }),
  cancel: (id, isTimeOut) => tell({ kind: 'cancel', id, isTimeOut }),
});
const answering = await createAnswering(shared, {
  log,
  tasks,
  thread,
  wantPyramid: (path, identity) => tell({ kind: 'want-pyramid', path, identity }),
});
const respond: Respond = (request, signal) => {
  Atomics.add(served, 0, 1);
  return answering.respond(request, signal);
};
const fastcgi = createFastcgiServer({ respond, log, spareMs });
let isStopping = false;

async function stop(graceMs: number): Promise<void> {
  isStopping = true;
  const stopped = stopServers([fastcgi], graceMs);
  tell({ kind: 'closed' });
  const outcome = await stopped;
  log.send();
  tell({ kind: 'stopped', outcome });
  // With nothing left to wait for, the thread ends.
  port?.close();
}

port.on('message', (message: ToLoop) => {
  switch (message.kind) {
    case 'result':
      return tasks.finish(message.id, message.outcome);
    case 'empty':
      answering.clearCaches();
      return tell({ kind: 'emptied' });
    case 'forget':
      answering.forget(message.path);
      return tell({ kind: 'forgotten', id: message.id });
    case 'forget-image':
      return answering.forgetImage(message.path);
    case 'rest':
      // Closes the thread's own door only: descriptor 0 stays open (see server/listen.ts).
      if (fastcgi.server.listening) fastcgi.server.close();
      return;
    case 'listen':
      if (!fastcgi.server.listening && !isStopping) fastcgi.server.listen({ fd: descriptor }, backlog);
      return;
    case 'stop':
      return void stop(message.graceMs);
  }
});

try {
  await listen(fastcgi.server, { kind: 'descriptor', fd: descriptor }, { log, backlog });
  tell({ kind: 'listening' });
} catch (err) {
  log.error({ err, thread }, 'a thread cannot listen');
  log.send();
  process.exit(1); // Ends this thread only; another is tried later.
}
