/** Many clients at once, slow ones, and those that have closed their half of the connection. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'node:test';
import { waitFor } from '../../support/daemon.ts';
import { cgiParams, requestRecords, type Where } from '../../support/fcgi-client.ts';
import { PROC_MISSING, usageOf } from '../../support/proc.ts';
import { scopeOf } from '../../support/scope.ts';
import { besideGoodClient } from '../good-client.ts';
import { open } from '../rogues.ts';
import { assertServes, httpText, IIP, openDoors, parseRaw, readToEnd } from './doors.ts';

const CROWD = 5_000;

/** A small picture, another one for each so that no cache has it. */
const uriOf = (index: number): string => `${IIP}?FIF=grey16.tif&WID=${40 + (index % 60)}&CVT=jpeg`;

/** Opened a hundred at a time, as a listening socket has a queue of its own. */
async function crowdAt(where: Where, count: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count)
    sockets.push(...(await Promise.all(Array.from({ length: 100 }, () => open(where)))));
  return sockets;
}

/** Statuses by how often they came; 0: the connection ended without an answer. */
async function askAll(sockets: readonly Socket[], bytesOf: (index: number) => Buffer): Promise<Map<number, number>> {
  const counts = new Map<number, number>();
  await Promise.all(
    sockets.map(async (socket, index) => {
      const answer = readToEnd(socket);
      socket.write(bytesOf(index));
      const status = statusOf(await answer);
      counts.set(status, (counts.get(status) ?? 0) + 1);
    }),
  );
  return counts;
} // prettier-ignore

/** Of an answer in HTTP, or of one in records of FastCGI. */
function statusOf(bytes: Buffer): number {
  const http = /^HTTP\/1\.1 (\d+)/.exec(bytes.toString('latin1', 0, 40));
  if (http !== null) return Number(http[1]);
  if (bytes.length === 0) return 0;
  return Number(/^Status: (\d+)/m.exec(bytes.toString('latin1', 8, 300))?.[1] ?? 200);
}

function assertAllAnswered(counts: ReadonlyMap<number, number>): void {
  const text = JSON.stringify([...counts]);
  for (const status of counts.keys()) assert.ok([200, 503].includes(status), text);
  assert.ok((counts.get(200) ?? 0) > 0, text);
}

describe(`${CROWD} clients that ask at once`, { timeout: 600_000, skip: PROC_MISSING }, () => {
  it('at the FastCGI socket are all answered or refused, and leave nothing behind', async (test) => {
    const doors = await openDoors(scopeOf(test));
    const { where, pid } = doors.program;
    await assertServes(doors);
    const before = await usageOf(pid);
    const sockets = await crowdAt(where, CROWD);
    assertAllAnswered(await askAll(sockets, (index) => requestRecords(cgiParams(uriOf(index)))));
    await assertServes(doors);
    const isBack = async () => (await usageOf(pid)).descriptors <= before.descriptors + 32;
    await waitFor(isBack, 'the connections are closed');
  });

  it('at nginx are all answered or refused', async (test) => {
    const doors = await openDoors(scopeOf(test), {}, 3 * CROWD);
    if (doors.nginxPort === undefined) return test.skip('not installed: nginx');
    const sockets = await crowdAt({ port: doors.nginxPort }, CROWD);
    assertAllAnswered(await askAll(sockets, (index) => Buffer.from(httpText(uriOf(index)))));
    await assertServes(doors);
  });
});

describe('clients that', { timeout: 300_000 }, () => {
  it('send and read a byte now and then through nginx keep nobody waiting', async (test) => {
    const doors = await openDoors(scopeOf(test));
    if (doors.nginxPort === undefined) return test.skip('not installed: nginx');
    const port = doors.nginxPort;
    await besideGoodClient(doors.program.where, async () => {
      const statuses = await Promise.all(
        Array.from({ length: 50 }, async (_, index) => {
          const socket = await open({ port });
          const bytes = Buffer.from(httpText(uriOf(index)));
          for (let at = 0; at < 20; at++) {
            socket.write(bytes.subarray(at, at + 1));
            await sleep(50);
          }
          socket.write(bytes.subarray(20));
          return parseRaw(await readToEnd(socket))?.status;
        }),
      );
      assert.deepEqual(new Set(statuses), new Set([200]));
    });
    await assertServes(doors);
  });

  it('close their half of the connection change nothing for others', async (test) => {
    const doors = await openDoors(scopeOf(test));
    const { where } = doors.program;
    const ports = doors.nginxPort === undefined ? [] : [doors.nginxPort];
    await besideGoodClient(where, async () => {
      for (let index = 0; index < 100; index++) {
        const direct = await open(where);
        direct.end(requestRecords(cgiParams(uriOf(index))).subarray(0, index % 2 === 0 ? undefined : 10 * index));
        await readToEnd(direct);
        for (const port of ports) {
          const socket = await open({ port });
          const text = httpText(uriOf(index));
          socket.end(index % 2 === 0 ? text : text.slice(0, index));
          const answer = parseRaw(await readToEnd(socket));
          assert.ok(answer === undefined || [200, 400].includes(answer.status), String(answer?.status));
        }
      }
    });
    await assertServes(doors);
  }); // prettier-ignore
});
