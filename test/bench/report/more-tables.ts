/** Tables of what is measured once and not row by row: viewers, idle connections, exports, HTTP. */
import { CROWD_GOAL, type CrowdOrLack } from '../measure/crowd.ts';
import { EXPORTS_GOAL_MS, type ExportsOrLack } from '../measure/exports.ts';
import { SESSIONS_GOALS, type Sessions } from '../measure/sessions.ts';
import type { WebRow } from '../measure/web.ts';
import { digits, spread, table } from './format.ts';
import { metText } from './tables.ts';

const NOTHING = '–';

const padded = (cells: readonly string[], count: number): readonly string[] => [
  ...cells,
  ...new Array<string>(count - cells.length).fill(NOTHING),
];

export function sessionsTable(sessions: Sessions): string {
  const { clients, requests, contenders } = sessions;
  const later = requests * 10;
  const head = ['server', 'requests / s', 'p50 ms', 'p99 ms', 'MB at rest', `MB after ${digits(requests)}`, `MB after ${digits(later)}`, 'growth']; // prettier-ignore
  const rows = contenders.map((one) =>
    'lacks' in one
      ? padded([one.name, one.lacks], head.length)
      : [
          one.name,
          spread(one.requestsPerSecond),
          ...[one.p50Ms, one.p99Ms, one.megabytesAtRest, one.megabytes, one.megabytesLater].map(digits),
          `${digits((one.megabytesLater / one.megabytes - 1) * 100)} %`,
        ],
  );
  return [`${clients} clients.`, table([head, ...rows]), sessionsVerdict(sessions)].join('\n\n');
}

function sessionsVerdict({ contenders: [ours], requests, ratio }: Sessions): string {
  const lines: string[] = [];
  if (ratio !== undefined) {
    const { ratio: goal } = SESSIONS_GOALS;
    lines.push(`Ratio ${spread(ratio)}, goal ${goal}: ${verdict(ratio.median >= goal)}.`);
  }
  if (ours !== undefined && !('lacks' in ours)) {
    const { megabytes: goal } = SESSIONS_GOALS;
    const after = (count: number, megabytes: number) =>
      `after ${digits(count)} requests ${verdict(megabytes < goal)}`;
    const [soon, later] = [after(requests, ours.megabytes), after(requests * 10, ours.megabytesLater)];
    lines.push(`Memory of ours, goal under ${goal} MB: ${soon}, ${later}.`);
  }
  return lines.join(' ');
}

const verdict = (isMet: boolean): string => (isMet ? 'met' : '**not met**');

export function crowdTable(crowds: readonly CrowdOrLack[]): string {
  const head = ['server', 'idle', 'busy', 'alone: requests / s', 'crowded: requests / s', 'ratio (min–max)', 'goal', 'met']; // prettier-ignore
  const rows = crowds.map((one) =>
    'lacks' in one
      ? padded([one.name, one.lacks], head.length)
      : [
          one.name,
          digits(one.idle),
          String(one.busy),
          spread(one.alone),
          spread(one.crowded),
          spread(one.ratio),
          digits(CROWD_GOAL),
          metText(one.ratio.median >= CROWD_GOAL),
        ],
  );
  return table([head, ...rows]);
}

/** The goal is of our server; the peer's number shows what the machine gives. */
export function exportsTable(all: readonly ExportsOrLack[]): string {
  const head = ['server', 'alone: tiles / s', 'p99 ms', 'beside exports: tiles / s', 'p50 ms', 'p99 ms', 'an export, ms', 'goal p99', 'met']; // prettier-ignore
  const rows = all.map((one) =>
    'lacks' in one
      ? padded([one.name, one.lacks], head.length)
      : [
          one.name,
          ...[one.alone.requestsPerSecond, one.alone.p99Ms].map(digits),
          ...[one.beside.requestsPerSecond, one.beside.p50Ms, one.beside.p99Ms, one.exportMs].map(digits),
          digits(EXPORTS_GOAL_MS),
          metText(one.beside.p99Ms <= EXPORTS_GOAL_MS),
        ],
  );
  return table([head, ...rows]);
}

export function webTable(rows: readonly WebRow[]): string {
  const head = ['request', 'clients', 'way', 'requests / s', 'p99 ms', 'by the peer (min–max)', 'goal', 'met', 'p99 met']; // prettier-ignore
  const lines = rows.flatMap(({ name, clients, goal, ways }) => {
    const peer = ways.find((way) => way.name.startsWith('peer'));
    return ways.map(({ name: way, requestsPerSecond, p99Ms, ratio }) => {
      const isOurs = way !== peer?.name;
      return [
        name,
        String(clients),
        way,
        spread(requestsPerSecond),
        digits(p99Ms),
        ratio === undefined ? NOTHING : spread(ratio),
        isOurs ? digits(goal) : NOTHING,
        metText(ratio === undefined ? undefined : ratio.median >= goal),
        metText(peer === undefined || !isOurs ? undefined : p99Ms <= peer.p99Ms),
      ];
    });
  });
  return table([head, ...lines]);
}
