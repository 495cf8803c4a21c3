import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openImage } from '../../../src/image/open.ts';
import { SPARSE_LEVELS, SPARSE_PROFILE_BYTES, writeSparsePyramid } from '../../support/sparse-pyramid.ts';
import { countingSource, fileSource, fixture } from '../support/sources.ts';
import type { Counts } from '../support/sources.ts';

describe('opening a BigTIFF of 100,000 × 100,000 pixels', () => {
  let folder: string;
  let file: string;
  before(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'pyramid-'));
    file = path.join(folder, 'pyramid.tif');
    writeSparsePyramid(file);
  });
  after(() => rmSync(folder, { recursive: true }));

  it('takes at most 10 reads and 256 KB', async () => {
    const { source, counts } = countingSource(fileSource(file));
    const { info } = await openImage(source);
    assert.equal(info.levels.length, SPARSE_LEVELS);
    assert.equal(info.icc?.length, SPARSE_PROFILE_BYTES);
    assert.ok(counts.reads <= 10 && counts.bytes <= 256 * 1_024, JSON.stringify(counts));
    source.close();
  });

  it('reads the arrays of tiles in slices', async () => {
    const { source, counts } = countingSource(fileSource(file));
    const reader = await openImage(source);
    const before = { ...counts };
    const raster = await reader.readWindow({
      page: 0,
      level: 0,
      window: { x: 70_000, y: 90_000, width: 9, height: 9 },
    });
    assert.ok(raster.data.every((sample) => sample === 0));
    assert.ok(counts.reads - before.reads <= 2, JSON.stringify(counts));
    assert.ok(counts.bytes - before.bytes <= 16_384, JSON.stringify(counts));
    source.close();
  });
});

describe('opening fixtures', () => {
  const limits: readonly (readonly [string, Counts])[] = [
    ['rgb-deflate.tif', { reads: 5, bytes: 100_000 }],
    ['metadata.tif', { reads: 2, bytes: 40_000 }],
    // The second read looks whether the file has an end: a picture that is cut off is told in the log.
    ['photo-large.jpg', { reads: 2, bytes: 30_000 }],
  ];
  for (const [name, { reads, bytes }] of limits) {
    it(`reads little of ${name}`, async () => {
      const { source, counts } = countingSource(fileSource(fixture(name)));
      await openImage(source);
      assert.ok(counts.reads <= reads && counts.bytes <= bytes, JSON.stringify(counts));
      source.close();
    });
  }
});
