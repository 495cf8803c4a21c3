/**
 * What requests did, as plain numbers in memory that threads share: each thread writes its own meter, and whoever
 * looks adds them up. Counting a request is a few additions.
 */
import { PICTURE_STAGES, type StageTimes } from './stage-clock.ts';

export const PROTOCOLS = ['IIP', 'IIIF', 'DeepZoom', 'Zoomify', 'other'] as const;
export const STATUSES = [200, 204, 303, 304, 400, 404, 405, 413, 499, 500, 501, 503, 0] as const;
export const ORIGINS = ['hit', 'memcached', 'shared', 'copied', 'rendered'] as const;
/**
 * `request` is all of it, `render` making or fetching a picture, `cache` looking into the caches of pictures and storing
 * there; the others are those of a picture, `open` also that of an image whose facts were asked for.
 */
export const STAGES = ['request', 'render', 'cache', ...PICTURE_STAGES] as const;

/** Upper bounds of durations in seconds. */
export const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

export type MeteredProtocol = (typeof PROTOCOLS)[number];
export type Origin = (typeof ORIGINS)[number];
export type Stage = (typeof STAGES)[number];

/** What holds now: whether the thread lives, requests under way, images whose facts it knows. */
export const GAUGES = ['threads', 'active', 'openImages'] as const;
/** Pictures that memcached had, and had not. */
export const LOOKUPS = ['memcachedHits', 'memcachedMisses'] as const;

/** Why requests were refused or broken off. */
export const REFUSALS = ['time', 'requests', 'queue', 'memory', 'quarantine', 'doubtful'] as const;

export type Gauge = (typeof GAUGES)[number];
export type Lookup = (typeof LOOKUPS)[number];
export type Refusal = (typeof REFUSALS)[number];

const REQUESTS = 0;
const PICTURES = REQUESTS + PROTOCOLS.length * STATUSES.length;
const BYTES = PICTURES + ORIGINS.length;
const HISTOGRAMS = BYTES + 1;
/** Counts by bucket, one for what is longer than all of them, and the sum. */
const HISTOGRAM_LENGTH = BUCKETS.length + 2;
const GAUGE = HISTOGRAMS + STAGES.length * HISTOGRAM_LENGTH;
const LOOKUP = GAUGE + GAUGES.length;
/** Of each memcached: whether it is asked, and how often it was found not to answer. */
const REFUSAL = LOOKUP + LOOKUPS.length;
const SERVERS = REFUSAL + REFUSALS.length;
const SERVER_LENGTH = 2;

export class Meter {
  readonly memory: SharedArrayBuffer;
  readonly #numbers: Float64Array;

  constructor(memory = Meter.allocate(0)) {
    this.memory = memory;
    this.#numbers = new Float64Array(memory);
  }

  /** Memory of a meter. */
  static allocate(memcachedServers: number): SharedArrayBuffer {
    const length = SERVERS + memcachedServers * SERVER_LENGTH;
    return new SharedArrayBuffer(length * Float64Array.BYTES_PER_ELEMENT);
  }

  set(gauge: Gauge, value: number): void {
    this.#numbers[GAUGE + GAUGES.indexOf(gauge)] = value;
  }

  /** What a gauge holds. */
  read(gauge: Gauge): number {
    return this.#numbers[GAUGE + GAUGES.indexOf(gauge)]!;
  }

  countRefusal(refusal: Refusal): void {
    this.#numbers[REFUSAL + REFUSALS.indexOf(refusal)]! += 1;
  }

  countLookup(lookup: Lookup): void {
    this.#numbers[LOOKUP + LOOKUPS.indexOf(lookup)]! += 1;
  }

  /** A memcached, by its place among them, is asked from now on, or not. */
  setServer(index: number, isUp: boolean): void {
    const at = SERVERS + index * SERVER_LENGTH;
    this.#numbers[at] = Number(isUp);
    if (!isUp) this.#numbers[at + 1]! += 1;
  }

  /** The thread has died: what it counted stays, what held of it does not. */
  settle(): void {
    this.#numbers.set(Meter.settled([...this.#numbers]));
  }

  countRequest(protocol: MeteredProtocol, status: number, bytes: number): void {
    const known = (STATUSES as readonly number[]).indexOf(status);
    const column = known < 0 ? STATUSES.length - 1 : known;
    this.#numbers[REQUESTS + PROTOCOLS.indexOf(protocol) * STATUSES.length + column]! += 1;
    this.#numbers[BYTES]! += bytes;
  }

  countPicture(origin: Origin): void {
    this.#numbers[PICTURES + ORIGINS.indexOf(origin)]! += 1;
  }

