// Steps that npm start, npm test and npm run bench share; each does only what is not done yet.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** Runs a command with its output shown; ends this process with its status when it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (result.error) throw result.error;
  if (result.status !== 0) process.exit(result.status ?? 1);
}

/** Installs the packages of package-lock.json, unless they are. */
export function installDependencies() {
  const done = path.join(root, 'node_modules/.package-lock.json');
  const lock = path.join(root, 'package-lock.json');
  if (existsSync(done) && statSync(done).mtimeMs >= statSync(lock).mtimeMs) return;
  console.log('Installing dependencies (npm ci) …');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
}

const tsc = path.join(root, 'node_modules/typescript/bin/tsc');

/** Compiles src/ to .build/dist, bundles that to dist/, and puts the WebAssembly modules and the viewer page beside it. */
export function build() {
  run(process.execPath, [tsc, '-p', 'tsconfig.json']);
  run(process.execPath, ['scripts/bundle.mjs']);
  run(process.execPath, ['scripts/build-wasm.mjs', 'dist/wasm']);
  run(process.execPath, ['scripts/after-build.mjs']);
}

/** Compiles src/ and test/ to .build/. */
export function buildTests() {
  run(process.execPath, [tsc, '-p', 'tsconfig.test.json']);
  run(process.execPath, ['scripts/build-wasm.mjs', '.build/src/wasm']);
}
