import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { settle } from './measure/settle.ts';

/** The seconds of the pieces that a server gets whose rate goes through `rates`, and stays at the last. */
async function piecesFor(rates: readonly number[], limitSeconds: number): Promise<number[]> {
  const pieces: number[] = [];
  const load = (seconds: number): Promise<number> => {
    pieces.push(seconds);
    return Promise.resolve(rates[Math.min(pieces.length, rates.length) - 1]!);
  };
  await settle({ load, pieceSeconds: 1, limitSeconds });
  return pieces;
}

describe('settle', () => {
  it('loads a server until two pieces in a row are no faster', async () => {
    assert.equal((await piecesFor([100], 15)).length, 3);
    assert.equal((await piecesFor([100, 200, 300, 310, 305], 15)).length, 5);
  });

  it('goes on after a single disturbed piece', async () => {
    assert.equal((await piecesFor([100, 20, 200, 300, 300, 300], 15)).length, 6);
  });

  it('ends with the time', async () => {
    const rising = Array.from({ length: 40 }, (_, index) => 2 ** index);
    assert.equal((await piecesFor(rising, 6)).length, 6);
    assert.deepEqual(await piecesFor([1], 0.25), [0.25]);
  });
});