  observe(stage: Stage, ms: number): void {
    const seconds = ms / 1000;
    let bucket = 0;
    while (bucket < BUCKETS.length && seconds > BUCKETS[bucket]!) bucket++;
    const start = HISTOGRAMS + STAGES.indexOf(stage) * HISTOGRAM_LENGTH;
    this.#numbers[start + bucket]! += 1;
    this.#numbers[start + HISTOGRAM_LENGTH - 1]! += seconds;
  }

  /** What a picture took. A stage that was not needed is not counted. */
  observeStages(times: StageTimes): void {
    for (const stage of PICTURE_STAGES) if (times[stage] > 0) this.observe(stage, times[stage]);
  }

  /** Its cells as they are now, for another process. */
  get numbers(): readonly number[] {
    return [...this.#numbers];
  }

  /** The cells of several meters added up; of none, those of one that has counted nothing. */
  static add(meters: readonly (readonly number[])[]): readonly number[] {
    const length = Math.max(SERVERS, ...meters.map((meter) => meter.length));
    return Array.from({ length }, (_, i) => meters.reduce((sum, meter) => sum + (meter[i] ?? 0), 0));
  }

  /** Cells of a thread or process that has died. */
  static settled(numbers: readonly number[]): readonly number[] {
    const holds = (i: number): boolean =>
      i >= SERVERS ? (i - SERVERS) % SERVER_LENGTH === 0 : i >= GAUGE && i < GAUGE + GAUGES.length;
    return numbers.map((value, i) => (holds(i) ? 0 : value));
  }

  /** What cells say. */
  static reading(numbers: readonly number[]): MeterReading {
    return readingOf(numbers);
  }

  /** The sum of several meters, as it is now. */
  static sum(meters: readonly Meter[]): MeterReading {
    return readingOf(Meter.add(meters.map(({ numbers }) => numbers)));
  }
}

export interface Histogram {
  /** For each of BUCKETS how many took no longer; then all. */
  readonly cumulative: readonly number[];
  readonly sumSeconds: number;
}

export interface MeterReading {
  /** Those that are not 0. */
  readonly requests: readonly {
    readonly protocol: MeteredProtocol;
    readonly status: number;
    readonly count: number;
  }[];
  readonly pictures: Readonly<Record<Origin, number>>;
  readonly bytes: number;
  readonly stages: Readonly<Record<Stage, Histogram>>;
  readonly gauges: Readonly<Record<Gauge, number>>;
  readonly lookups: Readonly<Record<Lookup, number>>;
  readonly refusals: Readonly<Record<Refusal, number>>;
  /** Of each memcached: threads that ask it, and how often one of them found it not to answer. */
  readonly servers: readonly { readonly askedBy: number; readonly trips: number }[];
}

function readingOf(numbers: readonly number[]): MeterReading {
  const requests = PROTOCOLS.flatMap((protocol, row) =>
    STATUSES.map((status, column) => ({
      protocol,
      status,
      count: numbers[REQUESTS + row * STATUSES.length + column]!,
    })),
  ).filter(({ count }) => count > 0);
  // Every name of the types is in its list.
  const pictures = Object.fromEntries(ORIGINS.map((origin, i) => [origin, numbers[PICTURES + i]!]));
  const gauges = Object.fromEntries(GAUGES.map((gauge, i) => [gauge, numbers[GAUGE + i]!]));
  const lookups = Object.fromEntries(LOOKUPS.map((lookup, i) => [lookup, numbers[LOOKUP + i]!]));
  const refusals = Object.fromEntries(REFUSALS.map((refusal, i) => [refusal, numbers[REFUSAL + i]!]));
  const stages = Object.fromEntries(STAGES.map((stage, i) => [stage, histogramAt(numbers, i)]));
  return {
    requests,
    pictures: pictures as MeterReading['pictures'],
    bytes: numbers[BYTES]!,
    stages: stages as MeterReading['stages'],
    gauges: gauges as MeterReading['gauges'],
    lookups: lookups as MeterReading['lookups'],
    refusals: refusals as MeterReading['refusals'],
    servers: serversIn(numbers),
  };
}

function serversIn(numbers: readonly number[]): MeterReading['servers'] {
  return Array.from({ length: (numbers.length - SERVERS) / SERVER_LENGTH }, (_, i) => ({
    askedBy: numbers[SERVERS + i * SERVER_LENGTH]!,
    trips: numbers[SERVERS + i * SERVER_LENGTH + 1]!,
  }));
}

function histogramAt(numbers: readonly number[], index: number): Histogram {
  const start = HISTOGRAMS + index * HISTOGRAM_LENGTH;
  let count = 0;
  const cumulative = Array.from({ length: BUCKETS.length + 1 }, (_, i) => (count += numbers[start + i]!));
  return { cumulative, sumSeconds: numbers[start + HISTOGRAM_LENGTH - 1]! };
}
