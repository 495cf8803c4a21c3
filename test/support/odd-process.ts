/** A worker process that serves nothing: what it does instead is in files of the folder that it is started with. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { addCounts } from '../../src/admin/readings.ts';
import type { FromWorker, ToWorker, WorkerSeat } from '../../src/workers/messages.ts';

const folder = process.argv[2]!;
const { index } = JSON.parse(process.argv[3]!) as WorkerSeat;
const tell = (message: FromWorker): void => void process.send?.(message);
const counts = { ...addCounts([]), served: 7, residentBytes: 1_000_000 };

process.stderr.write('{"level":"info","msg":"hello"}\n');
if (existsSync(path.join(folder, 'crash'))) {
  process.stderr.write('it is all over');
  process.exit(Number(readFileSync(path.join(folder, 'crash'), 'utf8')));
}
process.on('message', (message: ToWorker) => {
  if (message.kind === 'stop') {
    tell({ kind: 'stopped', outcome: 'drained', counts });
    process.disconnect();
    return;
  }
  const { number, question } = message;
  if (question.kind === 'purge')
    tell({ kind: 'refusal', number, error: { kind: 'not-found', message: `no ${question.id}`, facts: {} } });
  else if (question.kind === 'reopen') process.stderr.write(`{"level":"info","msg":"${index} opens ${question.path}"}\n`);
  else if (!existsSync(path.join(folder, 'silent'))) tell({ kind: 'answer', number, answer: question.kind === 'counts' ? counts : true });
}); // prettier-ignore
tell({ kind: 'listening' });
if (index === 0) tell({ kind: 'pyramid', path: '/flat.jpg' });
