import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatF, formatG } from '../../../src/protocols/iip/printf.ts';

describe("numbers as C's printf writes them", () => {
  const table: readonly (readonly [value: number, text: string])[] = [
    [0, '0'],
    [255, '255'],
    [-120, '-120'],
    [0.5, '0.5'],
    [4294967295, '4.2949673e+09'],
    [65535, '65535'],
    [123456789, '123456789'],
    [1234567890, '1.23456789e+09'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [1e100, '1e+100'],
    [2 / 3, '0.666666667'],
    [NaN, 'nan'],
    [-Infinity, '-inf'],
  ];
  for (const [value, text] of table) it(`%.9g of ${value}`, () => assert.equal(formatG(value, 9), text));

  it('%f has six decimals', () => {
    assert.equal(formatF(11811), '11811.000000');
    assert.equal(formatF(Math.fround(300 / 0.0254)), '11811.023438');
  });
});
