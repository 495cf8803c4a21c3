import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAbort, ServerError, type ErrorKind } from '../../src/errors.ts';
import { budgetOf, isTimeOut, overBudget, type Budget } from '../../src/render/budgets.ts';
import type { TaskCost } from '../../src/render/messages.ts';
import { RenderPool, type PoolOptions } from '../../src/render/pool.ts';
import { memoryLog } from '../support/log.ts';
import { ODD } from '../support/odd.ts';
import { renderPlan, SOURCE } from '../support/plans.ts';

const FOREVER = new AbortController().signal;
const isKind = (kind: ErrorKind) => (error: unknown) => error instanceof ServerError && error.kind === kind;

const isOver = (budget: Budget, status: number) => (error: unknown) =>
  error instanceof ServerError && budgetOf(error) === budget && error.status === status;

const OTHER = { ...SOURCE, path: '/images/b.tif' };

async function waitUntil(holds: () => boolean): Promise<void> {
  const end = performance.now() + 5_000;
  while (!holds()) {
    assert.ok(performance.now() < end, 'it never came to hold');
    await sleep(5);
  }
}

const pools: RenderPool[] = [];
after(() => Promise.all(pools.map((pool) => pool.stop())));

/** A small picture, and one that may take long. */
const TILE = { bytes: 1, isExport: false };
const EXPORT = { bytes: 100, isExport: true };

function pool(parts: Partial<PoolOptions> = {}) {
  const log = memoryLog();
  const made = new RenderPool({
    threads: 1,
    maxQueue: 100,
    maxMemory: 1_000,
    timeLimitMs: Infinity,
    workerUrl: new URL('../support/odd-worker.js', import.meta.url),
    workerData: {},
    log,
    ...parts,
  });
  pools.push(made);
  const run = async (level: number, signal = FOREVER, cost: TaskCost = EXPORT, source = SOURCE) =>
    (await made.run({ kind: 'render', plan: renderPlan({ level, source }), cost }, signal)).result;
  /** As `run`, again when it took too long: others use this machine too, and a thread may be slow to start. */
  const runPatiently: typeof run = async (...args) => {
    for (let tries = 0; ; tries++) {
      try {
        return await run(...args);
      } catch (error) {
        if (!isTimeOut(error) || tries === 20) throw error;
      }
    }
  };
  return { made, run, runPatiently, log };
}

