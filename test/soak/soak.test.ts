import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { PROC_MISSING } from '../support/proc.ts';
import { chosenFaults } from './faults.ts';
import { report, slopeOf, Tally, type Sample } from './tally.ts';

const LIMITS = { slope: 1, descriptors: 4 };
const flat = (minutes: number): Sample => ({
  minutes,
  requests: 10 * minutes,
  megabytes: 100,
  descriptors: 20,
});

describe('the soak', () => {
  it('holds for some seconds', { timeout: 300_000, skip: PROC_MISSING }, async (test) => {
    const child = spawn(process.execPath, ['.build/test/soak/main.js', '--minutes', '0.15', '--seed', '20261126']);
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    const [status] = (await once(child, 'close')) as [number | null];
    test.diagnostic(output.split('\n').slice(0, 3).join('; '));
    assert.equal(status, 0, output);
    assert.match(output, /^wrong answers: 0$/m);
    assert.ok(Number(/^requests: (\d+)/m.exec(output)?.[1]) > 0, output);
  });

  it('makes all faults, those whose names have a word, or none', () => {
    assert.ok(chosenFaults(false, undefined).includes('decoding process killed'));
    assert.ok(!chosenFaults(false, undefined).includes('worker killed'));
    assert.deepEqual(chosenFaults(true, ['worker', 'slow']), ['worker killed', 'worker stopped for a while', 'slow client']);
    assert.deepEqual(chosenFaults(false, []), []);
    assert.throws(() => chosenFaults(false, ['worker', 'slow']), /no fault is called worker/);
  });

  it('fails on one wrong answer', () => {
    const tally = new Tally();
    assert.equal(report(tally, [0, 1, 2].map(flat), LIMITS).isGood, true);
    tally.wrong.push('/a: 200 7 bytes');
    const { isGood, text } = report(tally, [0, 1, 2].map(flat), LIMITS);
    assert.equal(isGood, false);
    assert.match(text, /wrong answers: 1\n {4}\/a: 200 7 bytes/);
  });

  it('fails when memory or descriptors grow, once caches are full', () => {
    const growing = Array.from({ length: 10 }, (_, minutes) => ({ ...flat(minutes), megabytes: 100 + 2 * minutes }));
    assert.ok(Math.abs(slopeOf(growing) - 2) < 1e-9);
    const { text, isGood } = report(new Tally(), growing, LIMITS);
    assert.equal(isGood, false);
    assert.match(text, /^requests in each minute: 0, 10, 10, 10/m);
    const early = growing.map((sample) => ({ ...sample, megabytes: Math.min(sample.megabytes, 108) }));
    assert.equal(report(new Tally(), early, LIMITS).isGood, true);
    const leaking = Array.from({ length: 10 }, (_, minutes) => ({ ...flat(minutes), descriptors: 20 + minutes }));
    assert.equal(report(new Tally(), leaking, LIMITS).isGood, false);
  });
}); // prettier-ignore
