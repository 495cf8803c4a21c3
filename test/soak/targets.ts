/** The processes of a server under soak: the one, or a parent and its workers, and what they decode with. */
import { childrenOf, usageOf, type Usage } from '../support/proc.ts';

export class Targets {
  readonly #pid: number;
  readonly #hasWorkers: boolean;

  constructor(pid: number, hasWorkers: boolean) {
    this.#pid = pid;
    this.#hasWorkers = hasWorkers;
  }

  /** Those that answer; of one process none, as it is not to be killed. */
  get workers(): readonly number[] {
    return this.#hasWorkers ? childrenOf(this.#pid) : [];
  }

  get decoders(): readonly number[] {
    return (this.#hasWorkers ? this.workers : [this.#pid]).flatMap(orNone(childrenOf));
  }

  /**
   * Of the server without what it decodes with, which comes and goes. Descriptors are those of the parent and of the worker
   * that has most: while workers are replaced there are more of them, and their sum would look like a leak.
   */
  async usage(): Promise<Usage> {
    const [parent, ...workers] = await Promise.all([this.#pid, ...this.workers].map(usageOrNothing));
    return {
      megabytes: workers.reduce((sum, { megabytes }) => sum + megabytes, parent!.megabytes),
      descriptors: parent!.descriptors + Math.max(0, ...workers.map(({ descriptors }) => descriptors)),
    };
  }
}

/** A process may have ended since it was seen. */
function orNone(find: (pid: number) => readonly number[]): (pid: number) => readonly number[] {
  return (pid) => {
    try {
      return find(pid);
    } catch (error) {
      return emptyIfGone(error, []);
    }
  };
}

const usageOrNothing = (pid: number): Promise<Usage> =>
  usageOf(pid).catch((error: unknown) => emptyIfGone(error, { megabytes: 0, descriptors: 0 }));

function emptyIfGone<T>(error: unknown, empty: T): T {
  if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return empty;
  throw error;
}

/** Sends a signal; false when the process is no more. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    return emptyIfGone(error, false);
  }
}
