/** The same bytes against a running program: it answers or hangs up, and serves others as before. */
import assert from 'node:assert/strict';
import { cgiParams, fcgiRequest } from '../support/fcgi-client.ts';
import { usageOf } from '../support/proc.ts';
import { startProgram } from '../support/program.ts';
import type { Scope } from '../support/scope.ts';
import { closed, open } from '../hostile/rogues.ts';
import { makeFastcgi } from './fastcgi-bytes.ts';
import type { Started } from './fuzzer.ts';

const GOOD = '/fcgi-bin/iipsrv.fcgi?FIF=tiny.tif&JTL=0,0';
/** A good request is made after each of so many bad ones. */
const BETWEEN = 10;
const MAX_MS = 20_000;

export async function startFastcgiSocket(scope: Scope): Promise<Started> {
  const { where, pid } = await startProgram(scope);
  const ask = () => fcgiRequest(where, cgiParams(GOOD));
  const right = (await ask()).body;
  const before = await usageOf(pid);
  let count = 0;
  return {
    make: makeFastcgi,
    trial: async (input) => {
      const socket = await open(where);
      const ended = closed(socket);
      socket.end(input);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<string>((resolve) => (timer = setTimeout(() => resolve('late'), MAX_MS)));
      assert.equal(await Promise.race([ended, late]), undefined, `the connection is open after ${MAX_MS} ms`);
      clearTimeout(timer);
      if (++count % BETWEEN !== 1) return;
      const { status, body } = await ask();
      assert.ok(status === 200 && body.equals(right), `another gets ${status}`);
      const { megabytes, descriptors } = await usageOf(pid);
      assert.ok(megabytes < before.megabytes + 300, `${before.megabytes} MB became ${megabytes}`);
      assert.ok(
        descriptors < before.descriptors + 50,
        `${before.descriptors} descriptors became ${descriptors}`,
      );
    },
  };
}
