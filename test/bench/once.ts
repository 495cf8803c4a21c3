/** The parts that are no rows of one list: what each needs, measures and prints. */
import { OPENING_IMAGES } from './images/opening-files.ts';
import type { ImageName } from './images/recipes.ts';
import { measureCrowds, type CrowdOrLack } from './measure/crowd.ts';
import { measureExports, type ExportsOrLack } from './measure/exports.ts';
import type { Bench } from './measure/run-suite.ts';
import { measureOpenings, type OpeningRow } from './measure/opening.ts';
import { measureSessions, type Sessions } from './measure/sessions.ts';
import { START_UP_IMAGES } from './measure/start-up.ts';
import { measureWeb, type WebRow } from './measure/web.ts';
import type { Options, Part } from './options.ts';
import { crowdTable, exportsTable, sessionsTable, webTable } from './report/more-tables.ts';
import { openingTable } from './report/opening-table.ts';
import { SESSION_FILES } from './workloads/sessions.ts';

export interface Once {
  opening?: readonly OpeningRow[];
  sessions?: Sessions;
  crowd?: readonly CrowdOrLack[];
  exports?: readonly ExportsOrLack[];
  web?: readonly WebRow[];
}

export const ONCE_IMAGES: Readonly<Partial<Record<Part, readonly ImageName[]>>> = {
  start: START_UP_IMAGES,
  opening: OPENING_IMAGES,
  sessions: SESSION_FILES,
  crowd: ['rgb-deflate'],
  exports: ['rgb-deflate'],
  web: ['rgb-deflate'],
};

const SESSION_REQUESTS = { quick: 100, full: 3_000 } as const;

/** wrk runs for whole seconds, so a quick run has one number of clients. */
const WEB_CLIENTS = { quick: [8], full: [8, 64] } as const;

/** `tell` gets the table of each part as soon as it is measured. */
export async function measureOnce(
  bench: Bench,
  { parts, quick }: Options,
  tell: (line: string) => void,
): Promise<Once> {
  const size = quick ? 'quick' : 'full';
  const once: Once = {};
  if (parts.includes('opening')) {
    once.opening = await measureOpenings(bench, tell);
    tell(openingTable(once.opening));
  }
  if (parts.includes('sessions')) {
    once.sessions = await measureSessions(bench, SESSION_REQUESTS[size]);
    tell(sessionsTable(once.sessions));
  }
  if (parts.includes('crowd')) {
    once.crowd = await measureCrowds(bench);
    tell(crowdTable(once.crowd));
  }
  if (parts.includes('exports')) {
    once.exports = await measureExports(bench);
    tell(exportsTable(once.exports));
  }
  if (parts.includes('web')) {
    const rows = await measureWeb(bench, WEB_CLIENTS[size], tell);
    if (rows !== undefined) {
      once.web = rows;
      tell(webTable(rows));
    }
  }
  return once;
}

/** For the document; a part that was not measured is undefined. */
export function onceTables({
  opening,
  sessions,
  crowd,
  exports,
  web,
}: Once): Partial<Record<Part, string | undefined>> {
  return {
    opening: opening && openingTable(opening),
    sessions: sessions && sessionsTable(sessions),
    crowd: crowd && crowdTable(crowd),
    exports: exports && exportsTable(exports),
    web: web && webTable(web),
  };
}
