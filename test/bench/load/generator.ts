/** The load generator's process: takes one job after another from the benchmark, so that it shares no thread with it. */
import type { LoadJob } from './job.ts';
import { runJob } from './run-job.ts';

process.on('message', (job: LoadJob) => {
  void runJob(job).then((result) => process.send?.(result));
});
process.on('disconnect', () => process.exit());
