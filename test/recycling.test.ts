import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LEAST_LENT_BYTES, lendCopy, lendFile, Recycling, recycling } from '../src/recycling.ts';

test('a block that is given back is lent again, also for a length that differs little', () => {
  const recycling = new Recycling();
  const first = recycling.lend(196_608);
  recycling.giveBack(first);
  assert.equal(recycling.bytes, 196_608);
  const second = recycling.lend(190_000);
  assert.equal(second.buffer, first.buffer);
  assert.equal(second.length, 190_000);
  assert.equal(recycling.bytes, 0);
});

test('a block that is lent is never lent to another', () => {
  const recycling = new Recycling();
  const buffers = new Set(Array.from({ length: 5 }, () => recycling.lend(100_000).buffer));
  assert.equal(buffers.size, 5);
});

test('what is given back twice is lent once', () => {
  const recycling = new Recycling();
  const bytes = recycling.lend(100_000);
  recycling.giveBack(bytes);
  recycling.giveBack(bytes.subarray(10));
  assert.notEqual(recycling.lend(100_000).buffer, recycling.lend(100_000).buffer);
});

test('memory that was not lent is not taken', () => {
  const recycling = new Recycling();
  recycling.giveBack(new Uint8Array(100_000));
  recycling.giveBack(new Uint8Array(new SharedArrayBuffer(100_000)));
  assert.equal(recycling.bytes, 0);
});

test('small and very large blocks are not kept', () => {
  const recycling = new Recycling();
  for (const length of [0, 1, 8191, 2 ** 22 + 1]) {
    const bytes = recycling.lend(length);
    assert.equal(bytes.length, length);
    recycling.giveBack(bytes);
  }
  assert.equal(recycling.bytes, 0);
});

test('no more lies idle than is allowed', () => {
  const recycling = new Recycling(1_000_000);
  const lent = Array.from({ length: 30 }, (_, index) => recycling.lend(100_000 + index * 10_000));
  for (const bytes of lent) {
    recycling.giveBack(bytes);
    assert.ok(recycling.bytes <= 1_000_000);
  }
  assert.ok(recycling.bytes > 0);
});

test('every length gets a block of at most a quarter more', () => {
  const recycling = new Recycling();
  for (let length = 32_768; length <= 2 ** 22; length = Math.ceil(length * 1.01)) {
    const { buffer } = recycling.lend(length);
    assert.ok(buffer.byteLength >= length && buffer.byteLength <= length * 1.25, String(length));
  }
});

test('what makes room for others is of the size that was used least lately', () => {
  const recycling = new Recycling(1_000_000);
  const [old, used] = [recycling.lend(262_144), recycling.lend(131_072)];
  recycling.giveBack(old);
  recycling.giveBack(used);
  const [first, second] = [recycling.lend(327_680), recycling.lend(327_680)];
  recycling.giveBack(first);
  recycling.giveBack(second);
  assert.notEqual(recycling.lend(262_144).buffer, old.buffer);
  assert.equal(recycling.lend(131_072).buffer, used.buffer);
});

test('a thread that may keep less gives up what is too much', () => {
  const recycling = new Recycling(1_000_000);
  const lent = Array.from({ length: 5 }, () => recycling.lend(131_072));
  for (const bytes of lent) recycling.giveBack(bytes);
  recycling.keepAtMost(300_000);
  assert.equal(recycling.bytes, 262_144);
  const large = recycling.lend(150_001);
  recycling.giveBack(large);
  assert.equal(recycling.bytes, 262_144);
});

test('a file of a tile is lent, a large one has memory to itself, which may go to another thread', () => {
  const file = Uint8Array.from({ length: 20_000 }, (_, i) => i);
  const copy = lendCopy(file);
  assert.deepEqual(copy, file);
  recycling.giveBack(copy);
  assert.equal(lendFile(20_000).buffer, copy.buffer);
  const large = lendFile(300_000);
  assert.equal(large.buffer.byteLength, 300_000);
  recycling.giveBack(large);
  assert.notEqual(lendFile(300_000).buffer, large.buffer);
  assert.equal(lendFile(LEAST_LENT_BYTES - 1).buffer.byteLength, LEAST_LENT_BYTES - 1);
});
