/** A rendering thread that does odd things: what, says the level of the plan that it is given. */
import { parentPort, threadId, workerData } from 'node:worker_threads';
import {
  CELL,
  LEAVE,
  packError,
  STAGE,
  type ResultMessage,
  type TaskMessage,
} from '../../src/render/messages.ts';
import { ServerError } from '../../src/errors.ts';
import { ODD } from './odd.ts';

const port = parentPort!;
const { cells } = workerData as { readonly cells: Int32Array };
const send = (message: ResultMessage): void => port.postMessage(message);

function stay(): never {
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
}

port.on('message', (message: TaskMessage | typeof LEAVE) => {
  if (message === LEAVE) return process.exit();
  const { id, task } = message;
  const level = task.kind === 'render' ? task.plan.level : -1;
  Atomics.store(cells, CELL.stage, STAGE.reading);
  switch (level) {
    case ODD.fail:
      return send({
        id,
        kind: 'failed',
        error: packError(new ServerError('damaged', 'broken', { facts: { path: '/x' } })),
      });
    case ODD.childDied:
      return send({
        id,
        kind: 'failed',
        error: packError(new ServerError('damaged', 'broken', { facts: { decoder: 'died' } })),
      });
    case ODD.die:
      return process.exit(3);
    case ODD.throwLate:
      setTimeout(() => {
        throw new Error('late');
      });
      return;
    case ODD.untilCancelled:
      // Blocks the thread, as a decoder does.
      while (Atomics.load(cells, CELL.cancelled) !== id)
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      return send({ id, kind: 'aborted' });
    case ODD.stuckEncoding:
      Atomics.store(cells, CELL.stage, STAGE.encoding);
      return stay();
    case ODD.stuck:
      return stay();
    case ODD.number:
      return send({ id, kind: 'done', result: new Uint8Array([threadId]) });
    case ODD.slow:
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_100);
      return send({ id, kind: 'done', result: new Uint8Array([level]) });
    default:
      return send({ id, kind: 'done', result: new Uint8Array([level]) });
  }
});
