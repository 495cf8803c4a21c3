import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { memorySource } from '../../../src/image/memory-source.ts';
import { TagArray } from '../../../src/image/tiff/tag-array.ts';
import { TYPE } from '../../../src/image/tiff/tags.ts';
import { countingSource } from '../support/sources.ts';

const COUNT = 100_000;
const VALUES = Uint32Array.from({ length: COUNT + 2 }, (_, i) => i * 7);
const FORMAT = { isLittleEndian: true, isBig: false };

function openArray(count = COUNT) {
  const { source, counts } = countingSource(memorySource(new Uint8Array(VALUES.buffer)));
  return { array: new TagArray(source, { tag: 324, type: TYPE.long, count, offset: 8 }, FORMAT), counts };
}

describe('TagArray', () => {
  it('gives any value', async () => {
    const { array } = openArray();
    for (const index of [0, 1, 1023, 1024, 50_000, COUNT - 1])
      assert.equal(await array.at(index), VALUES[index + 2]);
  });

  it('reads one slice for neighbors, and never the whole', async () => {
    const { array, counts } = openArray();
    for (const index of [5_000, 5_001, 5_100, 5_000]) await array.at(index);
    assert.deepEqual(counts, { reads: 1, bytes: 4_096 });
  });

  it('reads no more than there is', async () => {
    const { array, counts } = openArray(3);
    await array.at(2);
    assert.deepEqual(counts, { reads: 1, bytes: 12 });
  });

  it('keeps a bounded number of slices', async () => {
    const { array, counts } = openArray();
    for (let slice = 0; slice < 40; slice++) await array.at(slice * 1_024);
    await array.at(39 * 1_024);
    assert.equal(counts.reads, 40);
    await array.at(0);
    assert.equal(counts.reads, 41);
  });

  it('has no value behind its end', async () => {
    const { array } = openArray(2_000);
    for (const index of [2_000, 5_000, 2 ** 40])
      await assert.rejects(async () => array.at(index), { kind: 'damaged' });
  });
});
