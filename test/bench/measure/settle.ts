/** Warming up for as long as it makes a server faster. */

/** A piece that is faster than all before by less than this has not become faster. */
const RISE = 1.05;

/** So many pieces in a row without a rise, and it is over: one alone may have been disturbed. */
const FLAT_PIECES = 2;

export interface Pieces {
  /** Loads the server for so many seconds; its rate, in any unit. */
  readonly load: (seconds: number) => Promise<number>;
  readonly pieceSeconds: number;
  /** Of all pieces together; the last one may end a little later. */
  readonly limitSeconds: number;
}

/** Loads a server piece by piece until its rate rises no more, or time is up. */
export async function settle({ load, pieceSeconds, limitSeconds }: Pieces): Promise<void> {
  let best = 0;
  let flat = 0;
  for (let spent = 0; spent < limitSeconds && flat < FLAT_PIECES; spent += pieceSeconds) {
    const rate = await load(Math.min(pieceSeconds, limitSeconds));
    flat = rate < best * RISE ? flat + 1 : 0;
    best = Math.max(best, rate);
  }
}
