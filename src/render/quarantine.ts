/** Files that ended or stalled their decoder: after the second time nobody tries again until they change. */
import { identityKey } from '../image/source.ts';
import type { ServerLog } from '../server/log.ts';
import { overBudget } from './budgets.ts';
import type { PlanSource } from './plan.ts';

/** Deaths and stalls that a version of a file may cause. */
const MAX_FAULTS = 2;

/** Files that are remembered; the one that was noticed longest ago is forgotten. */
const MAX_FILES = 10_000;

interface Record {
  readonly version: string;
  readonly faults: number;
}

export type DecoderFault = 'died' | 'stalled';

export class Quarantine {
  readonly #files = new Map<string, Record>();
  readonly #log: ServerLog;

  constructor(log: ServerLog) {
    this.#log = log;
  }

  /** Files that are not decoded now, as far as nobody has seen them change. */
  get size(): number {
    let count = 0;
    for (const { faults } of this.#files.values()) if (faults >= MAX_FAULTS) count++;
    return count;
  }

  /** @throws {ServerError} `quarantined`. */
  check(source: Pick<PlanSource, 'path' | 'identity'>): void {
    const record = this.#files.get(source.path);
    if (record === undefined) return;
    if (record.version !== identityKey(source.identity)) this.#files.delete(source.path);
    else if (record.faults >= MAX_FAULTS) throw overBudget('quarantine', { path: source.path });
  }

  /** A decoder has ended, or did not come back, while it was at this file. */
  note({ path, identity }: Pick<PlanSource, 'path' | 'identity'>, fault: DecoderFault): void {
    const version = identityKey(identity);
    const known = this.#files.get(path);
    const faults = known?.version === version ? known.faults + 1 : 1;
    this.#files.delete(path);
    this.#files.set(path, { version, faults });
    if (faults === MAX_FAULTS)
      this.#log.warn({ path, fault, faults }, 'a file is quarantined until it changes: it ends decoders');
    const oldest = this.#files.keys().next();
    if (this.#files.size > MAX_FILES && oldest.done !== true) this.#files.delete(oldest.value);
  }
}
