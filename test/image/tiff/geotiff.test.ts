import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fromFile } from 'geotiff';
import type { GeoTIFFImage } from 'geotiff';
import { BlockReader } from '../../../src/image/block-reader.ts';
import { readDirectory, readHeader } from '../../../src/image/tiff/directory.ts';
import type { Directory, TiffFile } from '../../../src/image/tiff/directory.ts';
import { TYPE } from '../../../src/image/tiff/tags.ts';
import { decodeText } from '../../../src/image/text.ts';
import { decodeNumbers, valueBytes } from '../../../src/image/tiff/values.ts';
import { fileSource, fixture } from '../support/sources.ts';

/** Every tag of every directory of the main chain, read by us and by geotiff. */
describe('tags as geotiff reads them', () => {
  const readable = (name: string): boolean =>
    !['empty.tif', 'truncated.tif'].includes(name) && statSync(fixture(name)).size > 0;
  const names = readdirSync(fixture('.')).filter((name) => name.endsWith('.tif') && readable(name));
  assert.ok(names.length > 40);
  for (const name of names) {
    it(name, async () => {
      const theirs = await fromFile(fixture(name));
      const file = await readHeader(new BlockReader(fileSource(fixture(name))));
      let offset = file.firstDirectory;
      for (let i = 0; i < (await theirs.getImageCount()); i++) {
        const directory = await readDirectory(file, offset);
        await compareTags(file, directory, await theirs.getImage(i));
        offset = directory.next;
      }
      assert.equal(offset, 0);
      file.blocks.source.close();
      await theirs.close();
    });
  }
});

async function compareTags(file: TiffFile, directory: Directory, theirs: GeoTIFFImage): Promise<void> {
  assert.ok(directory.entries.size >= 8);
  for (const { tag, type, count, offset } of directory.entries.values()) {
    // geotiff 3.0.5 loses half of the numbers of a tag with several rationals.
    if (isRational(type) && count > 1) continue;
    const bytes = await file.blocks.bytes(offset, count * valueBytes(type));
    const value: unknown = await theirs.fileDirectory.loadValue(tag);
    if (type === TYPE.ascii) {
      const text = String(value).replace(/\0[^]*$/, '');
      assert.equal(decodeText(bytes) ?? '', text, `tag ${tag}`);
    } else {
      assert.deepEqual([...decodeNumbers(bytes, type, file)], numbersOf(value, type), `tag ${tag}`);
    }
  }
}

/** geotiff gives one number for one, and rationals as two. */
function numbersOf(value: unknown, type: number): number[] {
  const numbers = typeof value === 'number' ? [value] : Array.from(value as ArrayLike<number>);
  if (!isRational(type)) return numbers;
  return numbers.flatMap((numerator, i) => (i % 2 === 0 ? [numerator / numbers[i + 1]!] : []));
}

function isRational(type: number): boolean {
  return type === TYPE.rational || type === TYPE.srational;
}
