// Puts the tables of options, variables and exit statuses into docs/configuration.md, between their markers.
// `--check` changes nothing and fails when the document differs; `--built DIR` says where the compiled src is (.build/dist).
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const DOCUMENT = path.resolve(import.meta.dirname, '../docs/configuration.md');

const { values } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    built: { type: 'string', default: path.resolve(import.meta.dirname, '../.build/dist') },
    document: { type: 'string', default: DOCUMENT },
  },
});

const built = pathToFileURL(path.resolve(values.built, 'config/document-tables.js'));
const { documentTables, fillTables } = await import(built.href);
const before = readFileSync(values.document, 'utf8');
const after = fillTables(before, documentTables());

if (values.check && after !== before) {
  console.error(
    `${values.document} differs from the tables in src/config: run node scripts/generate-docs.mjs`,
  );
  process.exitCode = 1;
} else if (after !== before) {
  writeFileSync(values.document, after);
}
