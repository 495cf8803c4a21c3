/** Loads the WebAssembly modules that the build puts beside this file; their source is in the folders here. */
import { readFileSync } from 'node:fs';

const modules = new Map<string, WebAssembly.Module>();

/**
 * A new instance of a module with a memory of its own. Compiling takes some milliseconds, once a thread.
 *
 * @param name the module's folder.
 * @returns what the module exports, `memory` among it; `E` is written by hand beside the caller.
 */
export function instantiate<E>(name: string): E {
  const module =
    modules.get(name) ?? new WebAssembly.Module(readFileSync(new URL(`./${name}.wasm`, import.meta.url)));
  modules.set(name, module);
  return new WebAssembly.Instance(module, {}).exports as E;
}
