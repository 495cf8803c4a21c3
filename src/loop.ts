/** What runs in a listening thread beside the main one: takes connections from the same sockets and answers them. */
import { parentPort, workerData } from 'node:worker_threads';
import { createAnswering } from './answering.ts';
import { createRelayLog } from './log.ts';
import type { FromLoop, LoopSeat, ToLoop } from './loop-messages.ts';
import { prepareSoon } from './render/prepare.ts';
import { RemoteTasks } from './render/remote-tasks.ts';
import { createFastcgiServer } from './server/fastcgi/server.ts';
import { createHttpServer } from './server/http.ts';
import { stopServers } from './server/lifecycle.ts';
import { closeDoor, listen } from './server/listen.ts';
import type { Respond } from './server/response.ts';
import { viewerPage } from './viewer-page.ts';

const { shared, thread, doors, served } = workerData as LoopSeat;
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
const { fastcgi, http, backlog, imageNames } = doors;
const listeners = [
  ...(fastcgi === undefined ? [] : [{ fd: fastcgi, ...createFastcgiServer({ respond, log }) }]),
  ...(http === undefined
    ? []
    : [{ fd: http, ...createHttpServer({ respond, log, serveStatic: viewerPage(imageNames) }) }]),
];
let isStopping = false;

async function stop(graceMs: number): Promise<void> {
  isStopping = true;
  const stopped = stopServers(listeners, graceMs);
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
      answering.forget(message.path, message.what);
      return tell({ kind: 'forgotten', id: message.id });
    case 'rest':
      return listeners.forEach(({ server }) => closeDoor(server));
    case 'listen':
      for (const { server, fd } of isStopping ? [] : listeners)
        if (!server.listening) server.listen({ fd }, backlog);
      return;
    case 'stop':
      return void stop(message.graceMs);
  }
});

try {
  for (const { server, fd } of listeners) await listen(server, { kind: 'descriptor', fd }, { log, backlog });
  tell({ kind: 'listening' });
  prepareSoon(log);
} catch (err) {
  log.error({ err, thread }, 'a thread cannot listen');
  log.send();
  process.exit(1); // Ends this thread only; another is tried later.
}
