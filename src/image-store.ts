/** Finds images for the protocols: name → file → open reader → facts. */
import { after, rescued, type Awaitable } from './awaitable.ts';
import { aboutFile } from './errors.ts';
import type { ReaderCache } from './cache/readers.ts';
import type { FoundImage, ImageStore, View } from './protocols/protocol.ts';
import { DEFAULT_VIEW } from './protocols/protocol.ts';
import type { ImageReader } from './image/reader.ts';
import type { LocatedImage, Locator } from './image/locate.ts';
import type { DoubtfulFiles } from './render/doubtful-files.ts';
import { isSameIdentity } from './image/source.ts';

/** A store over files: `locator` knows where they are, `readers` keeps them open, `doubtful` has those that cannot be opened wait. */
export function createImageStore(
  locator: Locator,
  readers: ReaderCache,
  doubtful: Pick<DoubtfulFiles, 'turn'>,
): ImageStore {
  const open = ({ path, identity }: LocatedImage): Awaitable<ImageReader> => {
    const turn = readers.hasFailed(path, identity) ? doubtful.turn() : undefined;
    return rescued(
      () => after(turn, () => readers.get(path, identity)),
      (thrown) => {
        throw aboutFile(thrown, path);
      },
    );
  };
  /** By what a locator tells for one name as long as it means the same file: thousands of answers are remembered with theirs. */
  const images = new WeakMap<LocatedImage, FoundImage>();
  return {
    forget: (path) => locator.forget?.(path),
    find: (name: string, view: View = DEFAULT_VIEW): Awaitable<FoundImage> => {
      const located = locator.locate(name, view);
      return after(located, (found) =>
        after(open(found), ({ info }) => {
          const { path, identity, stem, views } = found;
          const last = images.get(found);
          if (last?.info === info) return last;
          const source = { path, identity };
          // A sequence grows by files beside this one.
          if (views !== undefined) return { info, source, stem, views };
          if (located instanceof Promise) return { info, source, stem };
          const isCurrent = sameAs(found, () => locator.locate(name, view));
          const image = { info, source, stem, isCurrent };
          images.set(found, image);
          return image;
        }),
      );
    },
  };
}

/** Whether the name leads to what was found, asked each time anew. */
function sameAs(found: LocatedImage, locate: () => LocatedImage | Promise<LocatedImage>): () => boolean {
  return () => {
    const now = locate();
    if (!(now instanceof Promise))
      return now === found || (now.path === found.path && isSameIdentity(now.identity, found.identity));
    now.catch(() => undefined); // It is asked again on the long way.
    return false;
  };
}
