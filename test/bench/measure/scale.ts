/** The peer as one process for each core, against one process of ours and against our workers. */
import { severalOf, workersOf, type Lack } from '../servers/several.ts';
import type { Contender } from '../servers/contender.ts';
import type { Suite } from '../workloads/workload.ts';
import { runSuite, type Bench } from './run-suite.ts';
import type { Row } from './row.ts';

const PROCESSES = 2;

/** One process of ours has no goal of its own against two: to be as fast is what is shown. */
const ONE_PROCESS_GOAL = 1;

/** Rows come as they are measured; `tell` gets a line for each comparison that is not possible. */
export async function* measureScale(
  suite: Suite,
  bench: Bench,
  tell: (line: string) => void,
): AsyncGenerator<Row> {
  const peer: Contender | Lack =
    bench.peer === undefined ? { lacks: 'there is no peer' } : severalOf(bench.peer, PROCESSES);
  if ('lacks' in peer) return tell(`skipped: ${PROCESSES} processes of the peer: ${peer.lacks}`);
  const alone = titled(suite, `${PROCESSES} processes of the peer, one of ours`, ONE_PROCESS_GOAL);
  yield* runSuite(alone, { ...bench, peer });
  const ours = workersOf(bench.ours, PROCESSES);
  if ('lacks' in ours) return tell(`skipped: our server with --workers ${PROCESSES}: ${ours.lacks}`);
  yield* runSuite(titled(suite, `${PROCESSES} processes each`), { ...bench, ours, peer });
}

const titled = (suite: Suite, group: string, goal?: number): Suite => ({
  ...suite,
  workloads: suite.workloads.map((workload) => ({
    ...workload,
    group,
    pressures: workload.pressures.map((pressure) => ({ ...pressure, goal: goal ?? pressure.goal })),
  })),
});
