/** sharp, loaded with the first picture that needs it: threads that listen mostly do without its quarter of a second. */
import { createRequire } from 'node:module';
import type Sharp from 'sharp';

type SharpModule = typeof Sharp;

let loaded: SharpModule | undefined;

function load(): SharpModule {
  if (loaded !== undefined) return loaded;
  const module = createRequire(import.meta.url)('sharp') as SharpModule;
  // Each thread makes one picture at a time: libvips shall neither keep nor spread what it does.
  module.cache(false);
  module.concurrency(1);
  loaded = module;
  return module;
}

/** To be used as sharp itself. */
export const sharp = new Proxy((() => undefined) as unknown as SharpModule, {
  apply: (_target, _self, args: Parameters<SharpModule>) => load()(...args),
  get: (_target, name) => Reflect.get(load(), name) as unknown,
});
