/** The load generator seen from the benchmark. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadJob, LoadResult } from './job.ts';

export class Generator {
  readonly #child: ChildProcess = fork(fileURLToPath(new URL('./generator.js', import.meta.url)), [], {
    serialization: 'advanced',
  });

  /** Runs one job; only one at a time. @throws Error when the process ends before it answers. */
  async run(job: LoadJob): Promise<LoadResult> {
    const settled = new AbortController();
    const { signal } = settled;
    const answered = once(this.#child, 'message', { signal }) as Promise<[LoadResult]>;
    const ended = once(this.#child, 'exit', { signal }).then(([code, killedBy]: unknown[]) => {
      throw new Error(`the load generator ended: ${String(code ?? killedBy)}`);
    });
    try {
      this.#child.send(job);
      const [result] = await Promise.race([answered, ended]);
      return result;
    } finally {
      // Whichever of the two did not happen is not waited for any longer.
      answered.catch(() => undefined);
      ended.catch(() => undefined);
      settled.abort();
    }
  }

  stop(): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}
