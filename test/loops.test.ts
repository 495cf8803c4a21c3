import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { storeMemory } from '../src/image/flat/level-store.ts';
import { defaultConfig } from '../src/config/read-config.ts';
import { ServerError } from '../src/errors.ts';
import { Loops } from '../src/loops.ts';
import type { TaskRunner } from '../src/render/tasks.ts';
import { waitFor } from './support/daemon.ts';
import { memoryLog } from './support/log.ts';

const TASKS: TaskRunner = {
  run: (task) => {
    const level = task.kind === 'render' ? task.plan.level : -1;
    if (level === 3) return Promise.reject(new ServerError('damaged', 'broken'));
    return Promise.resolve({ result: Uint8Array.of(level) });
  },
};

function start(count: number) {
  const log = memoryLog();
  const lines: string[] = [];
  const dead: number[] = [];
  const wanted: string[] = [];
  const config = defaultConfig({ cpus: 2 });
  const loops = new Loops({
    count,
    workerUrl: new URL('./support/odd-loop.js', import.meta.url),
    firstThread: 2,
    seat: {
      shared: {
        config,
        version: '1',
        tileMemory: { segments: [] },
        levelMemory: storeMemory(0),
        meters: [],
        sourceCounters: new SharedArrayBuffer(8),
      },
      doors: { fastcgi: 0, backlog: 1, imageNames: undefined },
    },
    wantPyramid: (path) => wanted.push(path),
    tasks: TASKS,
    log,
    relay: (text) => lines.push(text),
    onDeath: (thread) => dead.push(thread),
  });
  return { loops, log, lines, dead, wanted };
}

describe('listening threads', { timeout: 60_000 }, () => {
  it('are replaced when they die, get what they ask for, and stop', async () => {
    const { loops, log, lines, dead, wanted } = start(2);
    // Two at first, and one in the place of the one that died.
    await waitFor(() => loops.served === 3 && loops.listening === 2, 'a new thread listens');
    assert.equal(dead.length, 1);
    assert.ok(log.lines.some(({ message }) => /a listening thread ended; a new one/.test(message)));
    await waitFor(() => lines.length >= 2, 'tasks are answered');
    assert.ok(lines.some((line) => line.includes('"kind":"done"')));
    assert.ok(lines.some((line) => /"kind":"failed".*"damaged".*broken/.test(line)));
    assert.deepEqual([...new Set(wanted)].sort(), ['/flat-2', '/flat-3']);
    await loops.forget('/flat', 'reader');
    assert.equal(lines.filter((line) => line === 'forgot reader of /flat\n').length, 2);
    loops.rest();
    loops.listen();
    const doors = (): readonly string[] => lines.filter((line) => /^(rest|listen)\n$/.test(line));
    await waitFor(() => doors().length === 4, 'both rest and listen again');
    assert.deepEqual([...doors()].sort(), ['listen\n', 'listen\n', 'rest\n', 'rest\n']);
    assert.ok(loops.workedMs > 0);
    await loops.empty();
    await Promise.all([loops.forget('/a.tif', 'all'), loops.forget('/b.tif', 'all')]);
    assert.equal(lines.filter((line) => line === 'forgot all of /a.tif\n').length, 2);
    let isClosed = false;
    const outcome = await loops.stop(1000, () => (isClosed = true));
    assert.deepEqual([outcome, isClosed, loops.listening], ['drained', true, 0]);
    assert.equal(loops.served, 3, 'none is started anew');
  });

  it('may be none', async () => {
    const { loops } = start(0);
    await loops.empty();
    assert.equal(await loops.stop(1000, () => undefined), 'drained');
    assert.equal(loops.served, 0);
  });
});
