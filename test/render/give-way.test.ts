import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';

const MODULE = JSON.stringify(new URL('../../src/render/give-way.js', import.meta.url));

/** What a thread tells that has done `before` and given way: the niceness of it and of a process that it starts. */
async function nicenessAfter(before: string, platform: string): Promise<readonly [number, number]> {
  const code = `
    const { execFileSync } = require('node:child_process');
    const { parentPort } = require('node:worker_threads');
    const os = require('node:os');
    ${before}
    import(${MODULE}).then(({ giveWay }) => {
      giveWay(${JSON.stringify(platform)});
      const child = Number(execFileSync('nice', { encoding: 'utf8' }));
      parentPort.postMessage([os.getPriority(0), child]);
    });`;
  const [answer] = (await once(new Worker(code, { eval: true }), 'message')) as [readonly [number, number]];
  return answer;
}

/** Field 19 of proc(5). */
function nicenessOfMain(): number {
  const line = readFileSync(`/proc/self/task/${process.pid}/stat`, 'utf8');
  return Number(line.slice(line.lastIndexOf(')') + 2).split(' ')[16]);
}

const elsewhere = process.platform === 'linux' ? false : 'threads have no priority of their own here';

describe('giveWay', { skip: elsewhere }, () => {
  const usual = os.getPriority(0);

  it('makes the thread and its processes nicer, and no other thread', async () => {
    const nicer = Math.min(19, usual + 10);
    assert.deepEqual(await nicenessAfter('', 'linux'), [nicer, nicer]);
    assert.equal(nicenessOfMain(), usual);
  });

  it('leaves a thread of the lowest priority as it is', async () => {
    assert.deepEqual(await nicenessAfter('os.setPriority(0, 19);', 'linux'), [19, 19]);
  });

  it('does nothing where it would mean the whole process', async () => {
    assert.deepEqual(await nicenessAfter('', 'darwin'), [usual, usual]);
  });
});
