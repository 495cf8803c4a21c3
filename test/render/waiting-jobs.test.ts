import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WaitingJobs, type Room } from '../../src/render/waiting-jobs.ts';

interface Job {
  readonly name: string;
  readonly cost: { readonly bytes: number; readonly isExport: boolean };
}

const tile = (name: string, bytes = 1): Job => ({ name, cost: { bytes, isExport: false } });
const exported = (name: string, bytes = 1): Job => ({ name, cost: { bytes, isExport: true } });

/** So many bytes, of which what runs takes some. */
function roomOf(total: number) {
  const running = new Set<Job>();
  const used = (): number => [...running].reduce((sum, { cost }) => sum + cost.bytes, 0);
  const room: Room<Job> = {
    fits: ({ cost }) => used() + cost.bytes <= total,
    holdsUp: ({ cost }, favored) => used() + cost.bytes + favored.cost.bytes > total,
  };
  return { room, running };
}

const EVERYTHING = roomOf(Infinity).room;

function waitingAt() {
  const clock = { ms: 0 };
  return { clock, jobs: new WaitingJobs<Job>(() => clock.ms) };
}

describe('tasks that wait', () => {
  it('are tiles first, then exports', () => {
    const { jobs } = waitingAt();
    for (const job of [exported('a'), tile('b'), exported('c'), tile('d')]) jobs.push(job);
    const order = [1, 2, 3, 4].map(() => jobs.take(EVERYTHING)?.name);
    assert.deepEqual(order, ['b', 'd', 'a', 'c']);
    assert.equal(jobs.length, 0);
  });

  it('are exports that have waited long before tiles, one at a time', () => {
    const { jobs, clock } = waitingAt();
    const [first, second] = [exported('first'), exported('second')];
    jobs.push(first);
    jobs.push(second);
    clock.ms = 5_000;
    for (const name of ['b', 'c', 'd']) jobs.push(tile(name));
    assert.equal(jobs.take(EVERYTHING), first);
    assert.equal(jobs.take(EVERYTHING)?.name, 'b', 'while it runs, tiles have their turn');
    jobs.ended(first);
    assert.equal(jobs.take(EVERYTHING), second);
    assert.equal(jobs.take(EVERYTHING)?.name, 'c');
  });

  it('do not starve for memory while tiles come without an end', () => {
    const { jobs, clock } = waitingAt();
    const { room, running } = roomOf(10);
    const large = exported('large', 9);
    jobs.push(large);
    let turns = 0;
    // Two tiles of two bytes run at any time; one ends each 100 ms, and a new one comes.
    const oldest = (): Job => [...running][0]!;
    for (; turns < 1_000 && !running.has(large); turns++) {
      jobs.push(tile(`tile ${turns}`, 2));
      for (let job = jobs.take(room); job !== undefined; job = jobs.take(room)) {
        running.add(job);
        if (running.size === 2) break;
      }
      if (running.has(large)) break;
      clock.ms += 100;
      if (running.size > 0) {
        jobs.ended(oldest());
        running.delete(oldest());
      }
    }
    assert.ok(running.has(large), 'it runs');
    assert.ok(clock.ms <= 5_500, `after ${clock.ms} ms`);
  });

  it('goes on with tiles that do not hold an old export up', () => {
    const { jobs, clock } = waitingAt();
    const { room, running } = roomOf(10);
    const other = exported('other', 5);
    running.add(other);
    jobs.push(exported('large', 6));
    clock.ms = 6_000;
    jobs.push(tile('small'));
    const beside: Room<Job> = { ...room, holdsUp: () => false };
    assert.equal(jobs.take(beside)?.name, 'small');
    assert.equal(jobs.take(beside), undefined);
    running.delete(other);
    assert.equal(jobs.take(room)?.name, 'large');
  });

  it('do not wait any longer once they are removed', () => {
    const { jobs } = waitingAt();
    const [a, b] = [exported('a'), tile('b')];
    jobs.push(a);
    jobs.push(b);
    assert.equal(jobs.remove(a), true);
    assert.equal(jobs.remove(a), false);
    assert.deepEqual(jobs.takeAll(), [b]);
  });
});
