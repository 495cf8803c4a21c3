/** The lenient numbers of IIP: a leading number counts, anything else is 0. */

const NUMBER = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/;

/** The leading number of a text, 0 when there is none or it is not finite. */
export function leadingNumber(text: string): number {
  const found = NUMBER.exec(text.length > 400 ? text.slice(0, 400) : text);
  const value = found === null ? 0 : Number(found[0]);
  return Number.isFinite(value) ? value : 0;
}

/** As `leadingNumber`, truncated towards 0. */
export function leadingInteger(text: string): number {
  return Math.trunc(leadingNumber(text));
}

/** The numbers of a list like `1,2,3`; at most `limit` items are looked at. */
export function numberList(text: string, limit = 64): readonly number[] {
  return text.split(',', limit).map(leadingNumber);
}
