/** Finds images for the protocols: name → file → open reader → facts. */
import { rescued } from './awaitable.ts';
import { aboutFile } from './errors.ts';
import type { ReaderCache } from './cache/readers.ts';
import type { FoundImage, ImageStore, View } from './protocols/protocol.ts';
import { DEFAULT_VIEW } from './protocols/protocol.ts';
import type { LocatedImage, Locator } from './image/locate.ts';
import type { DoubtfulFiles } from './render/doubtful-files.ts';
import { isSameIdentity } from './image/source.ts';

/** A store over files: `locator` knows where they are, `readers` keeps them open, `doubtful` has those that cannot be opened wait. */
export function createImageStore(
  locator: Locator,
  readers: ReaderCache,
  doubtful: Pick<DoubtfulFiles, 'turn'>,
): ImageStore {
  return {
    forget: (path) => locator.forget?.(path),
    find: async (name: string, view: View = DEFAULT_VIEW): Promise<FoundImage> => {
      const located = locator.locate(name, view);
      const found = located instanceof Promise ? await located : located;
      const { path, identity, stem, views } = found;
      if (readers.hasFailed(path, identity)) await doubtful.turn();
      const reader = await rescued(
        () => readers.get(path, identity),
        (thrown) => {
          throw aboutFile(thrown, path);
        },
      );
      return {
        info: reader.info,
        source: { path, identity },
        stem,
        // A sequence grows by files beside this one.
        ...(views === undefined ? {} : { views }),
        ...(views !== undefined || located instanceof Promise
          ? {}
          : { isCurrent: sameAs(found, () => locator.locate(name, view)) }),
      };
    },
  };
}

/** Whether the name leads to what was found, asked each time anew. */
function sameAs(found: LocatedImage, locate: () => LocatedImage | Promise<LocatedImage>): () => boolean {
  return () => {
    const now = locate();
    if (!(now instanceof Promise))
      return now.path === found.path && isSameIdentity(now.identity, found.identity);
    now.catch(() => undefined); // It is asked again on the long way.
    return false;
  };
}
