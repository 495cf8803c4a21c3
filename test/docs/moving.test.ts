import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fillTables, movingTables } from '../../src/config/document-tables.ts';
import { manualPage } from '../../src/config/manual-page.ts';
import { movingRows } from '../../src/config/moving-table.ts';
import { SETTINGS, variableOf } from '../../src/config/variables.ts';
import { skipUnless } from '../support/real-programs.ts';

describe('docs/moving-from-iipsrv.md', () => {
  const document = readFileSync('docs/moving-from-iipsrv.md', 'utf8');

  it('has the table of the program; run node scripts/generate-docs.mjs', () => {
    assert.equal(document, fillTables(document, movingTables()));
  });

  it('says of every variable that it is the same, different or new', () => {
    assert.equal(movingRows().length, SETTINGS.length);
    for (const setting of SETTINGS) {
      const [name] = variableOf(setting).names;
      assert.match(document, new RegExp(`^\\| \`${name}\`.* \\| (same|different|new) \\|`, 'm'), name);
    }
  });

  it('calls nothing new that iipsrv 1.3 reads', () => {
    const words = Object.fromEntries(movingRows().map(([names, status]) => [names, status]));
    for (const name of ['VERBOSITY', 'JPEG_QUALITY', 'MAX_CVT', 'MEMCACHED_SERVERS', 'URI_MAP', 'IIIF_VERSION', 'COPYRIGHT']) {
      assert.notEqual(words[`\`${name}\``], 'new', name);
    }
    assert.equal(words['`SOURCE_MAP`'], 'new');
  }); // prettier-ignore
});

describe('man/iipsrv.8', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

  it('is made from the tables; run node scripts/generate-docs.mjs', () => {
    assert.equal(readFileSync('man/iipsrv.8', 'utf8'), manualPage(version));
  });

  it('is read by man without a complaint', { skip: skipUnless('groff') }, () => {
    const { stdout, stderr, status } = spawnSync('groff', ['-man', '-Tutf8', '-ww', 'man/iipsrv.8'], { encoding: 'utf8' });
    assert.deepEqual([status, stderr], [0, '']);
    // Bold letters are struck twice.
    assert.match(stdout.replace(/.[\b]/gu, ''), /SOURCE_MAP/);
  }); // prettier-ignore
});
