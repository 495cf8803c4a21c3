// Makes one file of the modules that a thread or process begins with: a start reads three files instead of two hundred.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

const FROM = path.resolve('.build/dist');
const TO = path.resolve('dist');

/** Packages that every start needs. The others stay where they are: they are native, or loaded when they are needed. */
const BUNDLED = /^(yargs|pino|lru-cache)(\/|$)/;

/** What other steps of the build put there. */
const MADE_ELSEWHERE = new Set(['wasm', 'viewer', 'version.json']);

/** How a module names another one that a thread or process begins with. */
const ENTRY = /new URL\(['"](\.{1,2}\/[\w./-]+\.js)['"],\s*import\.meta\.url\)/g;

const filesIn = (folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));

function entries() {
  const found = new Set(['main.js']);
  for (const name of filesIn(FROM)) {
    for (const [, target] of readFileSync(path.join(FROM, name), 'utf8').matchAll(ENTRY))
      found.add(path.join(path.dirname(name), target));
  }
  return [...found];
}

/** Modules find files beside them by their own address, which is that of the bundle now. */
const ownAddresses = (entry) => ({
  name: 'own-addresses',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path: name, importer }) => {
      const isOurs = importer.startsWith(FROM);
      return isOurs && !BUNDLED.test(name) && !path.isAbsolute(name)
        ? { path: name, external: true }
        : undefined;
    });
    onLoad({ filter: /\.js$/ }, ({ path: file }) => {
      if (!file.startsWith(FROM)) return undefined;
      const place = path.relative(path.join(FROM, path.dirname(entry)), file);
      const address = `new URL(${JSON.stringify(`./${place}`)}, import.meta.url).href`;
      return { contents: readFileSync(file, 'utf8').replaceAll('import.meta.url', address), loader: 'js' };
    });
  },
});

for (const name of existsSync(TO) ? readdirSync(TO) : []) {
  if (!MADE_ELSEWHERE.has(name)) rmSync(path.join(TO, name), { recursive: true });
}
for (const entry of entries()) {
  await build({
    entryPoints: [path.join(FROM, entry)],
    outdir: path.join(TO, path.dirname(entry)),
    bundle: true,
    // What is imported later stays apart, beside the entry: with it come packages that a start can do without.
    splitting: true,
    chunkNames: `${path.basename(entry, '.js')}-[hash]`,
    platform: 'node',
    target: 'node20.9',
    format: 'esm',
    logLevel: 'warning',
    // Packages that are no ES modules ask for Node's own by `require`.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
    plugins: [ownAddresses(entry)],
  });
}
