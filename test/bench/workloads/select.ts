/** The part of a suite that was asked for. */
import type { ImageName } from '../images/recipes.ts';
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

function isWanted(
  { group, name }: Workload,
  { clients, keepAlive, cold }: Pressure,
  wanted: Wanted,
): boolean {
  const text =
    `${group} ${name} ${clients} clients ${keepAlive ? 'kept' : ''} ${cold === true ? 'cold' : 'warm'}`.toLowerCase();
  return (
    wanted.words.some((words) => words.every((word) => text.includes(word))) &&
    (wanted.clients.length === 0 || wanted.clients.includes(clients))
  );
}

/** Clients of the one cold row that a workload has in a quick run. */
const QUICK_COLD_CLIENTS = 8;

/** Workloads whose single answers take longer than a quick run gives them. */
const isSlow = ({ image, size }: Workload): boolean => size.width >= 2048 && image !== 'rgb';

/** What a quick run has of a suite: no rows that take long or say the same as others. */
export function quickly(suite: Suite): Suite {
  const workloads = suite.workloads
    .filter((workload) => !isSlow(workload))
    .map((workload) => ({
      ...workload,
      pressures: workload.pressures.filter(
        ({ cold, clients }) => cold !== true || clients === QUICK_COLD_CLIENTS,
      ),
    }));
  return { ...suite, workloads };
}

/** Without the rows whose pictures could not be made. */
export const without = (suite: Suite, lacking: ReadonlySet<ImageName>): Suite => ({
  ...suite,
  workloads: suite.workloads.filter(({ image }) => !lacking.has(image)),
});
