/** What an admin server asks of the image server behind it. */
import type { MeterReading } from '../metrics/meter.ts';

export interface Readings {
  readonly meter: MeterReading;
  /** Requests that are being answered, in all threads. */
  readonly active: number;
  /** Tasks that wait for a rendering thread, and such threads. */
  readonly queued: number;
  readonly threads: number;
  /** Bytes that the tasks which run are thought to take. */
  readonly workBytes: number;
  /** Files that are not decoded any more. */
  readonly quarantined: number;
  /** Images whose facts are known, each counted in every thread that knows it. */
  readonly openImages: number;
  readonly tileCacheBytes: number;
  /** Up is one that every thread asks; trips are those of all threads. */
  readonly memcached: readonly { readonly name: string; readonly isUp: boolean; readonly trips: number }[];
  readonly source: Readonly<
    Record<'requests' | 'retries' | 'failures' | 'bytes' | 'hits' | 'misses', number>
  >;
}

export interface Administered {
  readings(): Readings;
  /** Whether requests can be served. */
  isReady(): boolean;
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
