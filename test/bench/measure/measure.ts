/** Servers in turn, A B A B, under the same pressure: what the machine does meanwhile meets both alike. */
import type { Generator } from '../load/generator-process.ts';
import type { LoadJob, LoadResult } from '../load/job.ts';
import { Running, type StartOptions } from '../servers/contender.ts';
import { machineSeconds, waitForQuiet } from '../servers/other-load.ts';
import { quantile, spreadOf } from '../statistics.ts';
import type { Pressure, Workload } from '../workloads/workload.ts';
import { pictureProblem, type Keeping } from './probe.ts';
import type { Measured } from './row.ts';
import { settle, type Pieces } from './settle.ts';

export interface Effort {
  readonly rounds: number;
  /** Of one server in one round. */
  readonly seconds: number;
  /** Of load that each process gets before its first row at most, unless the row is about cold ones. */
  readonly warmUpSeconds: number;
  readonly seed: number;
  /** Time that may be spent on each run beside the run itself, to find one in which other programs rest. */
  readonly waitSeconds: number;
  /** Fewer repetitions wherever something is counted and not timed. */
  readonly quick: boolean;
}

export interface Entrant {
  readonly server: Running;
  readonly keeping: Keeping;
}

export interface Trial {
  readonly workload: Workload;
  readonly pressure: Pressure;
  readonly effort: Effort;
  readonly generator: Generator;
}

/** An answer that was wrong: then there is nothing to compare. */
export class WrongAnswers extends Error {}

interface Round {
  readonly load: LoadResult;
  readonly cpuSeconds: number;
  readonly othersSeconds: number;
}

/** Bodies looked at closely in each run. */
const SAMPLES = 2;

const PATIENCE_SECONDS = 60;

/**
 * Measures all `entrants`, the numbers in their order.
 *
 * @throws {WrongAnswers} when one of them answers wrongly.
 */
export async function measure(entrants: readonly Entrant[], trial: Trial): Promise<readonly Measured[]> {
  const { seconds, rounds } = trial.effort;
  const results = entrants.map((): Round[] => []);
  for (const entrant of entrants) {
    await warmUp(entrant, trial);
    entrant.server.resetPeak();
  }
  for (let round = 1; round <= rounds; round++) {
    for (const [index, entrant] of entrants.entries())
      results[index]!.push(await run(entrant, trial, { round, seconds }));
  }
  return entrants.map((entrant, index) => summary(entrant, trial.pressure, results[index]!));
}

/** Clients of the load that warms up: all threads are to have work. */
const WARMING_CLIENTS = 8;

const warm = new WeakSet<Running>();

/** Of the first warming up of a process. */
const PIECE_SECONDS = 1;

/** What a row may take of it to warm up what is its own. */
const SHARE_OF_ROW = 0.2;

/** Compilers that optimize while a program runs need thousands of requests; a server runs for weeks. */
async function warmUp(entrant: Entrant, trial: Trial): Promise<void> {
  const { seconds, warmUpSeconds } = trial.effort;
  if (!warm.has(entrant.server)) {
    const pressure = { ...trial.pressure, clients: WARMING_CLIENTS };
    await settleIn(
      entrant,
      { ...trial, pressure },
      { pieceSeconds: PIECE_SECONDS, limitSeconds: warmUpSeconds },
    );
    warm.add(entrant.server);
  }
  await settleIn(entrant, trial, { pieceSeconds: seconds / 2, limitSeconds: warmUpSeconds * SHARE_OF_ROW });
}

const settleIn = (entrant: Entrant, trial: Trial, times: Omit<Pieces, 'load'>): Promise<void> =>
  settle({
    ...times,
    load: async (seconds) => {
      const { load } = await runOnce(entrant, trial, { round: 0, seconds });
      return load.requests / load.seconds;
    },
  });

/**
 * The same with a process started for each run, whose first requests are measured: nothing is in its caches, and
 * nothing of its program has run. The file is in the page cache, for both.
 *
 * @throws {WrongAnswers} when one of them answers wrongly.
 */
