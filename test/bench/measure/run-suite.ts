/** Runs a suite: servers started for each picture and setting, each workload tried, then measured at every pressure. */
import type { RECIPES } from '../images/recipes.ts';
import type { Generator } from '../load/generator-process.ts';
import { Running, type Contender, type StartOptions, type Transport } from '../servers/contender.ts';
import { spreadOf } from '../statistics.ts';
import { SETTINGS, type Suite, type Workload } from '../workloads/workload.ts';
import { measure, measureCold, WrongAnswers, type Effort, type Entrant } from './measure.ts';
import { likeness } from './picture.ts';
import { probe, probeKeeping, type Ability } from './probe.ts';
import { isMeasured, type Measured, type Row } from './row.ts';

/** What every part of a benchmark is run with. */
export interface Bench {
  readonly ours: Contender;
  readonly peer: Contender | undefined;
  readonly transport: Transport;
  readonly imagesFolder: string;
  /** For sockets and the like. */
  readonly folder: string;
  readonly generator: Generator;
  readonly effort: Effort;
}

/** Rows come as they are measured. */
export async function* runSuite(suite: Suite, bench: Bench): AsyncGenerator<Row> {
  for (const workloads of byServer(suite.workloads)) {
    const entrants = await startAll(bench, workloads[0]!);
    try {
      for (const workload of workloads) {
        yield* runWorkload(suite, workload, { bench, entrants });
        await reviveEnded(entrants, bench, workload);
      }
    } finally {
      for (const { server } of entrants) await server.stop();
    }
  }
}

/** Neighbors that can share their servers: peak memory is told for each row, but what one leaves behind stays. */
function byServer(workloads: readonly Workload[]): readonly Workload[][] {
  const groups = new Map<string, Workload[]>();
  for (const workload of workloads) {
    const key = `${workload.image} ${workload.setting} ${workload.transport ?? ''}`;
    groups.set(key, [...(groups.get(key) ?? []), workload]);
  }
  return [...groups.values()];
}

/** Ours, and the peer where there is one. */
async function startAll(bench: Bench, workload: Workload): Promise<Entrant[]> {
  const { uris, plainUris } = workload;
  const entrants: Entrant[] = [];
  for (const contender of [bench.ours, bench.peer]) {
    if (contender === undefined) continue;
    const server = await Running.start(contender, optionsFor(bench, workload));
    entrants.push({ server, keeping: await probeKeeping(server, (plainUris ?? uris)[0]!, bench.generator) });
  }
  return entrants;
}

/** A server that a request has ended is started again for the next ones. */
async function reviveEnded(entrants: Entrant[], bench: Bench, workload: Workload): Promise<void> {
  for (const [index, { server, keeping }] of entrants.entries()) {
    if (!server.hasEnded) continue;
    entrants[index] = {
      server: await Running.start(server.contender, optionsFor(bench, workload)),
      keeping,
    };
  }
}

const optionsFor = (bench: Bench, { setting, transport = bench.transport }: Workload): StartOptions =>
  startOptions({ ...bench, transport }, SETTINGS[setting]);

/** The surroundings that every server is started in. */
export function startOptions(
  { imagesFolder, transport, folder }: Bench,
  setting: Readonly<Record<string, string>>,
): StartOptions {
  const environment = {
    FILESYSTEM_PREFIX: `${imagesFolder}/`,
    VERBOSITY: '0',
    LOGFILE: '/dev/null',
    ...setting,
  };
  return { environment, transport, folder };
}

interface Stage {
  readonly bench: Bench;
  readonly entrants: readonly Entrant[];
}

async function* runWorkload(
  suite: Suite,
  workload: Workload,
  { bench, entrants }: Stage,
): AsyncGenerator<Row> {
  const abilities: Ability[] = [];
  for (const { server } of entrants) abilities.push(await probe(server, workload, bench.generator));
  const able = entrants.filter((_, index) => abilities[index]!.kind === 'able');
  const [ourPicture, peerPicture] = abilities.map((ability) =>
    ability.kind === 'able' ? ability.picture : undefined,
  );
  const likenessDb =
    ourPicture === undefined || peerPicture === undefined ? undefined : likeness(ourPicture, peerPicture);
  for (const pressure of workload.pressures) {
    const trial = { workload, pressure, effort: bench.effort, generator: bench.generator };
    const measured = await measureOrTell(() =>
      pressure.cold === true ? measureCold(able, trial, optionsFor(bench, workload)) : measure(able, trial),
    );
    const sides = entrants.map((entrant, index): Measured | { lacks: string } => {
      const ability = abilities[index]!;
      if (ability.kind === 'unable') return { lacks: ability.why };
      return typeof measured === 'string' ? { lacks: measured } : measured[able.indexOf(entrant)]!;
    });
    const { width, height } = workload.size;
    const [ours, peer] = sides;
    yield {
      suite: suite.name,
      group: workload.group,
      name: workload.name,
      ...pressure,
      megapixels: (width * height) / 1e6,
      ours: ours!,
      ...(peer === undefined ? {} : { peer }),
      ...(isMeasured(ours) && isMeasured(peer) ? { ratio: ratioOf(ours, peer) } : {}),
      ...(likenessDb === undefined ? {} : { likenessDb }),
    };
  }
}

async function measureOrTell(run: () => ReturnType<typeof measure>): Promise<readonly Measured[] | string> {
  try {
    return await run();
  } catch (thrown) {
    if (thrown instanceof WrongAnswers) return thrown.message;
    throw thrown;
  }
}

const ratioOf = (ours: Measured, peer: Measured) =>
  spreadOf(ours.rates.map((rate, round) => rate / peer.rates[round]!));

/** Pictures that a suite needs. */
export const imagesOf = (suite: Suite): readonly (keyof typeof RECIPES)[] =>
  suite.workloads.map(({ image }) => image);
