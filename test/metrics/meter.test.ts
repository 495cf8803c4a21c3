import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BUCKETS, Meter } from '../../src/metrics/meter.ts';
import { PICTURE_STAGES } from '../../src/metrics/stage-clock.ts';
import { requestIdOf } from '../../src/metrics/request-id.ts';

describe('meters', () => {
  it('are added up over threads, each writing its own memory', () => {
    const [one, two] = [new Meter(), new Meter()];
    one.countRequest('IIIF', 200, 100);
    // As a thread would that was sent the memory.
    new Meter(two.memory).countRequest('IIIF', 200, 50);
    two.countRequest('IIP', 418, 1);
    two.countPicture('memcached');
    const sum = Meter.sum([one, two]);
    assert.deepEqual(sum.requests, [
      { protocol: 'IIP', status: 0, count: 1 },
      { protocol: 'IIIF', status: 200, count: 2 },
    ]);
    assert.deepEqual([sum.bytes, sum.pictures.memcached, sum.pictures.hit], [151, 1, 0]);
  });

  it('tell what holds now, until their thread has died, and what was counted for ever', () => {
    const [one, two] = [new Meter(Meter.allocate(2)), new Meter(Meter.allocate(2))];
    for (const meter of [one, two]) {
      meter.set('threads', 1);
      meter.set('active', 3);
      meter.setServer(0, true);
      meter.setServer(1, true);
      meter.setServer(1, false);
      meter.countLookup('memcachedHits');
    }
    one.setServer(1, true);
    const both = Meter.sum([one, two]);
    assert.deepEqual(both.gauges, { threads: 2, active: 6, openImages: 0 });
    assert.deepEqual(both.servers, [
      { askedBy: 2, trips: 0 },
      { askedBy: 1, trips: 2 },
    ]);
    two.settle();
    const left = Meter.sum([one, two]);
    assert.deepEqual(left.gauges, { threads: 1, active: 3, openImages: 0 });
    assert.deepEqual(left.lookups, { memcachedHits: 2, memcachedMisses: 0 });
    assert.deepEqual(left.servers, [
      { askedBy: 1, trips: 0 },
      { askedBy: 1, trips: 2 },
    ]);
  });

  it('count the stages of a picture, but not those that it did not need', () => {
    const [one, two] = [new Meter(), new Meter()];
    one.observeStages({ open: 0, read: 0.5, decode: 20, process: 0, encode: 3 });
    two.observeStages({ open: 7, read: 0, decode: 10, process: 0, encode: 0 });
    const { stages } = Meter.sum([one, two]);
    const counted = PICTURE_STAGES.map((stage) => [stage, stages[stage].cumulative.at(-1)]);
    assert.deepEqual(Object.fromEntries(counted), { open: 1, read: 1, decode: 2, process: 0, encode: 1 });
    assert.ok(Math.abs(stages.decode.sumSeconds - 0.03) < 1e-9);
    one.settle();
    assert.deepEqual(Meter.sum([one, two]).stages, stages, 'what was counted stays when a thread dies');
    const ofProcesses = Meter.reading(Meter.add([Meter.settled(one.numbers), two.numbers]));
    assert.deepEqual(ofProcesses.stages, stages, 'and when a process does');
  });

  it('count durations in cumulative buckets', () => {
    const meter = new Meter();
    for (const ms of [0.5, 1, 3, 20_000]) meter.observe('render', ms);
    const { cumulative, sumSeconds } = Meter.sum([meter]).stages.render;
    assert.deepEqual(cumulative.slice(0, 4), [2, 2, 3, 3]);
    assert.deepEqual([cumulative.length, cumulative.at(-2), cumulative.at(-1)], [BUCKETS.length + 1, 3, 4]);
    assert.ok(Math.abs(sumSeconds - 20.0045) < 1e-9);
  });
});

describe('ids of requests', () => {
  for (const id of [
    'abc-123',
    '4bf92f3577b34da6a3ce929d0e0e4736',
    'Root=1-67891233-abcdef012345678912345678',
  ]) {
    it(`given by a proxy are kept: ${id}`, () => assert.equal(requestIdOf(id), id));
  }
  for (const id of ['', 'a b', 'a\nb', '"', 'x'.repeat(129), '{}']) {
    it(`are made instead of ${JSON.stringify(id.slice(0, 8))}`, () =>
      assert.match(requestIdOf(id), /^[\w-]{16}$/));
  }
  it('are all different', () => {
    assert.equal(new Set(Array.from({ length: 2_000 }, () => requestIdOf(''))).size, 2_000);
  });
});
