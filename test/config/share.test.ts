import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkReport } from '../../src/config/check-report.ts';
import { parseCommandLine, workersOf } from '../../src/config/command-line.ts';
import { defaultConfig, readConfig } from '../../src/config/read-config.ts';
import { describeShares, shareOf } from '../../src/config/share-config.ts';
import { evenly, inTurns } from '../../src/config/share.ts';
import { SETTINGS } from '../../src/config/variables.ts';

const FACTS = { cpus: 8 };

describe('what a worker takes', () => {
  it('is an equal part of bytes and counts', () => {
    assert.equal(evenly(1000, { index: 0, of: 3 }), 333);
    assert.equal(evenly(2, { index: 1, of: 3 }), 1, 'not nothing');
    assert.equal(evenly(0, { index: 0, of: 3 }), 0, 'what is off stays off');
    assert.equal(evenly(Infinity, { index: 0, of: 3 }), Infinity);
  });

  it('is a number of threads that add up to all of them, and one at least', () => {
    for (const [threads, of, parts] of [[8, 3, [3, 3, 2]], [8, 2, [4, 4]], [2, 4, [1, 1, 1, 1]], [1, 1, [1]]] as const) {
      assert.deepEqual(Array.from({ length: of }, (_, index) => inTurns(threads, { index, of })), parts);
    }
  }); // prettier-ignore

  it('is divided where the setting is for all, and whole elsewhere', () => {
    const whole = readConfig({ MAX_IMAGE_CACHE_SIZE: '100', OPEN_FILES: '90', JPEG_QUALITY: '60' }, FACTS).config;
    const third = shareOf(whole, { index: 2, of: 3 });
    assert.equal(third.imageCacheBytes, Math.floor(whole.imageCacheBytes / 3));
    assert.equal(third.openFiles, 30);
    assert.equal(third.threads, 2);
    const divided = ['imageCacheBytes', 'metadataCacheEntries', 'openFiles', 'levelCacheBytes', 'threads',
      'maxMemoryBytes', 'maxConcurrent', 'maxQueue'];
    for (const setting of SETTINGS) {
      if (divided.includes(setting)) assert.notEqual(third[setting], whole[setting], setting);
      else assert.equal(third[setting], whole[setting], setting);
    }
  }); // prettier-ignore

  it('is all of it where there is one process', () => {
    const whole = defaultConfig(FACTS);
    assert.deepEqual(shareOf(whole, { index: 0, of: 1 }), whole);
  });

  it('is said in words', () => {
    const shares = Object.fromEntries(describeShares(defaultConfig(FACTS), 2));
    assert.deepEqual(shares, {
      OMP_NUM_THREADS: '4',
      MAX_IMAGE_CACHE_SIZE: '5',
      MAX_IMAGE_METADATA_CACHE_SIZE: '500',
      OPEN_FILES: '256',
      DECODED_CACHE_SIZE: '64',
      MAX_MEMORY: '262',
      MAX_CONCURRENT: '500',
      MAX_QUEUE: '250',
    });
    const { text } = checkReport(readConfig({}, FACTS), { backlog: 1, workers: 2 }, FACTS);
    assert.match(text, /^2 worker processes, each with OMP_NUM_THREADS=4, MAX_IMAGE_CACHE_SIZE=5, /m);
  });
});

describe('--workers', () => {
  const count = (...args: readonly string[]) => {
    const line = parseCommandLine(args, { version: '1' });
    assert.equal(line.kind, 'serve');
    return workersOf(line.listening, defaultConfig(FACTS));
  };

  it('is one process, a number, or one for each thread', () => {
    assert.equal(count(), 1);
    assert.equal(count('--workers', '3'), 3);
    assert.equal(count('--workers', 'auto'), 8);
  });

  for (const value of ['0', '-1', '257', 'many', '1.5']) {
    it(`refuses ${value}`, () => {
      const line = parseCommandLine([`--workers=${value}`], { version: '1' });
      assert.equal(line.kind, 'usage-error');
      assert.match(line.message, /^--workers .*: is no whole number from 1 to 256$/);
    });
  }
});