describe('the pool of rendering threads', () => {
  it('gives back what a task made', async () => {
    const { run } = pool({ threads: 2 });
    const results = await Promise.all([7, 8, 9, 10].map((level) => run(level)));
    assert.deepEqual(results.map((bytes) => (bytes as Uint8Array)[0]), [7, 8, 9, 10]); // prettier-ignore
  });

  it('gives back what a task threw, with its facts', async () => {
    const { run } = pool();
    await assert.rejects(
      run(ODD.fail),
      (error) => isKind('damaged')(error) && (error as ServerError).facts['path'] === '/x',
    );
  });

  for (const [name, level] of [
    ['ends', ODD.die],
    ['throws where nobody catches', ODD.throwLate],
  ] as const) {
    // prettier-ignore
    it(`answers 500 for the one task whose thread ${name}, and goes on with a new thread`, async () => {
      const { run, log } = pool();
      const lost = assert.rejects(run(level), isKind('internal'));
      const next = run(42);
      await lost;
      assert.deepEqual(await next, new Uint8Array([42]));
      assert.ok(log.lines.some((line) => line.level === 'warn' && line.message.includes('thread')));
    });
  }

  it('refuses what does not fit the queue', async () => {
    const { run } = pool({ maxQueue: 1 });
    const stop = new AbortController();
    const busy = run(ODD.untilCancelled, stop.signal);
    const waiting = run(9);
    await assert.rejects(async () => run(0), isKind('overloaded'));
    stop.abort();
    await assert.rejects(busy, isAbort);
    await waiting;
  });

  it('frees the thread of a task that nobody waits for', async () => {
    const { run } = pool();
    const stop = new AbortController();
    const left = run(ODD.untilCancelled, stop.signal);
    const next = run(11);
    setTimeout(() => stop.abort(), 20);
    await assert.rejects(left, isAbort);
    assert.deepEqual(await next, new Uint8Array([11]));
  });

  it('drops a waiting task that nobody waits for', async () => {
    const { made, run } = pool();
    const [busy, waiting] = [new AbortController(), new AbortController()];
    const first = run(ODD.untilCancelled, busy.signal);
    const second = run(12, waiting.signal);
    assert.equal(made.queued, 1);
    waiting.abort();
    await assert.rejects(second, isAbort);
    assert.equal(made.queued, 0);
    busy.abort();
    await assert.rejects(first, isAbort);
  });

  it('gives up the last export, not the tile, when too much waits', async () => {
    const { run } = pool({ maxQueue: 1, threads: 1 });
    const stop = new AbortController();
    // One export and one tile run, so that nothing else can start.
    const running = [run(ODD.untilCancelled, stop.signal), run(ODD.untilCancelled, stop.signal, TILE)];
    const dropped = assert.rejects(run(8), isOver('queue', 503));
    const tile = run(9, FOREVER, TILE);
    await dropped;
    stop.abort();
    await Promise.allSettled(running);
    assert.deepEqual(await tile, new Uint8Array([9]));
  });

  it('makes tiles while exports take all the threads that they may have', async () => {
    const { made, run } = pool({ threads: 2 });
    const stop = new AbortController();
    const exports = [1, 2, 3].map(() => run(ODD.untilCancelled, stop.signal));
    assert.deepEqual(await run(30, FOREVER, TILE), new Uint8Array([30]));
    assert.equal(made.queued, 1, 'the third export waits');
    stop.abort();
    await Promise.allSettled(exports);
  });

  it('makes tiles before the exports that came earlier', async () => {
    const { run } = pool();
    const [first, other] = [new AbortController(), new AbortController()];
    const running = Promise.allSettled([
      run(ODD.untilCancelled, first.signal),
      run(ODD.untilCancelled, other.signal, TILE),
    ]);
    const order: string[] = [];
    const waiting = [
      run(20).then(() => order.push('export')),
      run(21, FOREVER, TILE).then(() => order.push('tile')),
    ];
    // One thread only is free then: it takes one after the other.
    first.abort();
    await Promise.all(waiting);
    other.abort();
    await running;
    assert.deepEqual(order, ['tile', 'export']);
  });

  it('starts what does not fit the memory when there is room again', async () => {
    const { made, run } = pool({ threads: 3, maxMemory: 150 });
    const stop = new AbortController();
    const first = run(ODD.untilCancelled, stop.signal);
    const second = run(12);
    assert.deepEqual([made.queued, made.memory], [1, 100]);
    stop.abort();
    await assert.rejects(first, isAbort);
    assert.deepEqual(await second, new Uint8Array([12]));
    assert.equal(made.memory, 0);
  });

  it('refuses with 413 what never fits the memory', async () => {
    const { run } = pool({ maxMemory: 99 });
    await assert.rejects(run(12), isOver('memory', 413));
  });

  it('answers 503 when the time is over, although others wait for the same, and uses the thread again', async () => {
    const { made, run, runPatiently } = pool({ timeLimitMs: 500, graceMs: 20_000, maxQueue: 0 });
    await assert.rejects(run(ODD.untilCancelled), isOver('time', 503));
    await waitUntil(() => made.memory === 0);
    assert.deepEqual(await runPatiently(14), new Uint8Array([14]));
    assert.equal(made.size, 1);
  });

  it('ends a thread that does not come back, and goes on with another one', async () => {
    const { made, run, runPatiently, log } = pool({ timeLimitMs: 500, graceMs: 30 });
    const stuck = assert.rejects(run(ODD.stuck), isOver('time', 503));
    const tile = run(ODD.stuck, FOREVER, TILE, OTHER);
    await stuck;
    await assert.rejects(tile, isOver('time', 503));
    assert.deepEqual(await runPatiently(15), new Uint8Array([15]));
    await waitUntil(() => made.memory === 0);
    assert.ok(log.lines.filter(({ message }) => message.includes('does not come back')).length >= 2);
    assert.equal(made.quarantined, 0, 'once is no habit');
  });

  it('ends a thread whose caller ran out of time', async () => {
    const { made, run } = pool({ graceMs: 30 });
    const stop = new AbortController();
    const stuck = run(ODD.stuck, stop.signal);
    stop.abort(overBudget('time'));
    await assert.rejects(stuck, isOver('time', 503));
    await waitUntil(() => made.memory === 0);
    assert.deepEqual(await run(16), new Uint8Array([16]));
  });

  for (const [name, level] of [
    ['ended its thread', ODD.die],
    ['stalled its thread', ODD.stuck],
    ['ended its decoding process', ODD.childDied],
  ] as const) {
    it(`does not touch a file that ${name} twice, until it changes`, async () => {
      const { made, run, runPatiently, log } = pool({ timeLimitMs: 500, graceMs: 10 });
      // One that was slow to start does not count.
      for (let tries = 0; made.quarantined === 0 && tries < 20; tries++) {
        await assert.rejects(run(level));
        await waitUntil(() => made.memory === 0);
      }
      assert.equal(made.quarantined, 1);
      await assert.rejects(run(17), isOver('quarantine', 500));
      await assert.rejects(run(17), isOver('quarantine', 500));
      assert.equal(log.lines.filter(({ message }) => message.includes('quarantined')).length, 1);
      assert.deepEqual(await runPatiently(18, FOREVER, TILE, OTHER), new Uint8Array([18]));
      const changed = { ...SOURCE, identity: { ...SOURCE.identity, mtimeMs: 3 } };
      assert.deepEqual(await runPatiently(19, FOREVER, TILE, changed), new Uint8Array([19]));
      assert.equal(made.quarantined, 0);
    });
  }

  it('does not hold it against a file that its picture is encoded for too long', async () => {
    const { made, run } = pool({ timeLimitMs: 500, graceMs: 10 });
    for (const _ of [1, 2, 3]) {
      await assert.rejects(run(ODD.stuckEncoding), isOver('time', 503));
      await waitUntil(() => made.memory === 0);
    }
    assert.equal(made.quarantined, 0);
  });

  it('starts an export that needs all the memory, although tiles come without an end', async () => {
    const { run } = pool({ threads: 2, maxMemory: 100, maxQueue: 1_000 });
    const state = { isOver: false };
    const viewer = async (): Promise<void> => {
      while (!state.isOver) await run(21, FOREVER, TILE);
    };
    // Of three threads each has always a tile to make, so that a byte of memory is always taken.
    const viewers = Array.from({ length: 6 }, viewer);
    await run(22, FOREVER, TILE);
    const made = await run(23).finally(() => (state.isOver = true));
    assert.deepEqual(made, new Uint8Array([23]));
    await Promise.all(viewers);
  });

  it('treats small pictures of a file that was slow as exports, until it is quick again', async () => {
    const { run } = pool({ threads: 1 });
    assert.deepEqual(await run(ODD.slow, FOREVER, TILE, OTHER), new Uint8Array([ODD.slow]));
    const order: string[] = [];
    const stop = new AbortController();
    const running = [run(ODD.untilCancelled, stop.signal), run(ODD.untilCancelled, stop.signal, TILE)];
    const waiting = [
      run(24, FOREVER, TILE, OTHER).then(() => order.push('of the slow file')),
      run(25, FOREVER, TILE).then(() => order.push('of another')),
    ];
    stop.abort();
    await Promise.allSettled([...running, ...waiting]);
    assert.deepEqual(order, ['of another', 'of the slow file']);
    // That one was quick: its next tile waits for nobody, while the only thread for exports is busy.
    const again = new AbortController();
    const busy = run(ODD.untilCancelled, again.signal);
    assert.deepEqual(await run(26, FOREVER, TILE, OTHER), new Uint8Array([26]));
    again.abort();
    await assert.rejects(busy, isAbort);
  });

  it('ends threads that have nothing to do, and starts new ones', async () => {
    const { made, run, log } = pool({ threads: 2, idleMs: 50 });
    assert.deepEqual(await run(27), new Uint8Array([27]));
    await waitUntil(() => made.size === 0);
    assert.deepEqual(await run(28), new Uint8Array([28]));
    assert.deepEqual(log.lines.filter(({ level }) => level === 'warn'), []); // prettier-ignore
  });

  it('has a new one ready when the last has ended, where that is wanted', async () => {
    const { made, run } = pool({ threads: 2, idleMs: 50, keepsReady: true });
    const first = await run(ODD.number);
    // It is not ended before it has done something.
    for (let i = 0; i < 3; i++) {
      await sleep(200);
      assert.equal(made.size, 1);
    }
    assert.notDeepEqual(await run(ODD.number), first);
  });

  it('ends no more of them than it may have in half an hour for each, as each leaves some memory', async () => {
    const { made, run } = pool({ threads: 1, idleMs: 50 });
    for (const level of [27, 28]) {
      assert.deepEqual(await run(level), new Uint8Array([level]));
      await waitUntil(() => made.size === 0);
    }
    assert.deepEqual(await run(30), new Uint8Array([30]));
    await sleep(300);
    assert.equal(made.size, 1);
  });

  it('answers 503 once it is stopped', async () => {
    const { made, run } = pool();
    await made.stop();
    await assert.rejects(async () => run(0), isKind('overloaded'));
  });
});
