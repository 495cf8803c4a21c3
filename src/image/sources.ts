/** Files and remote objects behind one door: whoever opens an image does not know which it is. */
import type { Log } from '../log.ts';
import { ReadClock } from '../metrics/stage-clock.ts';
import { ClockedSource } from './clocked-source.ts';
import { openFileSource, type FileVersion, type ReadMode } from './file-source.ts';
import type { Locator } from './locate.ts';
import { OpenFiles } from './open-files.ts';
import { SourceCounters } from './remote/counters.ts';
import type { RemoteSettings } from './remote/settings.ts';
import type { ByteSource } from './source.ts';

export interface Sources {
  open(version: FileVersion): ByteSource;
  /** A locator that finds remote images, too. */
  locator(files: Locator, log: Pick<Log, 'warn'>): Locator;
  readonly counters: SourceCounters;
  /** For how long this thread has waited for bytes of all of them. */
  readonly reads: ReadClock;
  /** Bytes of remote images in memory. */
  readonly cachedBytes: number;
  /** Forgets what was read of remote images. */
  clear(): void;
  close(): void;
}

export interface SourceOptions {
  /** Descriptors that are kept. */
  readonly maxOpenFiles?: number;
  /** Shared with other threads. */
  readonly counters?: SourceCounters;
}

/** Paths of files begin with a slash, those of remote objects with their scheme. */
const REMOTE = /^(https?|s3):\/\//;

/**
 * The sources of a thread.
 *
 * @param mode how files are read; remote objects are never read synchronously.
 */
export async function createSources(
  settings: RemoteSettings,
  mode: ReadMode,
  { maxOpenFiles, counters = new SourceCounters() }: SourceOptions = {},
): Promise<Sources> {
  const files = new OpenFiles(maxOpenFiles);
  const reads = new ReadClock();
  const openFile = (version: FileVersion) => new ClockedSource(openFileSource(version, files, mode), reads);
  if (settings.sourceMap.length === 0) {
    return {
      open: openFile,
      locator: (locator) => locator,
      counters,
      reads,
      cachedBytes: 0,
      clear: () => {},
      close: () => files.closeAll(),
    };
  }
  // Loaded here only: without a SOURCE_MAP no thread needs a TLS client.
  const { ObjectStore } = await import('./remote/object-store.ts');
  const { BlockCache } = await import('./remote/block-cache.ts');
  const { RemoteSource } = await import('./remote/remote-source.ts');
  const { RemoteLocator } = await import('./remote/remote-locator.ts');
  const store = new ObjectStore(settings, { counters });
  const blocks = new BlockCache(settings.sourceCacheBytes, counters);
  return {
    open: (version) =>
      REMOTE.test(version.path)
        ? new ClockedSource(new RemoteSource(version, { store, blocks }), reads)
        : openFile(version),
    locator: (locator, log) => new RemoteLocator(settings, locator, { store, blocks }, { log }),
    counters,
    reads,
    get cachedBytes() {
      return blocks.bytes;
    },
    clear: () => blocks.clear(),
    close: () => {
      store.close();
      files.closeAll();
    },
  };
}
