/**
 * What it costs to open a picture and to describe it: `cold` are first requests for files that a warm process has never
 * opened, `warm` those for one that is open. The files are in the page cache.
 */
import { statSync } from 'node:fs';
import path from 'node:path';
import { openImage } from '../../../src/image/open.ts';
import { countingSource, fileSource, type Counts } from '../../image/support/sources.ts';
import { linkOpeningNames, makeOpeningFiles, openingName, openingPath, type OpeningFile } from '../images/opening-files.ts'; // prettier-ignore
import { shuffled } from '../seeded.ts';
import { Running } from '../servers/contender.ts';
import { quantile, spreadOf, type Spread } from '../statistics.ts';
import { startOptions, type Bench } from './run-suite.ts';

export interface Opening {
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time of one answer. */
  readonly cpuMs: number;
}

export interface Openings {
  readonly name: string;
  readonly cold: Opening;
  readonly warm: Opening;
}

export type OpeningsOrLack = Openings | { readonly name: string; readonly lacks: string };

export interface OpeningRow {
  readonly title: string;
  readonly fileBytes: number;
  /** Cold, of ours. */
  readonly goalMs?: number;
  /** What our server reads to open it. */
  readonly read: Counts;
  /** Ours first. */
  readonly contenders: readonly OpeningsOrLack[];
  /** The median times of the peer by ours, round by round. */
  readonly coldRatio?: Spread;
  readonly warmRatio?: Spread;
}

interface Amounts {
  /** Names of each file that are opened before anything is measured. */
  readonly warmUp: number;
  /** In a round. */
  readonly cold: number;
  readonly warm: number;
}

export const AMOUNTS: Readonly<Record<'quick' | 'full', Amounts>> = {
  quick: { warmUp: 20, cold: 20, warm: 50 },
  full: { warmUp: 200, cold: 200, warm: 500 },
};

/** One contender and what it has taken so far. */
interface Entrant {
  readonly server: Running;
  readonly rounds: Map<string, Round[]>;
  readonly lacks: Map<string, string>;
}

interface Round {
  readonly cold: Run;
  readonly warm: Run;
}

interface Run {
  readonly latenciesMs: Float64Array;
  readonly cpuSeconds: number;
}

/** The names of a file: one to try whether it can be read, those for warming up, then those of each round. */
const FIRST = 1;

export async function measureOpenings(
  bench: Bench,
  tell: (line: string) => void,
  amounts: Amounts = AMOUNTS[bench.effort.quick ? 'quick' : 'full'],
): Promise<readonly OpeningRow[]> {
  const { imagesFolder, effort } = bench;
  const files = await makeOpeningFiles(imagesFolder, tell);
  linkOpeningNames(imagesFolder, files, FIRST + amounts.warmUp + effort.rounds * amounts.cold);
  const entrants: Entrant[] = [];
  try {
    for (const contender of [bench.ours, bench.peer]) {
      if (contender === undefined) continue;
      const server = await Running.start(contender, startOptions(bench, {}));
      entrants.push({ server, rounds: new Map(), lacks: new Map() });
    }
    for (const entrant of entrants) await warmUp(entrant, files, { bench, amounts });
    for (let round = 0; round < effort.rounds; round++)
      for (const file of files)
        for (const entrant of entrants) await measureRound(entrant, file, { bench, amounts, round });
  } finally {
    for (const { server } of entrants) await server.stop();
  }
  const rows: OpeningRow[] = [];
  for (const file of files) rows.push(await rowOf(file, entrants, imagesFolder));
  return rows;
}

interface Stage {
  readonly bench: Bench;
  readonly amounts: Amounts;
}

const infoUri = (file: OpeningFile, index: number): string =>
  `/fcgi-bin/iipsrv.fcgi?IIIF=${openingName(file, index)}/info.json`;

