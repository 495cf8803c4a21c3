/** What came of the requests, and whether that is good enough. */

export interface Sample {
  readonly minutes: number;
  /** Asked so far. */
  readonly requests: number;
  readonly megabytes: number;
  readonly descriptors: number;
}

const MAX_SLOWEST = 8;

export class Tally {
  requests = 0;
  /** Equal to what was expected. */
  right = 0;
  /** Of a file that was being changed: answered, but nothing to compare with. */
  uncertain = 0;
  /** Milliseconds and URI of those that took longest. */
  slowest: (readonly [ms: number, uri: string])[] = [];
  readonly wrong: string[] = [];
  readonly errors = new Map<string, number>();
  readonly faults = new Map<string, number>();

  took(ms: number, uri: string): void {
    this.slowest = [...this.slowest, [ms, uri] as const].sort(([a], [b]) => b - a).slice(0, MAX_SLOWEST);
  }

  count(map: Map<string, number>, what: string): void {
    map.set(what, (map.get(what) ?? 0) + 1);
  }
}

/** Megabytes a minute, by least squares. */
export function slopeOf(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number) =>
    samples.reduce((sum, each) => sum + of(each), 0) / samples.length;
  const [x, y] = [mean(({ minutes }) => minutes), mean(({ megabytes }) => megabytes)];
  const square = samples.reduce((sum, { minutes }) => sum + (minutes - x) ** 2, 0);
  const product = samples.reduce((sum, { minutes, megabytes }) => sum + (minutes - x) * (megabytes - y), 0);
  return square === 0 ? 0 : product / square;
}

/** How many requests were asked in each minute: a server that slows down shows it here. */
function byMinute(samples: readonly Sample[]): string {
  const counts: number[] = [];
  let before = 0;
  for (const { minutes, requests } of samples) {
    const minute = Math.floor(minutes);
    counts[minute] = (counts[minute] ?? 0) + requests - before;
    before = requests;
  }
  return counts.join(', ');
}

const listed = (map: ReadonlyMap<string, number>): string =>
  [...map].map(([what, count]) => `\n    ${count} × ${what}`).join('') || ' none';

export interface Limits {
  readonly slope: number;
  readonly descriptors: number;
}

/** The lines to print, and whether all is well. */
export function report(tally: Tally, samples: readonly Sample[], limits: Limits): { readonly text: string; readonly isGood: boolean } {
  // The first two fifths are for caches to fill.
  const settled = samples.slice(Math.floor(samples.length * 0.4));
  const slope = slopeOf(settled);
  const [first, last] = [settled[0], settled.at(-1)];
  const grown = (last?.descriptors ?? 0) - (first?.descriptors ?? 0);
  const isGood = tally.wrong.length === 0 && slope <= limits.slope && grown <= limits.descriptors;
  const lines = [
    `requests: ${tally.requests}, right: ${tally.right}, of files that were changing: ${tally.uncertain}`,
    `requests in each minute: ${byMinute(samples)}`,
    `wrong answers: ${tally.wrong.length}${tally.wrong.slice(0, 20).map((line) => `\n    ${line}`).join('')}`,
    `errors by cause:${listed(tally.errors)}`,
    `slowest:${tally.slowest.map(([ms, uri]) => `\n    ${Math.round(ms)} ms ${uri}`).join('')}`,
    `faults:${listed(tally.faults)}`,
    `resident memory: ${first?.megabytes} to ${last?.megabytes} MB, slope ${slope.toFixed(2)} MB a minute (limit ${limits.slope === Infinity ? 'none, too short' : limits.slope})`,
    `descriptors: ${first?.descriptors} to ${last?.descriptors} (limit +${limits.descriptors})`,
    isGood ? 'good' : 'NOT GOOD',
  ];
  return { text: lines.join('\n'), isGood };
} // prettier-ignore
