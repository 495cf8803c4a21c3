/** Decoders that die while the program serves: one request is lost, and a file that does it again is left alone. */
import assert from 'node:assert/strict';
import { copyFile, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { waitFor } from '../support/daemon.ts';
import { cgiParams, fcgiRequest } from '../support/fcgi-client.ts';
import { metricOf } from '../support/metrics.ts';
import { freePort } from '../support/ports.ts';
import { childrenOf, PROC_MISSING } from '../support/proc.ts';
import { FIXTURES, startProgram } from '../support/program.ts';
import { scopeOf } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';

const IIP = '/fcgi-bin/iipsrv.fcgi?FIF=';
const noise = { create: { width: 3_000, height: 3_000, channels: 3, background: '#468', noise: { type: 'gaussian', mean: 120, sigma: 40 } } } as const; // prettier-ignore

const options = { timeout: 180_000, skip: PROC_MISSING };

describe('a decoder that dies', options, () => {
  it('costs one request; twice with one file, and the file is left alone until it changes', async (test) => {
    const scope = scopeOf(test);
    const folder = await tempFolder(scope);
    const file = path.join(folder, 'bad.png');
    await writeFile(file, await sharp(noise).png({ compressionLevel: 1 }).toBuffer());
    await writeFile(path.join(folder, 'other.png'), await sharp(noise).resize(300).png().toBuffer());
    await copyFile(path.join(FIXTURES, 'rgb-deflate.tif'), path.join(folder, 'good.tif'));
    const adminPort = await freePort();
    const env = { FILESYSTEM_PREFIX: folder + path.sep, OMP_NUM_THREADS: '1', DECODED_CACHE_SIZE: '0' };
    const program = await startProgram(scope, { env, adminPort });
    const { where, pid } = program;
    const ask = (uri: string) => fcgiRequest(where, cgiParams(uri));
    const tile = (number: number) => ask(`${IIP}bad.png&JTL=4,${number}`);

    assert.equal((await tile(0)).status, 200);
    for (const number of [1, 2]) {
      // Another picture starts the process again, so that it is killed at work and not while it starts.
      assert.equal((await ask(`${IIP}other.png&WID=${20 + number}&CVT=png`)).status, 200);
      const children = childrenOf(pid);
      assert.ok(children.length > 0);
      const lost = tile(number);
      await sleep(40);
      for (const child of children) process.kill(child, 'SIGSEGV');
      assert.equal((await lost).status, 500);
      assert.equal((await ask(`${IIP}good.tif&WID=${200 + number}&CVT=png`)).status, 200);
    }
    await waitFor(
      async () => (await metricOf(adminPort, 'iipsrv_quarantined_files')) === 1,
      'it is left alone',
    );
    const startedAt = performance.now();
    const { status, body } = await tile(3);
    assert.equal(status, 500);
    assert.match(body.toString(), /not decoded any more/);
    assert.ok(performance.now() - startedAt < 500, 'at once');
    assert.equal((await tile(0)).status, 200, 'what the cache has is sent');
    assert.equal(await metricOf(adminPort, 'iipsrv_over_budget_total{budget="quarantine"}'), 1);
    assert.equal((await ask(`/fcgi-bin/iipsrv.fcgi?IIIF=bad.png/info.json`)).status, 200);

    await utimes(file, new Date(), new Date(Date.now() + 5_000));
    assert.equal((await tile(3)).status, 200);
    assert.equal(await metricOf(adminPort, 'iipsrv_quarantined_files'), 0);
    const lines = program.log.filter(({ msg }) => msg.includes('quarantined'));
    assert.equal(lines.length, 1);
    assert.equal(lines[0]?.['path'], file);
  });
});
