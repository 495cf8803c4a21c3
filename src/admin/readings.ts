/** What an admin server asks of the image server behind it. */
import type { SourceCount } from '../image/remote/counters.ts';
import { Meter, type MeterReading } from '../metrics/meter.ts';

/** What one process counts: plain numbers, those of several can be added. */
export interface Counts {
  /** As `Meter.add` gives them. */
  readonly meter: readonly number[];
  /** Tasks that wait for a rendering thread, and such threads. */
  readonly queued: number;
  readonly threads: number;
  /** Bytes that the tasks which run are thought to take. */
  readonly workBytes: number;
  /** Files that are not decoded any more. */
  readonly quarantined: number;
  readonly tileCacheBytes: number;
  readonly source: Readonly<Record<SourceCount, number>>;
}

/** One of several processes. */
export interface ProcessReading {
  /** Its place among them, from 0. */
  readonly worker: number;
  readonly residentBytes: number;
}

export interface Readings extends Omit<Counts, 'meter'> {
  readonly meter: MeterReading;
  /** Requests that are being answered, in all threads. */
  readonly active: number;
  /** Images whose facts are known, each counted in every thread that knows it. */
  readonly openImages: number;
  /** Up is one that every thread asks; trips are those of all threads. */
  readonly memcached: readonly { readonly name: string; readonly isUp: boolean; readonly trips: number }[];
  /** Of several processes: those that serve, and how many ended unasked. */
  readonly workers?: { readonly running: readonly ProcessReading[]; readonly lost: number };
}

type Awaitable<T> = T | Promise<T>;

export interface Administered {
  readings(): Awaitable<Readings>;
  /** Whether requests can be served. */
  isReady(): Awaitable<boolean>;
  /**
   * Forgets one image in all threads: its facts and its tiles.
   *
   * @returns the tag of its answers.
   * @throws {ServerError} as finding the image does.
   */
  purge(id: string): Promise<string>;
  purgeAll(): Promise<void>;
  /** Requests (path and query) of every tile of an image, the smallest level first. @throws {ServerError} */
  tilesOf(id: string): Promise<readonly string[]>;
  /** Makes one of them; its status. */
  make(uri: string): Promise<number>;
}

/** What is counted here can be added to what other processes count. */
export interface Countable extends Administered {
  counts(): Counts;
}

/** @param memcached names of the servers, in the order of the meters. */
export function readingsOf(counts: Counts, memcached: readonly string[]): Readings {
  const meter = Meter.reading(counts.meter);
  const { threads, active, openImages } = meter.gauges;
  return {
    ...counts,
    meter,
    active,
    openImages,
    memcached: memcached.map((name, i) => {
      const { askedBy = 0, trips = 0 } = meter.servers[i] ?? {};
      return { name, isUp: askedBy === threads, trips };
    }),
  };
}

const NOTHING: Counts = {
  meter: [],
  queued: 0,
  threads: 0,
  workBytes: 0,
  quarantined: 0,
  tileCacheBytes: 0,
  source: { requests: 0, retries: 0, failures: 0, bytes: 0, hits: 0, misses: 0 },
};

export function addCounts(list: readonly Counts[]): Counts {
  return list.reduce(
    (sum, each) => ({
      meter: Meter.add([sum.meter, each.meter]),
      queued: sum.queued + each.queued,
      threads: sum.threads + each.threads,
      workBytes: sum.workBytes + each.workBytes,
      quarantined: sum.quarantined + each.quarantined,
      tileCacheBytes: sum.tileCacheBytes + each.tileCacheBytes,
      source: addSource(sum.source, each.source),
    }),
    NOTHING,
  );
}

/** What stays of a process that has ended: what it did. */
export const settledCounts = ({ meter, source }: Counts): Counts => ({
  ...NOTHING,
  meter: Meter.settled(meter),
  source,
});

function addSource(one: Counts['source'], other: Counts['source']): Counts['source'] {
  const names = Object.keys(one) as readonly SourceCount[];
  // It has the same keys.
  return Object.fromEntries(names.map((name) => [name, one[name] + other[name]])) as Counts['source'];
}
