// From a fresh clone to tested: installs, builds, checks the style, and runs every test (or those named as arguments).
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { build, buildTests, installDependencies, root, run } from './lib/tasks.mjs';

const wanted = process.argv.slice(2);

installDependencies();
if (process.env.IIPSRV_SKIP_SETUP === undefined) run(process.execPath, ['scripts/setup.mjs']);
build();
buildTests();
if (wanted.length === 0) {
  run(process.execPath, ['node_modules/eslint/bin/eslint.js', '.']);
  run(process.execPath, ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.']);
}

const all = readdirSync(path.join(root, '.build/test'), { recursive: true })
  .map((name) => path.join('.build/test', name))
  .filter((name) => name.endsWith('.test.js'))
  .sort();
const files = wanted.length === 0 ? all : all.filter((name) => wanted.some((part) => name.includes(part)));
if (files.length === 0) {
  console.error(`No test matches ${wanted.join(' ')}`);
  process.exit(1);
}
const result = spawnSync(
  process.execPath,
  ['--test', '--test-reporter=spec', '--test-concurrency=2', ...files],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
process.exit(result.status ?? 1);
