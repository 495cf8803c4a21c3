/** libjpeg-turbo through a prebuilt binding: an optional dependency, which does in microseconds what libvips does in one. */
import { createRequire } from 'node:module';
import type * as Binding from '@julusian/jpeg-turbo';

/** What of the binding is used: the names and numbers are its own. */
export type TurboLibrary = Pick<
  typeof Binding,
  'compressSync' | 'decompressSync' | 'bufferSize' | 'FORMAT_GRAY' | 'FORMAT_RGB' | 'SAMP_GRAY' | 'SAMP_420'
>;

const require = createRequire(import.meta.url);

/** The library; `undefined` where it was not installed or has no binary for this machine. Then sharp takes its place. */
export function loadTurbo(
  load: () => unknown = () => require('@julusian/jpeg-turbo'),
): TurboLibrary | undefined {
  try {
    return load() as TurboLibrary;
  } catch {
    return undefined;
  }
}

let library: { readonly found: TurboLibrary | undefined } | undefined;

/** As `loadTurbo`, looked for once. */
export function turboLibrary(): TurboLibrary | undefined {
  library ??= { found: loadTurbo() };
  return library.found;
}

/** The same bytes as the `Buffer` that the binding's types ask for. */
export function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
