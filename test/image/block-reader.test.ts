import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BlockReader } from '../../src/image/block-reader.ts';
import { memorySource } from '../../src/image/memory-source.ts';
import { countingSource } from './support/sources.ts';

const FILE = Uint8Array.from({ length: 100_000 }, (_, i) => i % 251);

function openBlocks() {
  const { source, counts } = countingSource(memorySource(FILE));
  return { blocks: new BlockReader(source), counts };
}

describe('BlockReader', () => {
  it('gives any part of the file', async () => {
    const { blocks } = openBlocks();
    for (const [offset, length] of [
      [0, 8],
      [500, 1],
      [99_999, 1],
      [40_000, 30_000],
      [15_000, 16_000],
      [100_000, 0],
    ] as const) {
      assert.deepEqual(
        await blocks.bytes(offset, length),
        FILE.subarray(offset, offset + length),
        `${offset}`,
      );
    }
  });

  it('reads neighbors together', async () => {
    const { blocks, counts } = openBlocks();
    await blocks.bytes(50_000, 12);
    await blocks.bytes(50_500, 100);
    await blocks.bytes(49_500, 100);
    assert.deepEqual(counts, { reads: 1, bytes: 16_384 });
  });

  it('keeps the last eight blocks', async () => {
    const { blocks, counts } = openBlocks();
    for (let i = 0; i < 6; i++) await blocks.bytes(i * 16_000 + 1_100, 4);
    for (let i = 0; i < 6; i++) await blocks.bytes(i * 16_000 + 1_100, 4);
    assert.equal(counts.reads, 6);
  });

  it('reads large parts exactly', async () => {
    const { blocks, counts } = openBlocks();
    await blocks.bytes(1, 40_000);
    assert.deepEqual(counts, { reads: 1, bytes: 40_000 });
  });

  it('refuses what is not in the file', async () => {
    const { blocks } = openBlocks();
    for (const [offset, length] of [
      [100_000, 1],
      [-1, 2],
      [NaN, 1],
      [99_990, 20],
    ] as const) {
      await assert.rejects(blocks.bytes(offset, length), { kind: 'damaged' });
    }
  });
});
