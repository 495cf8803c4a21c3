/** C libraries of the system by way of koffi, an optional dependency. */
import { createRequire } from 'node:module';
import type koffiPackage from 'koffi';

export type Koffi = typeof koffiPackage;
export type Library = ReturnType<Koffi['load']>;

const require = createRequire(import.meta.url);

/** The first of the libraries that is there. @throws Error that says why none can be loaded. */
export function loadFirst(koffi: Pick<Koffi, 'load'>, names: readonly string[]): Library {
  const reasons: string[] = [];
  for (const name of names) {
    try {
      return koffi.load(name);
    } catch (error) {
      reasons.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(reasons.join('; '));
}

/**
 * What `bind` makes of the first library that is there; `undefined` where neither it nor koffi is, or it lacks a function.
 *
 * @param names files as the system's loader finds them.
 */
export function bindFirst<T>(
  names: readonly string[],
  bind: (library: Library, koffi: Koffi) => T,
  findKoffi: () => unknown = () => require('koffi'),
): T | undefined {
  try {
    const koffi = findKoffi() as Koffi;
    return bind(loadFirst(koffi, names), koffi);
  } catch {
    return undefined; // Whoever asks has another way, which is slower.
  }
}

/** What `load` finds, looked for once in a thread; nothing is an answer, too. */
export function foundOnce<T>(load: () => T | undefined): () => T | undefined {
  let result: { readonly found: T | undefined } | undefined;
  return () => (result ??= { found: load() }).found;
}
