import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeText, headerText } from '../../src/server/text.ts';

describe('decodeText', () => {
  const table: [string, Buffer, string][] = [
    ['ASCII', Buffer.from('abc'), 'abc'],
    ['nothing', Buffer.alloc(0), ''],
    ['UTF-8', Buffer.from('é漢😀'), 'é漢😀'],
    ['Latin-1', Buffer.from('caf\xe9', 'latin1'), 'café'],
    ['a replacement character that was sent', Buffer.from('a\ufffdb'), 'a\ufffdb'],
    ['UTF-8 that is cut off', Buffer.from('é').subarray(0, 1), 'Ã'],
  ];
  for (const [name, bytes, expected] of table) {
    it(`reads ${name}`, () => {
      assert.equal(decodeText(bytes), expected);
      const inside = Buffer.concat([Buffer.from('\xff', 'latin1'), bytes, Buffer.from('\xff', 'latin1')]);
      assert.equal(decodeText(inside, 1, 1 + bytes.length), expected);
    });
  }
});

describe('headerText', () => {
  it('leaves text alone', () => assert.equal(headerText('W/"é" ~'), 'W/"é" ~'));
  it('makes one space of controls', () => assert.equal(headerText('a\r\n\0\x1f\x7fb\nc'), 'a b c'));
});
