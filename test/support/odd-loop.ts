/** A listening thread that listens nowhere: it logs, asks for a task, and dies where its number says so. */
import { parentPort, workerData } from 'node:worker_threads';
import type { FromLoop, LoopSeat, ToLoop } from '../../src/loop-messages.ts';
import { renderPlan } from './plans.ts';

const { thread, served } = workerData as LoopSeat;
const port = parentPort!;
const tell = (message: FromLoop): void => port.postMessage(message);

port.on('message', (message: ToLoop) => {
  switch (message.kind) {
    case 'result':
      return tell({ kind: 'log', lines: `${JSON.stringify(message.outcome)}\n`, isUrgent: false });
    case 'empty':
      return tell({ kind: 'emptied' });
    case 'forget':
      tell({ kind: 'log', lines: `forgot ${message.what} of ${message.path}\n`, isUrgent: false });
      return tell({ kind: 'forgotten', id: message.id });
    case 'rest':
    case 'listen':
      return tell({ kind: 'log', lines: `${message.kind}\n`, isUrgent: false });
    case 'stop':
      tell({ kind: 'closed' });
      tell({ kind: 'stopped', outcome: 'drained' });
      return port.close();
  }
});
tell({ kind: 'listening' });
const before = Atomics.add(served, 0, 1);
tell({
  kind: 'task',
  id: 1,
  task: { kind: 'render', cost: { bytes: 0, isExport: false }, plan: renderPlan({ level: thread }) },
});
tell({ kind: 'want-pyramid', path: `/flat-${thread}`, identity: { size: 1, mtimeMs: 2, inode: 3 } });
// The first of them does not live long.
if (before === 0) setTimeout(() => process.exit(5), 20);
