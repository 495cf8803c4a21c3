import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { prepareRendering } from '../../src/render/prepare.ts';

test('what pictures are made with loads, and can be loaded again', async () => {
  await prepareRendering();
  await prepareRendering();
});

test('afterwards no module is missing for a JPEG', () => {
  const prepare = fileURLToPath(new URL('../../src/render/prepare.js', import.meta.url));
  // In a process of its own: other tests have loaded everything.
  const script = `
    const { createRequire } = await import('node:module');
    const { prepareRendering } = await import(${JSON.stringify(prepare)});
    const require = createRequire(${JSON.stringify(prepare)});
    const library = require.resolve('koffi');
    console.log(library in require.cache);
    await prepareRendering();
    console.log(library in require.cache);`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  assert.deepEqual(output.trim().split('\n'), ['false', 'true']);
});
