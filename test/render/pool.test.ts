import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { isAbort, ServerError, type ErrorKind } from '../../src/errors.ts';
import { RenderPool } from '../../src/render/pool.ts';
import { memoryLog } from '../support/log.ts';
import { ODD } from '../support/odd.ts';
import { renderPlan } from '../support/plans.ts';

const FOREVER = new AbortController().signal;
const isKind = (kind: ErrorKind) => (error: unknown) => error instanceof ServerError && error.kind === kind;

const pools: RenderPool[] = [];
after(() => Promise.all(pools.map((pool) => pool.stop())));

function pool(parts: { threads?: number; maxQueue?: number } = {}) {
  const log = memoryLog();
  const made = new RenderPool({
    threads: parts.threads ?? 1,
    maxQueue: parts.maxQueue ?? 100,
    workerUrl: new URL('../support/odd-worker.js', import.meta.url),
    workerData: {},
    log,
  });
  pools.push(made);
  const run = (level: number, signal = FOREVER) =>
    made.run({ kind: 'render', plan: renderPlan({ level }) }, signal);
  return { made, run, log };
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

  it('answers 503 once it is stopped', async () => {
    const { made, run } = pool();
    await made.stop();
    await assert.rejects(async () => run(0), isKind('overloaded'));
  });
});
