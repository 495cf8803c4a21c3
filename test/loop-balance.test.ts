import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LoopBalance } from '../src/loop-balance.ts';

/** A period of 50 ms: milliseconds of work in the main thread and in the others, connections, requests. */
type Period = readonly [main: number, others: number, connections: number, requests: number];

function said(periods: readonly Period[]): string[] {
  const told: string[] = [];
  const main = { workedMs: 0, connections: 0, requests: 0 };
  const others = { workedMs: 0, rest: () => told.push('rest'), listen: () => told.push('listen') };
  let now = 0;
  const balance = new LoopBalance(
    () => ({ ...main }),
    others,
    () => now,
  );
  for (const [mainMs, othersMs, connections, requests] of periods) {
    now += 50;
    main.workedMs += mainMs;
    others.workedMs += othersMs;
    main.connections += connections;
    main.requests += requests;
    const before = told.length;
    balance.look();
    if (told.length === before) told.push('-');
  }
  return told;
}

describe('the balance between listening threads', () => {
  const cases: readonly [string, readonly Period[], readonly string[]][] = [
    ['light load rests the others, once', [[10, 10, 50, 50], [20, 0, 90, 90]], ['rest', '-']],
    ['the work of all counts', [[25, 25, 200, 200]], ['-']],
    ['few connections wake nobody in vain', [[10, 0, 4, 400]], ['-']],
    ['a full thread gets help', [[10, 10, 50, 50], [40, 0, 90, 90], [49, 0, 90, 90], [45, 45, 90, 90]], ['rest', '-', 'listen', '-']],
    ['without requests all listen', [[10, 10, 50, 50], [0, 0, 0, 0], [0, 0, 0, 0]], ['rest', 'listen', '-']],
    ['a thread that died does not count backwards', [[10, -1000, 50, 50]], ['rest']],
  ]; // prettier-ignore
  for (const [name, periods, expected] of cases) {
    it(name, () => assert.deepEqual(said(periods), expected));
  }
});
