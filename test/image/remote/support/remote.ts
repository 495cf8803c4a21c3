/** The parts that read remote images, put together for tests. */
import { readConfig } from '../../../../src/config/read-config.ts';
import { BlockCache } from '../../../../src/image/remote/block-cache.ts';
import { SourceCounters } from '../../../../src/image/remote/counters.ts';
import { ObjectStore } from '../../../../src/image/remote/object-store.ts';
import { RemoteLocator } from '../../../../src/image/remote/remote-locator.ts';
import { RemoteSource } from '../../../../src/image/remote/remote-source.ts';
import { remoteSettings } from '../../../../src/image/remote/settings.ts';
import { openImage } from '../../../../src/image/open.ts';
import type { LocatedImage, Locator } from '../../../../src/image/locate.ts';
import type { ImageReader } from '../../../../src/image/reader.ts';
import { ServerError } from '../../../../src/errors.ts';
import { memoryLog } from '../../../support/log.ts';
import type { Scope } from '../../../support/scope.ts';

const NO_FILES: Locator = {
  locate: () => {
    throw new ServerError('not-found', 'no file');
  },
};

export function remoteParts(scope: Scope, env: Readonly<Record<string, string>>) {
  const { config, warnings, errors } = readConfig(env, { cpus: 1 });
  if (warnings.length + errors.length > 0) throw new Error(JSON.stringify([warnings, errors]));
  const settings = remoteSettings(config);
  const counters = new SourceCounters();
  const clock = { ms: 0 };
  const pauses: number[] = [];
  const retry = { sleep: (ms: number) => Promise.resolve(void pauses.push(ms)), random: () => 1 };
  const store = new ObjectStore(settings, { counters, retry });
  scope.defer(() => store.close());
  const blocks = new BlockCache(settings.sourceCacheBytes, counters);
  const log = memoryLog();
  const locator = new RemoteLocator(settings, NO_FILES, { store, blocks }, { log, now: () => clock.ms });
  const source = ({ path, identity }: LocatedImage) =>
    new RemoteSource({ path, identity }, { store, blocks });
  const open = async (name: string): Promise<ImageReader> => openImage(source(await locator.locate(name)));
  return { counters, clock, pauses, store, blocks, log, locator, source, open };
}
