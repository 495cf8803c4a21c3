/** What came of a run, in numbers and in lines. */

export interface Sample {
  readonly seconds: number;
  /** Resident memory of all processes of the server. */
  readonly megabytes: number;
  readonly descriptors: number;
  readonly processes: number;
}

export interface TrafficReport {
  readonly seconds: number;
  readonly requests: number;
  /** Answers that were not 200, by their status; `lost` are those that did not come. */
  readonly others: ReadonlyMap<number | 'lost', number>;
  /** Pictures with other bytes than when they are asked for alone. */
  readonly wrong: readonly string[];
  /** What the log says of errors of the program itself. */
  readonly faults: readonly string[];
  /** Of the others, with their status. */
  readonly examples: readonly string[];
  readonly samples: readonly Sample[];
  readonly disturbances: Readonly<Record<'hangUps' | 'memcachedDeaths' | 'replacedImages', number>>;
}

/** Growth in MB a minute by least squares, the first fifth left out. */
export function slopeOf(samples: readonly Sample[]): number {
  const late = samples.slice(Math.ceil(samples.length / 5));
  const mean = (of: (sample: Sample) => number): number => late.reduce((sum, each) => sum + of(each), 0) / late.length;
  const [x, y] = [mean(({ seconds }) => seconds), mean(({ megabytes }) => megabytes)];
  const above = late.reduce((sum, { seconds, megabytes }) => sum + (seconds - x) * (megabytes - y), 0);
  const below = late.reduce((sum, { seconds }) => sum + (seconds - x) ** 2, 0);
  return below === 0 ? 0 : (60 * above) / below;
} // prettier-ignore

/** Answers from 500 on that no server may give under load (503 is one that it may), and faults in the log. */
export const faultsOf = ({ others, faults }: TrafficReport): number =>
  [...others].reduce(
    (sum, [status, count]) => sum + (status === 'lost' || (status >= 500 && status !== 503) ? count : 0),
    faults.length,
  );

export function linesOf(report: TrafficReport): readonly string[] {
  const { seconds, requests, others, wrong, samples, disturbances } = report;
  const { hangUps, memcachedDeaths, replacedImages } = disturbances;
  const of = (value: (sample: Sample) => number): string => {
    const values = samples.map(value);
    return `${values[0]} at first, ${Math.max(...values)} at most, ${values.at(-1)} in the end`;
  };
  const statuses = [...others].map(([status, count]) => `${status}: ${count}`).join(', ');
  return [
    `${requests} requests in ${Math.round(seconds)} s; ${wrong.length} wrong answers; not 200: ${statuses || 'none'}`,
    `${hangUps} times new workers, ${memcachedDeaths} times a dead memcached, ${replacedImages} times another image`,
    `memory in MB: ${of(({ megabytes }) => megabytes)}; ${slopeOf(samples).toFixed(1)} a minute after the first fifth`,
    `descriptors: ${of(({ descriptors }) => descriptors)}; processes: ${of(({ processes }) => processes)}`,
    ...report.examples,
    ...report.faults.slice(0, 10).map((message) => `in the log: ${message}`),
    ...wrong.slice(0, 10).map((uri) => `wrong: ${uri}`),
  ];
}
