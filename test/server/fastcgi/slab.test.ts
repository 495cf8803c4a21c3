import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Slab } from '../../../src/server/fastcgi/slab.ts';

describe('slab', () => {
  it('gives out the same memory again only after it came back, and only the last piece', () => {
    const slab = new Slab();
    const [first, second] = [slab.take(100), slab.take(100)];
    assert.notEqual(first.byteOffset, second.byteOffset);
    slab.giveBack(first);
    const third = slab.take(100);
    assert.notEqual(third.byteOffset, first.byteOffset, 'another piece lies behind it');
    slab.giveBack(third);
    const fourth = slab.take(50);
    assert.equal(fourth.buffer, third.buffer);
    assert.equal(fourth.byteOffset, third.byteOffset);
  });

  it('takes nothing back that it did not give', () => {
    const slab = new Slab();
    const kept = slab.take(100);
    slab.giveBack(Buffer.from('a record of its own'));
    slab.giveBack(slab.take(100_000));
    const next = slab.take(100);
    assert.equal(next.byteOffset, kept.byteOffset + 100);
  });
});
