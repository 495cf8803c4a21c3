import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formDecode, percentDecode } from '../../src/protocols/percent.ts';
import { uriForHeader } from '../../src/protocols/public-url.ts';

describe('percent-decoding', () => {
  const table: readonly (readonly [text: string, decoded: string])[] = [
    ['plain', 'plain'],
    ['a%20b', 'a b'],
    ['%C3%A9t%c3%a9', 'été'],
    ['a%2Fb', 'a/b'],
    ['100%', '100%'],
    ['%zz%4', '%zz%4'],
    ['x%00y', 'xy'],
    ['a+b', 'a+b'],
    ['%ff', '\ufffd'],
    ['%252e', '%2e'],
    ['été', 'été'],
    ['été%20x', 'été x'],
  ];
  for (const [text, decoded] of table) it(text, () => assert.equal(percentDecode(text), decoded));

  it('of forms takes + for a space', () => assert.equal(formDecode('a+b%2Bc'), 'a b+c'));
});

describe('a URL in a header', () => {
  it('is visible ASCII without quotes and brackets', () => {
    assert.equal(uriForHeader('http://h/é"<x>\r\n/^10,'), 'http://h/%C3%A9%22%3Cx%3E%0D%0A/^10,');
  });
});
