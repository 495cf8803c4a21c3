import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { awakeMs } from './awake-clock.ts';
import { Losses } from './losses.ts';

const ENDED = (pid: number): string =>
  `{"level":"warn","worker":0,"pid":${pid},"msg":"a worker ended; a new one takes its place"}`;

describe('what the soak has ended', () => {
  it('pardons connections of a worker that was killed, new ones, too', () => {
    const losses = new Losses();
    assert.equal(losses.ofConnection(awakeMs(), true), undefined);
    losses.workerEnded(7);
    assert.equal(losses.ofConnection(awakeMs(), false), 'its worker was killed');
    assert.equal(losses.mayLoseDecoder(), true);
  });

  it('pardons kept connections for as long as workers are replaced', () => {
    const losses = new Losses();
    losses.renewing();
    losses.renewing();
    losses.hear('{"msg":"workers replaced, log reopened"}');
    const later = awakeMs() + 60_000;
    assert.match(losses.ofConnection(later, true) ?? '', /replaced/);
    assert.equal(losses.ofConnection(later, false), undefined);
    losses.hear('{"msg":"workers replaced, log reopened"}');
    assert.match(losses.ofConnection(awakeMs(), true) ?? '', /replaced/);
    assert.equal(losses.ofConnection(later, true), undefined);
  });

  it('complains of workers that ended without being killed', () => {
    const losses = new Losses();
    losses.workerEnded(7);
    assert.equal(losses.hear(ENDED(7)), undefined);
    assert.equal(losses.hear(ENDED(8)), ENDED(8));
    assert.match(losses.hear('{"pid":9,"msg":"a worker does not answer and is ended"}') ?? '', /"pid":9/);
    assert.equal(losses.hear('{"msg":"a worker listens","pid":9}'), undefined);
  });
}); // prettier-ignore
