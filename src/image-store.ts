/** Finds images for the protocols: name → file → open reader → facts. */
import { aboutFile } from './errors.ts';
import type { ReaderCache } from './cache/readers.ts';
import type { FoundImage, ImageStore, View } from './protocols/protocol.ts';
import { DEFAULT_VIEW } from './protocols/protocol.ts';
import type { Locator } from './image/locate.ts';

/** A store over files: `locator` knows where they are, `readers` keeps them open. */
export function createImageStore(locator: Locator, readers: ReaderCache): ImageStore {
  return {
    forget: (path) => locator.forget?.(path),
    find: async (name: string, view: View = DEFAULT_VIEW): Promise<FoundImage> => {
      const { path, identity, stem, views } = await locator.locate(name, view);
      const reader = await readers.get(path, identity).catch((thrown: unknown) => {
        throw aboutFile(thrown, path);
      });
      return {
        info: reader.info,
        source: { path, identity },
        stem,
        ...(views === undefined ? {} : { views }),
      };
    },
  };
}
