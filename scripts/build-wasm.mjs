// Compiles each folder of src/wasm (AssemblyScript, from its index.as.ts on) to one module, and puts it beside the
// compiled loader in every folder named as an argument. What did not change since the last time is not compiled again.
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const sources = path.join(root, 'src/wasm');
const kept = path.join(root, '.build/wasm');

/** No garbage collector: modules only work in memory that their callers lay out. SIMD is in every Node that we support. */
const OPTIONS = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--converge'];

const targets = process.argv.slice(2);
for (const name of moduleNames()) {
  const file = await compiled(name);
  for (const target of targets) {
    mkdirSync(path.join(root, target), { recursive: true });
    copyFileSync(file, path.join(root, target, `${name}.wasm`));
  }
}

function moduleNames() {
  return readdirSync(sources).filter((name) => existsSync(path.join(sources, name, 'index.as.ts')));
}

/** The path of the module, whose name holds a digest of all that it is made of. */
async function compiled(name) {
  const folder = path.join(sources, name);
  const digest = createHash('sha256').update(OPTIONS.join(' '));
  for (const file of readdirSync(folder).sort()) digest.update(readFileSync(path.join(folder, file)));
  const target = path.join(kept, `${name}-${digest.digest('hex').slice(0, 16)}.wasm`);
  if (existsSync(target)) return target;
  mkdirSync(kept, { recursive: true });
  const { default: asc } = await import('assemblyscript/asc');
  const made = `${target}.${process.pid}`;
  const entry = path.join('src/wasm', name, 'index.as.ts');
  const { error, stderr } = await asc.main([entry, ...OPTIONS, '-o', made], { readFile: readText });
  if (error) {
    console.error(stderr.toString());
    process.exit(1);
  }
  renameSync(made, target);
  return target;
}

/** As asc reads by default, but from this project's folder wherever the command is started. */
function readText(name, base) {
  const file = path.resolve(root, base ?? '.', name);
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}
