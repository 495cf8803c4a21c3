/** What opening costs, as a table and a sentence about the goal. */
import type { OpeningRow, OpeningsOrLack } from '../measure/opening.ts';
import { digits, spread, table } from './format.ts';

const NOTHING = '–';

export function openingTable(rows: readonly OpeningRow[]): string {
  const head = ['picture', 'MB', 'reads', 'KB read', 'cold: p50 ms', 'p99 ms', 'CPU ms', 'warm: p50 ms', 'CPU ms', 'peer, cold: p50 ms', 'p99 ms', 'CPU ms', 'warm: p50 ms', 'CPU ms', 'cold ratio (min–max)', 'warm ratio (min–max)']; // prettier-ignore
  const lines = rows.map(({ title, fileBytes, read, contenders: [ours, peer], coldRatio, warmRatio }) => [
    title,
    digits(fileBytes / 2 ** 20),
    String(read.reads),
    digits(read.bytes / 2 ** 10),
    ...cellsOf(ours),
    ...cellsOf(peer),
    ...[coldRatio, warmRatio].map((ratio) => (ratio === undefined ? NOTHING : spread(ratio))),
  ]);
  return [table([head, ...lines]), ...rows.flatMap(verdictOn)].join('\n\n');
}

function cellsOf(contender: OpeningsOrLack | undefined): readonly string[] {
  if (contender === undefined || 'lacks' in contender)
    return [contender?.lacks ?? NOTHING, ...new Array<string>(4).fill(NOTHING)];
  const { cold, warm } = contender;
  return [cold.p50Ms, cold.p99Ms, cold.cpuMs, warm.p50Ms, warm.cpuMs].map(digits);
}

/** On a picture that has a goal. */
function verdictOn({ title, goalMs, contenders: [ours] }: OpeningRow): readonly string[] {
  if (goalMs === undefined || ours === undefined || 'lacks' in ours) return [];
  const { p50Ms, p99Ms } = ours.cold;
  const isMet = p50Ms < goalMs;
  const times = `${digits(p50Ms)} ms, p99 ${digits(p99Ms)} ms`;
  return [`${title}, cold: ${times}; goal under ${goalMs} ms: ${isMet ? 'met' : '**not met**'}.`];
}
