import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServerError, type ErrorKind } from '../../src/errors.ts';
import { DoubtfulFiles } from '../../src/render/doubtful-files.ts';

const TURN_MS = 75;
/** Timers may fire a little early. */
const EARLY_MS = 2;

const now = () => performance.now();
const source = (path: string, mtimeMs = 1) => ({ path, identity: { size: 1, mtimeMs, inode: 1 } });
const { signal } = new AbortController();
const overloaded = (thrown: unknown) =>
  thrown instanceof ServerError && thrown.kind === 'overloaded' && thrown.facts['budget'] === 'doubtful';

/** How long something takes. */
async function msOf(work: Promise<unknown>): Promise<number> {
  const start = now();
  await work;
  return now() - start;
}

async function fails(doubtful: DoubtfulFiles, path: string, kind: ErrorKind = 'damaged'): Promise<void> {
  const work = () => Promise.reject(new ServerError(kind, 'not this one'));
  await assert.rejects(doubtful.attempt(source(path), signal, work), /not this one/);
}

/** Whether work for a file has to wait, when a turn has just been taken. */
async function waits(doubtful: DoubtfulFiles, path: string, mtimeMs = 1): Promise<boolean> {
  await doubtful.turn();
  let hasBegun = false;
  const work = () => {
    hasBegun = true;
    return Promise.resolve();
  };
  const done = doubtful.attempt(source(path, mtimeMs), signal, work);
  const isLate = !hasBegun;
  await done;
  return isLate;
}

describe('doubtful files', () => {
  it('take turns after a failure, until something could be made of them', async () => {
    const doubtful = new DoubtfulFiles({ now, maxWaiting: 10 });
    assert.equal(await waits(doubtful, 'a'), false);
    await fails(doubtful, 'a');
    assert.equal(await waits(doubtful, 'b'), false);
    assert.equal(await waits(doubtful, 'a'), true);
    assert.equal(await waits(doubtful, 'a'), false);
  });

  it('are not doubtful when they have changed, or when the request is at fault', async () => {
    const doubtful = new DoubtfulFiles({ now, maxWaiting: 10 });
    await fails(doubtful, 'a');
    assert.equal(await waits(doubtful, 'a', 2), false);
    for (const kind of ['bad-request', 'too-large', 'timed-out', 'overloaded'] as const)
      await fails(doubtful, 'b', kind);
    assert.equal(await waits(doubtful, 'b'), false);
    await fails(doubtful, 'c', 'quarantined');
    assert.equal(await waits(doubtful, 'c'), true);
  });

  it('have one turn after the other; the first has none before it', async () => {
    const doubtful = new DoubtfulFiles({ now, maxWaiting: 10 });
    const start = now();
    const ends = await Promise.all(
      Array.from({ length: 4 }, async () => {
        await doubtful.turn();
        return now() - start;
      }),
    );
    for (const [i, end] of ends.entries())
      assert.ok(end >= i * TURN_MS - EARLY_MS, `turn ${i} after ${end} ms`);
  });

  it('wait in a bounded number', async () => {
    const doubtful = new DoubtfulFiles({ now, maxWaiting: 2 });
    const turns = await Promise.allSettled(Array.from({ length: 5 }, () => doubtful.turn()));
    assert.deepEqual(
      turns.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected'],
    );
    assert.ok(turns[4]?.status === 'rejected' && overloaded(turns[4].reason));
  });

  it('are not waited for by a client that leaves', async () => {
    const doubtful = new DoubtfulFiles({ now, maxWaiting: 1_000 });
    await fails(doubtful, 'a');
    const turns = Array.from({ length: 50 }, () => doubtful.turn());
    const client = new AbortController();
    let isDone = false;
    const work = () => Promise.resolve((isDone = true));
    const attempt = doubtful.attempt(source('a'), client.signal, work);
    client.abort();
    const ms = await msOf(assert.rejects(async () => attempt, { name: 'AbortError' }));
    assert.ok(ms < 50 * TURN_MS && !isDone, `${ms} ms`);
    await Promise.all(turns);
  });
});