export async function measureCold(
  entrants: readonly Entrant[],
  trial: Trial,
  options: StartOptions,
): Promise<readonly Measured[]> {
  const { seconds, rounds } = trial.effort;
  const results = entrants.map((): Round[] => []);
  const peaks = entrants.map((): number[] => []);
  for (let round = 1; round <= rounds; round++) {
    for (const [index, { server, keeping }] of entrants.entries()) {
      const fresh = await Running.start(server.contender, options);
      try {
        results[index]!.push(await runOnce({ server: fresh, keeping }, trial, { round, seconds }));
        peaks[index]!.push(fresh.memoryMegabytes('peak'));
      } finally {
        await fresh.stop();
      }
    }
  }
  return entrants.map((entrant, index) => ({
    ...summary(entrant, trial.pressure, results[index]!),
    peakMegabytes: Math.max(...peaks[index]!),
  }));
}

/** Numbers of a run that the rest of the machine took more of than this, in cores, are doubtful. */
const DISTURBED = 0.25;

/** The least disturbed of as many tries as the time allowed for waiting makes possible. */
async function run(entrant: Entrant, trial: Trial, frame: RunFrame): Promise<Round> {
  const deadline = performance.now() + trial.effort.waitSeconds * 1000;
  const tries: Round[] = [];
  do {
    await waitForQuiet((deadline - performance.now()) / 1000);
    tries.push(await runOnce(entrant, trial, frame));
  } while (shareOfOthers(tries.at(-1)!) > DISTURBED && performance.now() < deadline);
  return tries.reduce((best, other) => (shareOfOthers(other) < shareOfOthers(best) ? other : best));
}

const shareOfOthers = ({ othersSeconds, load }: Round): number => othersSeconds / load.seconds;

interface RunFrame {
  readonly round: number;
  readonly seconds: number;
}

async function runOnce(
  { server, keeping }: Entrant,
  trial: Trial,
  { round, seconds }: RunFrame,
): Promise<Round> {
  const { workload, pressure, effort, generator } = trial;
  const job: LoadJob = {
    address: server.address,
    uris: server.spell(workload.uris),
    expects: workload.expects,
    clients: pressure.clients,
    keepAlive: canKeep(keeping, pressure),
    seconds,
    atLeast: pressure.clients,
    seed: effort.seed + round,
    patienceSeconds: PATIENCE_SECONDS,
    samples: SAMPLES,
  };
  const before = { server: server.cpuSeconds, machine: machineSeconds() };
  const load = await generator.run(job);
  const cpuSeconds = server.cpuSeconds - before.server;
  const othersSeconds = Math.max(0, machineSeconds() - before.machine - cpuSeconds - load.ownCpuSeconds);
  await checkAnswers(load, server, workload);
  return { load, cpuSeconds, othersSeconds };
}

async function checkAnswers(
  { problems, samples }: LoadResult,
  server: Running,
  workload: Workload,
): Promise<void> {
  const wrong = [...problems].map(([what, count]) => `${count} x ${what}`);
  for (const sample of samples) {
    const problem = await pictureProblem(sample, workload);
    if (problem !== undefined) wrong.push(problem);
  }
  if (wrong.length > 0) throw new WrongAnswers(`${server.name}: ${wrong.join(', ')}`);
}

function canKeep(keeping: Keeping, { keepAlive, clients }: Pressure): boolean {
  return keepAlive && (keeping === 'many' || (keeping === 'one' && clients === 1));
}

function summary({ server, keeping }: Entrant, pressure: Pressure, rounds: readonly Round[]): Measured {
  const loads = rounds.map(({ load }) => load);
  const latenciesMs = Float64Array.from(loads.flatMap((load) => [...load.latenciesMs])).sort();
  const total = (of: (round: Round) => number): number => rounds.reduce((sum, round) => sum + of(round), 0);
  const rates = loads.map(({ requests, seconds }) => requests / seconds);
  return {
    requestsPerSecond: spreadOf(rates),
    rates,
    p50Ms: quantile(latenciesMs, 0.5),
    p99Ms: quantile(latenciesMs, 0.99),
    cpuMs: (total(({ cpuSeconds }) => cpuSeconds) / latenciesMs.length) * 1000,
    peakMegabytes: server.memoryMegabytes('peak'),
    keepAlive: canKeep(keeping, pressure),
    othersShare: total(({ othersSeconds }) => othersSeconds) / total(({ load }) => load.seconds),
    generatorShare: total(({ load }) => load.ownCpuSeconds) / total(({ load }) => load.seconds),
  };
}
