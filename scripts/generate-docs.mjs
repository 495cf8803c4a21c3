// Puts the tables of src/config into docs/configuration.md and docs/moving-from-iipsrv.md, between their markers, and
// writes the manual page man/iipsrv.8. `--check` changes nothing and fails when one differs; `--built DIR` says where
// the compiled src is (.build/dist); with `--document FILE` only that copy of docs/configuration.md is looked at.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const root = path.resolve(import.meta.dirname, '..');

const { values } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    built: { type: 'string', default: path.join(root, '.build/dist') },
    document: { type: 'string' },
  },
});

const load = (name) => import(pathToFileURL(path.resolve(values.built, 'config', name)).href);
const { documentTables, fillTables, movingTables } = await load('document-tables.js');
const { manualPage } = await load('manual-page.js');
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

settle(values.document ?? path.join(root, 'docs/configuration.md'), (text) =>
  fillTables(text, documentTables()),
);
if (values.document === undefined) {
  settle(path.join(root, 'docs/moving-from-iipsrv.md'), (text) => fillTables(text, movingTables()));
  settle(path.join(root, 'man/iipsrv.8'), () => manualPage(version));
}

function settle(file, make) {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const after = make(before);
  if (after === before) return;
  if (values.check) {
    console.error(`${file} differs from the tables in src/config: run node scripts/generate-docs.mjs`);
    process.exitCode = 1;
    return;
  }
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, after);
}
