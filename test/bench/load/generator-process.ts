/** The load generator seen from the benchmark. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadJob, LoadResult } from './job.ts';

export class Generator {
  readonly #child: ChildProcess = fork(fileURLToPath(new URL('./generator.js', import.meta.url)), [], {
    serialization: 'advanced',
  });

  /** Runs one job; only one at a time. */
  async run(job: LoadJob): Promise<LoadResult> {
    const answered = once(this.#child, 'message') as Promise<[LoadResult]>;
    this.#child.send(job);
    const [result] = await answered;
    return result;
  }

  stop(): void {
    this.#child.disconnect();
  }
}
