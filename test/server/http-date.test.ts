import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatHttpDate, parseHttpDate } from '../../src/server/http-date.ts';

const TIME_MS = Date.UTC(1994, 10, 6, 8, 49, 37);
const NOW_MS = Date.UTC(2025, 0, 1);

describe('formatHttpDate', () => {
  it('writes the preferred form and cuts off parts of a second', () => {
    assert.equal(formatHttpDate(TIME_MS), 'Sun, 06 Nov 1994 08:49:37 GMT');
    assert.equal(formatHttpDate(TIME_MS + 999.9), 'Sun, 06 Nov 1994 08:49:37 GMT');
  });
});

describe('parseHttpDate', () => {
  const table: [string, number | undefined][] = [
    ['Sun, 06 Nov 1994 08:49:37 GMT', TIME_MS],
    ['Sunday, 06-Nov-94 08:49:37 GMT', TIME_MS],
    ['Sun Nov  6 08:49:37 1994', TIME_MS],
    ['Sun Nov 16 08:49:37 1994', TIME_MS + 10 * 86_400_000],
    ['Saturday, 06-Nov-75 08:49:37 GMT', Date.UTC(2075, 10, 6, 8, 49, 37)],
    ['Saturday, 06-Nov-76 08:49:37 GMT', Date.UTC(1976, 10, 6, 8, 49, 37)],
    ['Thu, 29 Feb 2024 00:00:00 GMT', Date.UTC(2024, 1, 29)],
    ['Sat, 31 Dec 2016 23:59:60 GMT', Date.UTC(2017, 0, 1)],
    ['Wed, 29 Feb 2023 00:00:00 GMT', undefined],
    ['Sun, 00 Nov 1994 08:49:37 GMT', undefined],
    ['Sun, 06 Nov 1994 24:00:00 GMT', undefined],
    ['Sun, 06 Nov 1994 08:60:00 GMT', undefined],
    ['Sun, 06 Nov 1994 08:49:61 GMT', undefined],
    ['Sun, 06 Nov 1994 08:49:37 CET', undefined],
    ['Sun, 06 Nof 1994 08:49:37 GMT', undefined],
    ['Sun, 6 Nov 1994 08:49:37 GMT', undefined],
    ['1994-11-06T08:49:37Z', undefined],
    ['784111777', undefined],
    ['', undefined],
  ];
  for (const [text, expected] of table) {
    it(`reads "${text}"`, () => assert.equal(parseHttpDate(text, NOW_MS), expected));
  }
});
