import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServerError } from '../../../src/errors.ts';
import { encodeShortPairs, PairCursor } from '../../../src/server/fastcgi/pairs.ts';
import { encodePairs } from '../../support/fcgi-client.ts';

function readAll(bytes: Buffer): [string, string][] {
  const cursor = new PairCursor(bytes);
  const pairs: [string, string][] = [];
  while (cursor.next()) {
    const name = bytes.toString('latin1', cursor.nameStart, cursor.valueStart);
    pairs.push([name, bytes.toString('latin1', cursor.valueStart, cursor.valueEnd)]);
  }
  return pairs;
}

describe('PairCursor', () => {
  const lengths = [0, 1, 127, 128, 255, 256, 65_536];
  for (const nameLength of lengths) {
    for (const valueLength of lengths) {
      it(`reads a name of ${nameLength} and a value of ${valueLength} bytes`, () => {
        const pairs: [string, string][] = [
          ['n'.repeat(nameLength), 'v'.repeat(valueLength)],
          ['after', 'it'],
        ];
        assert.deepEqual(readAll(encodePairs(Object.fromEntries(pairs))), pairs);
      });
    }
  }

  it('finds no pair in no bytes', () => {
    assert.deepEqual(readAll(Buffer.alloc(0)), []);
  });

  it('takes the four-byte form for short lengths too', () => {
    assert.deepEqual(readAll(Buffer.from('\x80\0\0\x01\x80\0\0\x02abc', 'latin1')), [['a', 'bc']]);
  });

  const broken: [string, string][] = [
    ['a length alone', '\x01'],
    ['no room for the name', '\x05\x00abc'],
    ['no room for the value', '\x01\x05abc'],
    ['a four-byte length that is cut off', '\x01\x80\x00'],
    ['a length of two gigabytes', '\xff\xff\xff\xff\x01abc'],
    ['two lengths of two gigabytes', '\xff\xff\xff\xff\xff\xff\xff\xffabc'],
  ];
  for (const [name, bytes] of broken) {
    it(`throws at ${name}`, () => {
      const isOurs = (error: unknown): boolean =>
        error instanceof ServerError && error.kind === 'bad-request';
      assert.throws(() => readAll(Buffer.from(bytes, 'latin1')), isOurs);
    });
  }
});

describe('encodeShortPairs', () => {
  it('writes what the cursor reads', () => {
    const pairs: [string, string][] = [
      ['FCGI_MAX_CONNS', '1'],
      ['EMPTY', ''],
    ];
    assert.deepEqual(readAll(encodeShortPairs(pairs)), pairs);
  });
});
