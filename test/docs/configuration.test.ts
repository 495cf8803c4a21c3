import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { checkReport } from '../../src/config/check-report.ts';
import { parseCommandLine } from '../../src/config/command-line.ts';
import { documentTables, fillTables } from '../../src/config/document-tables.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { matchUri } from '../../src/config/uri-map.ts';
import { SETTINGS, variableOf } from '../../src/config/variables.ts';

const DOCUMENT = path.resolve('docs/configuration.md');
const document = readFileSync(DOCUMENT, 'utf8');

function generate(file: string, ...options: readonly string[]): number | null {
  const built = path.resolve(import.meta.dirname, '../../src');
  const script = path.resolve('scripts/generate-docs.mjs');
  return spawnSync(process.execPath, [script, '--built', built, '--document', file, ...options]).status;
}

describe('docs/configuration.md', () => {
  it('has the tables of the program; run node scripts/generate-docs.mjs', () => {
    assert.equal(document, fillTables(document, documentTables()));
  });

  it('has a row for every variable', () => {
    for (const setting of SETTINGS) {
      for (const name of variableOf(setting).names) assert.ok(document.includes(`\`${name}\``), name);
    }
  });

  it('shows what --check really prints', () => {
    const [, env = '', args = '', output = ''] =
      /\n\$ (.*) iipsrv (--check .*)\n([^`]*)\n```/.exec(document) ?? assert.fail('no example');
    const variables = Object.fromEntries(
      env.split(' ').map((pair): readonly string[] => pair.split('=', 2)),
    ) as Readonly<Record<string, string>>;
    const command = parseCommandLine(args.split(' '), { version: '1' });
    assert.equal(command.kind, 'check');
    const facts = { cpus: 4 };
    assert.equal(checkReport(readConfig(variables, facts), command.listening, facts).text, output);
  });

  it('shows what URI_MAP really does', () => {
    const rows = [...document.matchAll(/^\| `([^`]*=>[^`]*)` \| `([^`]*)` \| (\w+) \| `([^`]*)`/gm)];
    assert.equal(rows.length, 5);
    for (const [row, map = '', uri = '', protocol, argument] of rows) {
      const match = matchUri(readConfig({ URI_MAP: map }, { cpus: 1 }).config.uriMap, uri);
      assert.deepEqual([match?.protocol, match?.argument], [protocol, argument], row);
    }
  });
});

describe('scripts/generate-docs.mjs', () => {
  it('finds a table that differs, and mends it', (context) => {
    const dir = mkdtempSync(path.join(tmpdir(), 'iipsrv-docs-'));
    context.after(() => rmSync(dir, { recursive: true }));
    const copy = path.join(dir, 'configuration.md');
    writeFileSync(copy, document.replace('| `JPEG_QUALITY` | `75` |', '| `JPEG_QUALITY` | `80` |'));
    assert.equal(generate(copy, '--check'), 1);
    assert.equal(generate(copy), 0);
    assert.equal(readFileSync(copy, 'utf8'), document);
    assert.equal(generate(copy, '--check'), 0);
  });

  it('fails when the document has no place for a table', () => {
    assert.throws(() => fillTables('# Nothing', documentTables()), /no place for the table options/);
  });
});
