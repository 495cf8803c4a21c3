import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReadClock, StageClock } from '../../src/metrics/stage-clock.ts';

/** Two clocks on one hand that the test moves. */
function clocks() {
  let time = 100;
  const reads = new ReadClock(() => time);
  const pass = (ms: number): void => void (time += ms);
  const read = (ms: number): void => {
    reads.begin();
    pass(ms);
    reads.end();
  };
  return { reads, clock: new StageClock(reads, () => time), pass, read };
}

describe('the clock of a picture', () => {
  it('adds up strips and several reads of each, and loses nothing', () => {
    const { clock, pass, read } = clocks();
    pass(1);
    for (let strip = 0; strip < 3; strip++) {
      const before = clock.enter('decode');
      read(2);
      pass(10);
      read(3);
      assert.equal(clock.enter(before), 'decode');
      pass(7);
    }
    clock.enter('encode');
    pass(20);
    assert.deepEqual(clock.read(), { open: 0, read: 15, decode: 30, process: 22, encode: 20 });
  });

  it('counts reads as decoding’s only while it decodes', () => {
    const { clock, pass, read } = clocks();
    read(5);
    clock.enter('open');
    read(6);
    pass(1);
    clock.enter('process');
    assert.deepEqual(clock.read(), { open: 7, read: 0, decode: 0, process: 5, encode: 0 });
  });

  it('goes on after it was read, and forgets when it is started again', () => {
    const { clock, pass } = clocks();
    pass(5);
    assert.equal(clock.read().process, 5);
    pass(5);
    assert.equal(clock.read().process, 10);
    clock.enter('decode');
    clock.restart();
    pass(3);
    assert.deepEqual(clock.read(), { open: 0, read: 0, decode: 0, process: 3, encode: 0 });
  });

  it('counts of a read under way what falls into the decoding, and never more than it took', () => {
    const { clock, reads, pass } = clocks();
    reads.begin();
    pass(50);
    clock.enter('decode');
    pass(4);
    assert.deepEqual(clock.read(), { open: 0, read: 4, decode: 0, process: 50, encode: 0 });
    reads.end();
    pass(6);
    assert.deepEqual(clock.read(), { open: 0, read: 4, decode: 6, process: 50, encode: 0 });
  });

  it('costs less than 20 microseconds a picture', () => {
    const clock = new StageClock(new ReadClock());
    let leastMs = Infinity;
    // The quickest of many rounds: others use this machine too.
    for (let round = 0; round < 50; round++) {
      const start = performance.now();
      for (let picture = 0; picture < 100; picture++) {
        clock.restart();
        clock.enter(clock.enter('decode'));
        clock.enter('encode');
        clock.read();
      }
      leastMs = Math.min(leastMs, (performance.now() - start) / 100);
    }
    assert.ok(leastMs < 0.02, `${leastMs} ms`);
  });
});

describe('the clock of reads', () => {
  it('counts reads that wait at the same time once', () => {
    const { reads, pass } = clocks();
    reads.begin();
    pass(3);
    reads.begin();
    pass(4);
    reads.end();
    assert.equal(reads.ms, 7);
    pass(5);
    reads.end();
    pass(100);
    assert.equal(reads.ms, 12);
  });
});
