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
    const turbo = createRequire(${JSON.stringify(prepare)}).resolve('@julusian/jpeg-turbo');
    const { cache } = createRequire(${JSON.stringify(prepare)});
    console.log(turbo in cache);
    await prepareRendering();
    console.log(turbo in cache);`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  assert.deepEqual(output.trim().split('\n'), ['false', 'true']);
});
