// From a fresh clone to tested: installs, builds, checks the style, and runs every test (or those named as arguments).
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PROGRAMS, versionOf } from './lib/programs.mjs';
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

const files = compiledTests().filter(
  (name) => wanted.length === 0 || wanted.some((part) => name.includes(part)),
);
if (files.length === 0) {
  console.error(`No test matches ${wanted.join(' ')}`);
  process.exit(1);
}
const folder = mkdtempSync(path.join(tmpdir(), 'iipsrv-skipped-'));
const skippedFile = path.join(folder, 'skipped');
const { status } = spawnSync(process.execPath, ['--test', '--test-concurrency=2', ...reporters(), ...files], {
  cwd: root,
  stdio: 'inherit',
});
if (wanted.length === 0) tellPrograms();
tellSkipped(existsSync(skippedFile) ? readFileSync(skippedFile, 'utf8').trim() : '');
rmSync(folder, { recursive: true });
process.exit(status ?? 1);

/** Those whose source is still there; the compiler takes nothing away. */
function compiledTests() {
  return readdirSync(path.join(root, '.build/test'), { recursive: true })
    .filter(
      (name) =>
        name.endsWith('.test.js') && existsSync(path.join(root, 'test', name.replace(/\.js$/, '.ts'))),
    )
    .map((name) => path.join('.build/test', name))
    .sort();
}

function reporters() {
  const skipped = path.join(root, 'scripts/lib/skipped-reporter.mjs');
  return [
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...[`--test-reporter=${skipped}`, `--test-reporter-destination=${skippedFile}`],
  ];
}

function tellPrograms() {
  console.log(`\nReal programs beside Node ${process.version}:`);
  for (const program of PROGRAMS) console.log(`  ${program.name}: ${versionOf(program)}`);
}

function tellSkipped(text) {
  if (text === '') console.log('\nNo test was skipped.');
  else console.log(`\nSkipped tests:\n${text.replace(/^/gm, '  ')}`);
}
