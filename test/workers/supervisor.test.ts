import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { administerWorkers } from '../../src/workers/administered.ts';
import { Supervisor, type SupervisorOptions } from '../../src/workers/supervisor.ts';
import { waitFor } from '../support/daemon.ts';
import { memoryLog } from '../support/log.ts';
import { scopeOf, type Scope } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';

const ODD = fileURLToPath(new URL('../support/odd-process.js', import.meta.url));
const options = { timeout: 120_000 };

async function keep(scope: Scope, count: number, more: Partial<SupervisorOptions> = {}) {
  const folder = await tempFolder(scope);
  const log = memoryLog();
  const lines: string[] = [];
  const start = (): Supervisor => {
    const supervisor = new Supervisor({
      count,
      seat: { backlog: 1, gallery: false },
      command: [process.execPath, ODD, folder],
      log,
      relay: (text) => lines.push(text),
      graceMs: 5_000,
      ...more,
    });
    scope.defer(async () => void (await supervisor.stop(1_000)));
    return supervisor;
  };
  const crashWith = (status: number) => writeFile(path.join(folder, 'crash'), String(status));
  const told = (message: RegExp) => log.lines.filter((line) => message.test(line.message));
  return { start, crashWith, told, lines, folder };
}

const pidsOf = (supervisor: Supervisor): readonly unknown[] => supervisor.listening.map(({ pid }) => pid);

describe('workers', options, () => {
  it('are started, replaced when they die, and stopped', async (test) => {
    const { start, told, lines } = await keep(scopeOf(test), 2);
    const supervisor = start();
    await waitFor(() => supervisor.listening.length === 2, 'both listen');
    const [one, other] = pidsOf(supervisor);
    process.kill(one as number, 'SIGKILL');
    await waitFor(() => supervisor.lost === 1 && supervisor.listening.length === 2, 'one is replaced');
    assert.equal(pidsOf(supervisor)[1], other);
    assert.notEqual(pidsOf(supervisor)[0], one);
    const [line] = told(/^a worker ended; a new one takes its place$/);
    assert.deepEqual(line?.fields, { worker: 0, pid: one, exitCode: null, signal: 'SIGKILL', waitMs: 100 });
    assert.equal(line.level, 'warn');
    assert.deepEqual([...new Set(lines)][0], '{"level":"info","msg":"hello"}\n');
    await waitFor(() => lines.some((text) => text.includes('1 opens /flat.jpg')), 'the other is told of a pyramid');
    assert.equal(await supervisor.stop(1_000), 'drained');
    assert.deepEqual([supervisor.listening.length, supervisor.formerServed], [0, 14]);
    await sleep(300);
    assert.equal(told(/^a worker listens$/).length, 3, 'none is started any more');
  }); // prettier-ignore

  it('that die again and again are started more and more rarely, and what they print is kept', async (test) => {
    const { start, crashWith, told } = await keep(scopeOf(test), 1);
    await crashWith(9);
    const supervisor = start();
    const ends = () => told(/^a worker ended/).map(({ fields }) => [fields['exitCode'], fields['waitMs']]);
    await waitFor(() => ends().length === 4, 'it has ended four times');
    assert.deepEqual(ends(), [[9, 100], [9, 200], [9, 400], [9, 800]]);
    assert.deepEqual(told(/^a worker printed$/)[0]?.fields['text'], 'it is all over');
    assert.equal(await supervisor.stop(1_000), 'drained');
  }); // prettier-ignore

  it('are replaced one after the other when they are asked to', async (test) => {
    const { start, told } = await keep(scopeOf(test), 3);
    const supervisor = start();
    await waitFor(() => supervisor.listening.length === 3, 'all listen');
    const before = pidsOf(supervisor);
    let fewest = 3;
    const watching = setInterval(() => (fewest = Math.min(fewest, supervisor.listening.length)), 1);
    assert.equal(await supervisor.restart(), true);
    clearInterval(watching);
    assert.equal(fewest, 3, 'there was always one in each place');
    const after = pidsOf(supervisor);
    assert.equal(new Set([...before, ...after]).size, 6);
    assert.deepEqual([supervisor.lost, told(/^a worker ended/).length], [0, 0]);
    await waitFor(() => supervisor.formerServed === 21, 'the old ones have said what they did');
  });

  it('go on when new ones do not come up', async (test) => {
    const { start, crashWith, told } = await keep(scopeOf(test), 2);
    const supervisor = start();
    await waitFor(() => supervisor.listening.length === 2, 'both listen');
    const before = pidsOf(supervisor);
    await crashWith(4);
    assert.equal(await supervisor.restart(), false);
    assert.deepEqual(pidsOf(supervisor), before);
    const [line] = told(/^a new worker does not listen; the old ones go on$/);
    assert.deepEqual([line?.fields['worker'], line?.fields['exitCode']], [0, 4]);
  });

  it('that say nothing any more are ended and replaced', async (test) => {
    const { start, told, folder } = await keep(scopeOf(test), 1, { lookMs: 50, silenceMs: 500 });
    const supervisor = start();
    await waitFor(() => supervisor.listening.length === 1, 'it listens');
    const [before] = pidsOf(supervisor);
    const silent = path.join(folder, 'silent');
    await writeFile(silent, '');
    await waitFor(() => told(/^a worker does not answer and is ended$/).length > 0, 'it is noticed');
    await rm(silent);
    await waitFor(() => supervisor.listening.length === 1 && pidsOf(supervisor)[0] !== before, 'another listens');
  }); // prettier-ignore

  it('are administered together', async (test) => {
    const { start } = await keep(scopeOf(test), 2);
    const supervisor = start();
    const administered = administerWorkers(supervisor, []);
    assert.equal(await administered.isReady(), false);
    await waitFor(() => supervisor.listening.length === 2, 'both listen');
    assert.equal(await administered.isReady(), true);
    const { workers } = await administered.readings();
    assert.deepEqual(workers, {
      running: [0, 1].map((worker) => ({ worker, residentBytes: 1_000_000 })),
      lost: 0,
    });
    await assert.rejects(administered.purge('a.tif'), { kind: 'not-found', message: 'no a.tif' });
    await administered.purgeAll();
    await supervisor.stop(1_000);
    await assert.rejects(administered.purge('a.tif'), { kind: 'overloaded' });
  });
});
