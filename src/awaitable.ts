/**
 * Values that may be at hand. Most tiles can be made without waiting for anything; a promise for each of the thirty steps from a
 * request to its answer would cost as much as the pixels. So whoever may have to wait says `Awaitable`, and what is at hand is passed on at once.
 */
export type Awaitable<T> = T | Promise<T>;

/** `next(value)`: at once where the value is at hand, else when it is. */
export function after<T, U>(value: Awaitable<T>, next: (value: T) => Awaitable<U>): Awaitable<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** What `work` gives, or what `rescue` makes of its failure, whether it fails at once or later. */
export function rescued<T>(
  work: () => Awaitable<T>,
  rescue: (thrown: unknown) => Awaitable<T>,
): Awaitable<T> {
  let value: Awaitable<T>;
  try {
    value = work();
  } catch (thrown) {
    return rescue(thrown);
  }
  return value instanceof Promise ? value.catch(rescue) : value;
}
