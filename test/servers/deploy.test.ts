import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { DEPLOY } from './deployed.ts';

const FOLDER = path.resolve('test/servers');

describe('deploy/', () => {
  it('has no file that no test starts', () => {
    const tests = readdirSync(FOLDER)
      .map((name) => readFileSync(path.join(FOLDER, name), 'utf8'))
      .join('\n');
    const files = readdirSync(DEPLOY, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name !== 'README.md' && statSync(path.join(DEPLOY, name)).isFile(),
    );
    assert.ok(files.length >= 6);
    assert.deepEqual(files.filter((name) => !tests.includes(path.basename(name))), []); // prettier-ignore
  });
});
