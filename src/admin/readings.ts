/** What an admin server asks of the image server behind it. */
import type { MeterReading } from '../metrics/meter.ts';

export interface Readings {
  readonly meter: MeterReading;
  /** Requests that are being answered. */
  readonly active: number;
  /** Tasks that wait for a rendering thread, and threads. */
  readonly queued: number;
  readonly threads: number;
  readonly openImages: number;
  readonly tileCacheBytes: number;
  readonly memcached: readonly { readonly name: string; readonly isUp: boolean; readonly trips: number }[];
  readonly memcachedHits: number;
  readonly memcachedMisses: number;
  readonly source: Readonly<
    Record<'requests' | 'retries' | 'failures' | 'bytes' | 'hits' | 'misses', number>
  >;
}

export interface Administered {
  readings(): Readings;
  /** Whether requests can be served. */
  isReady(): boolean;
  /**
   * Forgets one image: its facts and its tiles.
   *
   * @returns the tag of its answers.
   * @throws {ServerError} as finding the image does.
   */
  purge(id: string): Promise<string>;
  purgeAll(): void;
  /** Requests (path and query) of every tile of an image, the smallest level first. @throws {ServerError} */
  tilesOf(id: string): Promise<readonly string[]>;
  /** Makes one of them; its status. */
  make(uri: string): Promise<number>;
}
