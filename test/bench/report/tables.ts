/** What was measured as the tables of docs/performance.md. */
import type { Headroom } from '../measure/headroom.ts';
import { isMeasured, isMet, type Measured, type Row } from '../measure/row.ts';
import type { StartUp } from '../measure/start-up.ts';
import { digits, spread, table } from './format.ts';

/** Rows of the same kind of answer, one under the other: time for each megapixel. */
export function pixelTables(rows: readonly Row[]): string {
  const head = [
    'operation',
    'clients',
    'ms / MP',
    'CPU ms / MP',
    'peer: ms / MP',
    'CPU ms / MP',
    'ratio (min–max)',
    'faster',
  ];
  return inGroups(
    rows,
    (row) => [
      row.name,
      String(row.clients),
      ...perMegapixel(row.ours, row),
      ...perMegapixel(row.peer, row),
      ratioText(row),
      metText(row),
    ],
    head,
  );
}

/** Rows of requests a second. */
export function requestTables(rows: readonly Row[]): string {
  const head = [
    'request',
    'clients',
    'requests / s',
    'p50 ms',
    'p99 ms',
    'CPU ms',
    'MB',
    'peer: requests / s',
    'p99 ms',
    'CPU ms',
    'MB',
    'ratio (min–max)',
    'goal',
    'met',
  ];
  return inGroups(
    rows,
    (row) => [
      row.name,
      clientsText(row),
      ...perRequest(row.ours),
      ...perRequest(row.peer).filter((_, column) => column !== 1),
      ratioText(row),
      digits(row.goal),
      metText(row),
    ],
    head,
  );
}

function inGroups(
  rows: readonly Row[],
  cells: (row: Row) => readonly string[],
  head: readonly string[],
): string {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(row.group, [...(groups.get(row.group) ?? []), row]);
  const parts = [...groups].map(
    ([title, members]) => `### ${title}\n\n${table([head, ...members.map(cells)])}`,
  );
  return [summary(rows), ...parts].join('\n\n');
}

/** How many rows reach their goal. */
function summary(rows: readonly Row[]): string {
  const compared = rows.filter(({ ratio }) => ratio !== undefined);
  if (compared.length === 0) return 'No row has a peer to be compared with.';
  const missed = compared.filter((row) => isMet(row) === false);
  const count = `${compared.length - missed.length} of ${compared.length} rows with a peer reach their goal`;
  const others = rows.length - compared.length;
  return `${count}; ${others} rows have no peer. ≠: both answer, with different pictures.`;
}

const NOTHING = '–';

function perMegapixel(side: Row['peer'], { megapixels }: Row): readonly string[] {
  if (!isMeasured(side)) return [lack(side), NOTHING];
  return [digits(1000 / side.requestsPerSecond.median / megapixels), digits(side.cpuMs / megapixels)];
}

function perRequest(side: Row['peer']): readonly string[] {
  if (!isMeasured(side)) return [lack(side), NOTHING, NOTHING, NOTHING, NOTHING];
  const { requestsPerSecond, p50Ms, p99Ms, cpuMs, peakMegabytes }: Measured = side;
  return [requestsPerSecond.median, p50Ms, p99Ms, cpuMs, peakMegabytes].map(digits);
}

const lack = (side: Row['peer']): string => (side === undefined || isMeasured(side) ? NOTHING : side.lacks);

const clientsText = ({ clients, keepAlive }: Row): string =>
  keepAlive ? `${clients}, kept` : String(clients);

/** Where both pictures have little in common, the servers understand the operation differently. */
const UNLIKE_DB = 20;

function ratioText({ ratio, likenessDb = Infinity }: Row): string {
  if (ratio === undefined) return NOTHING;
  return likenessDb < UNLIKE_DB ? `${spread(ratio)} ≠` : spread(ratio);
}

function metText(row: Row): string {
  const met = isMet(row);
  return met === undefined ? NOTHING : met ? 'yes' : '**no**';
}

export function startUpTable(startUps: readonly StartUp[]): string {
  const head = ['server', 'first info.json, ms', 'first tile, ms', 'MB at rest', 'MB after work'];
  return table([
    head,
    ...startUps.map((one) => [
      one.name,
      spread(one.firstInfoMs),
      spread(one.firstTileMs),
      digits(one.idleMegabytes),
      digits(one.workedMegabytes),
    ]),
  ]);
}

export function headroomTable(rows: readonly Headroom[]): string {
  const head = ['clients', 'connections', 'requests / s', 'generator: CPU µs / request'];
  return table([
    head,
    ...rows.map((row) => [
      String(row.clients),
      row.keepAlive ? 'kept' : 'one a request',
      digits(row.requestsPerSecond),
      digits(row.cpuMicroseconds),
    ]),
  ]);
}
