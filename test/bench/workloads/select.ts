/** The part of a suite that was asked for. */
import type { Pressure, Suite, Workload } from './workload.ts';

export interface Wanted {
  /** Lists of words in lower case; all words of one of them stand in the row's heading, name or "N clients". */
  readonly words: readonly (readonly string[])[];
  /** Empty: any number. */
  readonly clients: readonly number[];
}

/** The suite with the rows that `wanted` names; workloads without any are left out. */
export function selected(suite: Suite, wanted: Wanted): Suite {
  const workloads = suite.workloads
    .map((workload) => ({
      ...workload,
      pressures: workload.pressures.filter((pressure) => isWanted(workload, pressure, wanted)),
    }))
    .filter(({ pressures }) => pressures.length > 0);
  return { ...suite, workloads };
}

function isWanted({ group, name }: Workload, { clients, keepAlive }: Pressure, wanted: Wanted): boolean {
  const text = `${group} ${name} ${clients} clients ${keepAlive ? 'kept' : ''}`.toLowerCase();
  return (
    wanted.words.some((words) => words.every((word) => text.includes(word))) &&
    (wanted.clients.length === 0 || wanted.clients.includes(clients))
  );
}
