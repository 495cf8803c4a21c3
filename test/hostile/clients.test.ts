import { describe, it } from 'node:test';
import { waitFor } from '../support/daemon.ts';
import { freePort } from '../support/ports.ts';
import { PROC_MISSING, usageOf } from '../support/proc.ts';
import { startProgram } from '../support/program.ts';
import { scopeOf } from '../support/scope.ts';
import { besideGoodClient } from './good-client.ts';
import { randomBytes, randomNumbers } from './random.ts';
import { closed, open, ROGUES, times } from './rogues.ts';

const options = { timeout: 600_000 };

describe('a client that', options, () => {
  for (const [name, rogue] of Object.entries(ROGUES)) {
    it(`${name} changes nothing for others`, { skip: PROC_MISSING }, async (test) => {
      const { where, pid } = await startProgram(scopeOf(test));
      await besideGoodClient(where, () => Promise.resolve());
      const before = await usageOf(pid);
      await besideGoodClient(where, () => rogue(where));
      const isBack = async () => (await usageOf(pid)).descriptors <= before.descriptors + 8;
      await waitFor(isBack, 'the connections are closed');
    });
  }
});

describe('the HTTP port', options, () => {
  it('bears garbage and half requests', async (test) => {
    const port = await freePort();
    const { where } = await startProgram(scopeOf(test), { httpPort: port });
    const random = randomNumbers(4);
    await besideGoodClient(where, () =>
      times(60, async (index) => {
        const socket = await open({ port });
        const ended = closed(socket);
        const texts = ['GET', 'GET / HTTP/1.1\r\nHost:', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\nFIF', '\0\0\0', `GET /${'a'.repeat(100_000)} HTTP/1.1\r\n\r\n`]; // prettier-ignore
        socket.end(texts[index] ?? randomBytes(index * 5, random));
        await ended;
      }),
    );
  });
});
