import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LoopBalance } from '../src/loop-balance.ts';

/**
 * A period of 50 ms: milliseconds of work in the main thread and in the others, connections, requests, how many of them
 * come while others are under way, and connections that are open at its end.
 */
type Period = readonly [
  main: number,
  others: number,
  connections: number,
  requests: number,
  together: number,
  open?: number,
];

function said(periods: readonly Period[]): string[] {
  const told: string[] = [];
  const main = { workedMs: 0, connections: 0, requests: 0, open: 0 };
  const others = { workedMs: 0, rest: () => told.push('rest'), listen: () => told.push('listen') };
  let now = 0;
  const balance = new LoopBalance(
    () => ({ ...main }),
    others,
    () => now,
  );
  for (const [mainMs, othersMs, connections, requests, together, open = 0] of periods) {
    const before = told.length;
    for (let i = 0; i < together; i++) balance.onRequest(true);
    now += 50;
    main.workedMs += mainMs;
    others.workedMs += othersMs;
    main.connections += connections;
    main.requests += requests;
    main.open = open;
    balance.look();
    if (told.length === before) told.push('-');
  }
  balance.stop();
  return told;
}

describe('the balance between listening threads', () => {
  const cases: readonly [string, readonly Period[], readonly string[]][] = [
    ['light load rests the others, once', [[9, 9, 50, 50, 40], [9, 9, 50, 50, 40], [20, 0, 90, 90, 40], [20, 0, 90, 90, 40]], ['-', 'rest', '-', '-']],
    ['but not what is left of heavy load', [[45, 45, 200, 200, 90], [9, 9, 50, 50, 40], [0, 0, 0, 0, 0], [9, 9, 50, 50, 40]], ['-', '-', '-', '-']],
    ['nor light load now and then', [[9, 9, 50, 50, 40], [45, 45, 200, 200, 90], [9, 9, 50, 50, 40]], ['-', '-', '-']],
    ['the work of all counts', [[11, 11, 200, 200, 90], [11, 11, 200, 200, 90]], ['-', '-']],
    ['few connections wake nobody in vain', [[10, 0, 4, 400, 0], [10, 0, 4, 400, 0]], ['-', '-']],
    ['a busy thread gets help', [[9, 9, 50, 50, 9], [9, 9, 50, 50, 9], [29, 0, 90, 90, 9], [31, 0, 90, 90, 9], [45, 45, 90, 90, 9]], ['-', 'rest', '-', 'listen', '-']],
    ['one client alone needs one thread', [[25, 24, 90, 90, 4], [25, 24, 90, 90, 4], [49, 0, 90, 90, 4]], ['-', 'rest', '-']],
    ['until others come', [[25, 24, 90, 90, 0], [25, 24, 90, 90, 0], [49, 0, 90, 90, 50]], ['-', 'rest', 'listen']],
    ['a pause wakes nobody', [[9, 9, 50, 50, 9], [9, 9, 50, 50, 9], [0, 0, 0, 0, 0], [9, 0, 50, 50, 3], [9, 0, 50, 50, 20]], ['-', 'rest', '-', '-', '-']],
    ['but the first requests after it, when they come at once', [[9, 9, 50, 50, 9], [9, 9, 50, 50, 9], [0, 0, 0, 0, 0], [25, 10, 50, 50, 4]], ['-', 'rest', '-', 'listen']],
    ['and connections that are kept', [[9, 9, 50, 50, 9], [9, 9, 50, 50, 9], [0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 1]], ['-', 'rest', 'listen', '-']],
    ['a thread that died does not count backwards', [[10, -1000, 50, 50, 9], [10, 0, 50, 50, 9]], ['-', 'rest']],
  ]; // prettier-ignore
  for (const [name, periods, expected] of cases) {
    it(name, () => assert.deepEqual(said(periods), expected));
  }
});
