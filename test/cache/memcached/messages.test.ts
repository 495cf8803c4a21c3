import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HashRing } from '../../../src/cache/memcached/hash-ring.ts';
import { memcachedKey } from '../../../src/cache/memcached/memcached.ts';
import {
  encodeRequest, OPCODE, ResponseReader, setExtras, type ResponseMessage,
} from '../../../src/cache/memcached/messages.ts'; // prettier-ignore

/** Of the protocol's document: the answer to a get of "Hello" with the value "World". */
const HELLO = Buffer.from(
  '810000000400000000000009000000000000000000000001deadbeef576f726c64'.replace(/ /g, ''),
  'hex',
);

describe('the binary protocol of memcached', () => {
  it('asks as its document shows', () => {
    assert.equal(
      encodeRequest({ opcode: OPCODE.get, opaque: 0, key: 'Hello' }).toString('hex'),
      '800000050000000000000005000000000000000000000000' + '48656c6c6f',
    );
    const value = Buffer.from('World');
    const set = encodeRequest({ opcode: OPCODE.setQuietly, opaque: 7, key: 'Hello', extras: setExtras(3600), value });
    assert.equal(set.toString('hex'), '801100050800000000000012000000070000000000000000' + '0000000000000e10' + '48656c6c6f');
  }); // prettier-ignore

  it('reads answers in any split', () => {
    const two = Buffer.concat([HELLO, HELLO]);
    for (let cut = 0; cut <= two.length; cut++) {
      const reader = new ResponseReader();
      const read: ResponseMessage[] = [];
      for (const piece of [two.subarray(0, cut), two.subarray(cut)]) read.push(...reader.read(piece));
      assert.deepEqual(read.map(({ value, status }) => [value.toString(), status]), [['World', 0], ['World', 0]]);
    }
    const reader = new ResponseReader();
    const read = [...two].flatMap((byte) => [...reader.read(Buffer.of(byte))]);
    assert.equal(read.length, 2);
  }); // prettier-ignore

  for (const [what, bytes] of [
    ['text', Buffer.from('ERROR\r\n'.repeat(10))],
    ['a key that is longer than its message', Buffer.from(`8100ffff${'00'.repeat(20)}`, 'hex')],
    ['far too much', Buffer.from(`8100000000000000ffffffff${'00'.repeat(12)}`, 'hex')],
  ] as const) {
    it(`refuses ${what}`, () => assert.throws(() => [...new ResponseReader().read(bytes)], RangeError));
  }
});

describe('keys', () => {
  it('begin with iipsrv:: and are hashed when memcached would not take them', () => {
    assert.equal(memcachedKey('abc|/a.tif'), 'iipsrv::abc|/a.tif');
    for (const key of ['a b', 'a\nb', 'é', 'x'.repeat(250)]) {
      assert.match(memcachedKey(key), /^iipsrv::[\w-]{43}$/, key);
    }
    assert.notEqual(memcachedKey('a b'), memcachedKey('a  b'));
    assert.equal(memcachedKey('x'.repeat(242)).length, 250);
  });

  it('are spread evenly, and few move when a server leaves', () => {
    const names = ['a:11211', 'b:11211', 'c:11211', 'd:11211'];
    const four = new HashRing(names);
    const three = new HashRing(names.slice(0, 3));
    const keys = Array.from({ length: 8_000 }, (_, i) => `key-${i}`);
    const counts = [0, 0, 0, 0];
    let moved = 0;
    for (const key of keys) {
      const server = four.serverOf(key);
      counts[server]!++;
      if (server !== 3 && three.serverOf(key) !== server) moved++;
    }
    for (const count of counts) assert.ok(count > 1_400 && count < 2_700, counts.join());
    assert.equal(moved, 0, 'keys of the servers that stay');
  });
});
