import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ownMemory } from '../../src/config/own-memory.ts';
import { defaultConfig } from '../../src/config/read-config.ts';

const MIB = 2 ** 20;
const MB = 1_024_000;

describe('the memory that the program may think its own', () => {
  it('is the limit of its container', () => {
    assert.equal(ownMemory(512 * MIB, 8192 * MIB), 512 * MIB);
  });

  for (const [name, limit] of [
    ['says 0', 0],
    ['is not known', undefined],
    ['is more than the machine has', 2 ** 64],
  ] as const) {
    it(`is half of the machine's when the limit ${name}`, () => {
      assert.equal(ownMemory(limit, 8192 * MIB), 4096 * MIB);
    });
  }
});

describe('MAX_MEMORY when it is unset', () => {
  const maxMemory = (memoryBytes: number): number => defaultConfig({ cpus: 2, memoryBytes }).maxMemoryBytes;

  it('and the caches leave room for the program in a container of 512 MB', () => {
    const { maxMemoryBytes, imageCacheBytes, levelCacheBytes } = defaultConfig({
      cpus: 2,
      memoryBytes: 512 * MIB,
    });
    assert.equal(maxMemoryBytes, 182 * MB);
    assert.equal(levelCacheBytes, 32 * MB);
    assert.ok(maxMemoryBytes + imageCacheBytes + levelCacheBytes + 160 * MB <= 512 * MIB);
  });

  it('goes with as many threads as there is memory for, where it is short', () => {
    const threads = (memoryBytes: number): number => defaultConfig({ cpus: 32, memoryBytes }).threads;
    assert.deepEqual(
      [64, 512, 1024, 1536, 16_384].map((mib) => threads(mib * MIB)),
      [1, 2, 4, 32, 32],
    );
  });

  it('is half of it, with all that belongs to it, on a machine of 4 GB and of more', () => {
    for (const machine of [3900 * MIB, 16_384 * MIB]) {
      const memoryBytes = ownMemory(undefined, machine);
      const { maxMemoryBytes, levelCacheBytes, threads, sparesMemory } = defaultConfig({
        cpus: 8,
        memoryBytes,
      });
      assert.equal(maxMemoryBytes, Math.floor(memoryBytes / 2 / MB) * MB);
      assert.deepEqual([levelCacheBytes, threads, sparesMemory], [128 * MB, 8, false]);
    }
  });

  it('goes with memory that is given back only where it is short', () => {
    const spares = (memoryBytes: number): boolean => defaultConfig({ cpus: 2, memoryBytes }).sparesMemory;
    assert.deepEqual([512 * MIB, 1535 * MIB, 1536 * MIB].map(spares), [true, true, false]);
  });

  it('goes with a smaller store of decoded levels in a small container', () => {
    const levels = (memoryBytes: number): number => defaultConfig({ cpus: 2, memoryBytes }).levelCacheBytes;
    assert.deepEqual(
      [512, 4096].map((mib) => levels(mib * MIB)),
      [32 * MB, 128 * MB],
    );
  });

  it('is never less than 64 MB', () => {
    assert.equal(maxMemory(32 * MIB), 64 * MB);
  });
});