/** Files of every kind that can be read are opened, and one is described for a while. */
async function warmUp(entrant: Entrant, files: readonly OpeningFile[], stage: Stage): Promise<void> {
  const { bench, amounts } = stage;
  for (const file of files) {
    const problem = await ask(entrant, bench, { uris: [infoUri(file, 0)] }).then(
      () => undefined,
      (error: Error) => error.message,
    );
    if (problem !== undefined) entrant.lacks.set(file.name, problem);
  }
  const able = files.filter(({ name }) => !entrant.lacks.has(name));
  const known = able.slice(0, 1).map((file) => infoUri(file, 0));
  if (known.length > 0) await ask(entrant, bench, { uris: known, seconds: bench.effort.warmUpSeconds });
  const first = able.flatMap((file) =>
    Array.from({ length: amounts.warmUp }, (_, index) => infoUri(file, FIRST + index)),
  );
  if (first.length > 0) await ask(entrant, bench, { uris: shuffled(first, bench.effort.seed) });
}

async function measureRound(
  entrant: Entrant,
  file: OpeningFile,
  { bench, amounts, round }: Stage & { readonly round: number },
): Promise<void> {
  if (entrant.lacks.has(file.name)) return;
  const begin = FIRST + amounts.warmUp + round * amounts.cold;
  const uris = Array.from({ length: amounts.cold }, (_, index) => infoUri(file, begin + index));
  const cold = await ask(entrant, bench, { uris });
  const warm = await ask(entrant, bench, { uris: new Array<string>(amounts.warm).fill(uris.at(-1)!) });
  const rounds = entrant.rounds.get(file.name) ?? [];
  entrant.rounds.set(file.name, [...rounds, { cold, warm }]);
}

/** Asks for each of `uris` once, one after the other, or for so long again and again. @throws Error for a wrong answer. */
async function ask(
  { server }: Entrant,
  { generator, effort }: Bench,
  { uris, seconds = 0 }: { readonly uris: readonly string[]; readonly seconds?: number },
): Promise<Run> {
  const before = server.cpuSeconds;
  const { latenciesMs, problems } = await generator.run({
    address: server.address,
    uris: server.spell(uris),
    inOrder: true,
    expects: 'json',
    clients: 1,
    keepAlive: false,
    seconds,
    atLeast: uris.length,
    seed: effort.seed,
    patienceSeconds: 30,
    samples: 0,
  });
  if (problems.size > 0) throw new Error([...problems.keys()].join(', '));
  return { latenciesMs, cpuSeconds: server.cpuSeconds - before };
}

async function rowOf(file: OpeningFile, entrants: readonly Entrant[], folder: string): Promise<OpeningRow> {
  const at = path.join(folder, openingPath(file));
  const contenders = entrants.map(({ server: { name }, rounds, lacks }): OpeningsOrLack => {
    const measured = rounds.get(file.name);
    if (measured === undefined) return { name, lacks: lacks.get(file.name) ?? 'was not asked' };
    return { name, cold: summary(measured, 'cold'), warm: summary(measured, 'warm') };
  });
  const [ours, peer] = entrants.map(({ rounds }) => rounds.get(file.name));
  const isCompared = ours !== undefined && peer !== undefined;
  return {
    title: file.title,
    fileBytes: statSync(at).size,
    ...(file.goalMs === undefined ? {} : { goalMs: file.goalMs }),
    read: await readToOpen(at),
    contenders,
    ...(isCompared ? { coldRatio: ratioOf(ours, peer, 'cold'), warmRatio: ratioOf(ours, peer, 'warm') } : {}),
  };
}

async function readToOpen(file: string): Promise<Counts> {
  const { source, counts } = countingSource(fileSource(file));
  const reader = await openImage(source);
  reader.close();
  return { ...counts };
}

function summary(rounds: readonly Round[], which: keyof Round): Opening {
  const runs = rounds.map((round) => round[which]);
  const latencies = Float64Array.from(runs.flatMap(({ latenciesMs }) => [...latenciesMs])).sort();
  const cpuSeconds = runs.reduce((sum, run) => sum + run.cpuSeconds, 0);
  return {
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    cpuMs: (cpuSeconds / latencies.length) * 1000,
  };
}

function ratioOf(ours: readonly Round[], peer: readonly Round[], which: keyof Round): Spread {
  const median = (round: Round): number => quantile(round[which].latenciesMs, 0.5);
  return spreadOf(ours.map((round, index) => median(peer[index]!) / median(round)));
}
