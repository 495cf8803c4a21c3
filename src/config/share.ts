/** What one of several processes takes of a setting that is for all of them. */

/** Which process it is: `index` from 0, of `of` processes. */
export interface Seat {
  readonly index: number;
  readonly of: number;
}

export type Share<T> = (value: T, seat: Seat) => T;

/** Of bytes and counts: whole parts of one size, 1 at least where there is something. `Infinity` and 0 stay. */
export const evenly: Share<number> = (value, { of }) =>
  value === Infinity ? value : Math.max(Math.min(value, 1), Math.floor(value / of));

/** Of threads: together as many as there are, and 1 at least for each process. */
export const inTurns: Share<number> = (value, { index, of }) =>
  Math.max(1, Math.floor(value / of) + Number(index < value % of));
