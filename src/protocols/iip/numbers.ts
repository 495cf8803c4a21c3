/** The lenient numbers of IIP: a leading number counts, anything else is 0. */

const NUMBER = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/;

/** The leading number of a text, 0 when there is none or it is not finite. */
export function leadingNumber(text: string): number {
  const found = NUMBER.exec(text.length > 400 ? text.slice(0, 400) : text);
  const value = found === null ? 0 : Number(found[0]);
  return Number.isFinite(value) ? value : 0;
}

const INTEGER = /^\s*[-+]?\d+/;

/** The digits at the start of a text, as C's atoi takes them: no fraction, no exponent; 0 when there are none. */
export function leadingInteger(text: string): number {
  const found = INTEGER.exec(text.length > 400 ? text.slice(0, 400) : text);
  const value = found === null ? 0 : Number(found[0]);
  return Number.isFinite(value) ? value : 0;
}

/** The integers of a list like `1,2,3`; at most `limit` items are looked at. */
export function integerList(text: string, limit = 64): readonly number[] {
  return text.split(',', limit).map(leadingInteger);
}

/** The numbers of a list like `1,2,3`; at most `limit` items are looked at. */
export function numberList(text: string, limit = 64): readonly number[] {
  return text.split(',', limit).map(leadingNumber);
}
