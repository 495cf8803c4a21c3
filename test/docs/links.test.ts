import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';

const documents = ['README.md', 'deploy/README.md', 'fixtures/README.md', ...readdirSync('docs').filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)]; // prettier-ignore

describe('documents', () => {
  for (const document of documents) {
    it(`${document} links to files that are there`, () => {
      const text = readFileSync(document, 'utf8');
      const targets = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, target = '']) => target);
      const missing = targets
        .filter((target) => !/^[a-z]+:/.test(target))
        .filter((target) => !existsSync(path.resolve(path.dirname(document), decodeURI(target))));
      assert.deepEqual(missing, []);
    });
  }

  it('name npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      scripts: Record<string, string>;
    };
    for (const document of documents) {
      for (const [, name = ''] of readFileSync(document, 'utf8').matchAll(
        /\bnpm (?:run )?(start|test|(?<=run )[\w-]+)/g,
      )) {
        assert.ok(name in scripts, `${document}: ${name}`);
      }
    }
  });
});
