/** Cloud-optimized GeoTIFF as GDAL lays it out (scripts/make-cog-fixtures.mjs) is the picture that it was made of. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { openImage } from '../../../src/image/open.ts';
import type { ImageReader, TileAddress } from '../../../src/image/reader.ts';
import { countingSource, fileSource, fixture, openFixture, readLevel } from '../support/sources.ts';

/** A ghost area between header and first directory, then directories: pictures and, beside each, a mask. */
const GHOST = /^II\*\0....GDAL_STRUCTURAL_METADATA_SIZE=\d{6} bytes\nLAYOUT=IFDS_BEFORE_DATA\n/s;

const CASES = [
  { cog: 'cog-webp.tif', plain: 'rgb-webp.tif', storedLevels: 3, encoding: 'webp' },
  { cog: 'cog-jpeg.tif', plain: 'rgb-flat.tif', storedLevels: 1, encoding: 'jpeg' },
] as const;

function tilesOf({ info }: ImageReader, level: number): TileAddress[] {
  const { width, height, tileWidth, tileHeight } = info.levels[level]!;
  const columns = Math.ceil(width / tileWidth);
  return Array.from({ length: columns * Math.ceil(height / tileHeight) }, (_, i) => ({
    page: 0,
    level,
    column: i % columns,
    row: Math.floor(i / columns),
  }));
}

for (const { cog, plain, storedLevels, encoding } of CASES) {
  describe(`${cog} is ${plain}`, () => {
    it('behind a ghost area', () => assert.match(readFileSync(fixture(cog), 'latin1'), GHOST));

    it('has its facts: masks are neither levels nor pages, and nothing is left out', async () => {
      const reports: string[] = [];
      const source = fileSource(fixture(cog));
      const { info } = await openImage(source, { report: (message) => reports.push(message) });
      assert.deepEqual(info, (await openFixture(plain)).info);
      assert.equal(info.levels.filter(({ virtual }) => virtual === undefined).length, storedLevels);
      assert.equal(info.pages.length, 1);
      assert.deepEqual(reports, []);
      source.close();
    });

    it('has its pixels at every level', async () => {
      const [reader, truth] = [await openFixture(cog), await openFixture(plain)];
      for (const level of truth.info.levels.keys())
        assert.deepEqual(await readLevel(reader, level), await readLevel(truth, level), `level ${level}`);
    });

    it('gives out its stored tiles without what is around them', async () => {
      const [reader, truth] = [await openFixture(cog), await openFixture(plain)];
      let sent = 0;
      for (let level = 0; level < storedLevels; level++) {
        assert.equal(reader.info.levels[level]!.storedEncoding, encoding);
        for (const tile of tilesOf(truth, level)) {
          const expected = await truth.readEncodedTile(tile);
          assert.deepEqual(await reader.readEncodedTile(tile), expected);
          if (expected !== undefined) sent += 1;
        }
      }
      assert.ok(sent >= 2, `${sent} tiles`);
    });

    it('is opened by few reads: all directories are in front', async () => {
      const { source, counts } = countingSource(fileSource(fixture(cog)));
      await openImage(source);
      assert.ok(counts.reads <= 2 && counts.bytes <= 20_000, JSON.stringify(counts));
      source.close();
    });
  });
}
