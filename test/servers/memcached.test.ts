/** Two programs that share a real memcached, which is stopped, killed and revived while they are asked. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startDaemon, waitFor } from '../support/daemon.ts';
import { cgiParams, fcgiRequest } from '../support/fcgi-client.ts';
import { freePort } from '../support/ports.ts';
import { startProgram } from '../support/program.ts';
import { programPath, skipUnless } from '../support/real-programs.ts';
import { scopeOf } from '../support/scope.ts';

const tile = (i: number) => `/fcgi-bin/iipsrv.fcgi?FIF=rgb-deflate.tif&JTL=3,${i % 48}`;

describe('programs that share a memcached', { skip: skipUnless('memcached') }, () => {
  it('find what the other has made, and go on without it', { timeout: 120_000 }, async (test) => {
    const scope = scopeOf(test);
    const port = await freePort();
    const start = () => startDaemon(scope, [programPath('memcached'), '-l', '127.0.0.1', '-p', String(port), ...(process.getuid?.() === 0 ? ['-u', 'root'] : [])]); // prettier-ignore
    let memcached = start();
    await memcached.waitUntilListening({ port });
    const env = { MEMCACHED_SERVERS: `127.0.0.1:${port}`, MAX_IMAGE_CACHE_SIZE: '0' };
    const [one, two] = [await startProgram(scope, { env }), await startProgram(scope, { env })];
    const truth = await Promise.all(
      Array.from({ length: 48 }, async (_, i) => (await fcgiRequest(one.where, cgiParams(tile(i)))).body),
    );
    const ask = async (i: number) => {
      const answer = await fcgiRequest(two.where, cgiParams(tile(i)));
      assert.equal(answer.status, 200);
      assert.deepEqual(answer.body, truth[i % 48]);
    }; // prettier-ignore
    const hits = () => two.log.filter(({ cache }) => cache === 'memcached').length;
    for (let i = 0; i < 48; i++) await ask(i);
    await two.logged(({ cache }) => cache === 'memcached');
    const all = Array.from({ length: 48 }, (_, i) => i);
    for (const disturb of ['SIGSTOP', 'SIGCONT', 'SIGKILL'] as const) {
      const under = Promise.all(all.map(ask));
      memcached.signal(disturb);
      await under;
    }
    await memcached.exited;
    await Promise.all(all.map(ask));
    memcached = start();
    await two.logged(({ msg }) => msg === 'memcached is back');
    const before = hits();
    // One after the other: on a busy machine 50 ms are soon over, and then it is left alone once more.
    let i = 0;
    await waitFor(async () => {
      await ask(i++);
      return hits() > before;
    }, 'it is used again');
  });
});
