import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BlockReader } from '../../../src/image/block-reader.ts';
import { memorySource } from '../../../src/image/memory-source.ts';
import { readDirectory, readHeader } from '../../../src/image/tiff/directory.ts';
import type { Directory, TiffFile } from '../../../src/image/tiff/directory.ts';
import { decodeText } from '../../../src/image/text.ts';
import { readBytes, readNumber, readNumbers, readText } from '../../../src/image/tiff/values.ts';
import { buildTiff } from '../support/build-tiff.ts';
import type { TagSpec, TiffOptions } from '../support/build-tiff.ts';

const FORMATS: readonly TiffOptions[] = [
  { isLittleEndian: true, isBig: false },
  { isLittleEndian: false, isBig: false },
  { isLittleEndian: true, isBig: true },
  { isLittleEndian: false, isBig: true },
];

async function open(
  tags: readonly TagSpec[],
  options: TiffOptions = {},
): Promise<{ file: TiffFile; directory: Directory }> {
  return openBytes(buildTiff([{ tags }], options));
}

async function openBytes(bytes: Uint8Array): Promise<{ file: TiffFile; directory: Directory }> {
  const file = await readHeader(new BlockReader(memorySource(bytes)));
  return { file, directory: await readDirectory(file, file.firstDirectory) };
}

const WIDTH: TagSpec = { tag: 'ImageWidth', type: 'short', values: [640] };

for (const format of FORMATS) {
  describe(`${format.isBig === true ? 'BigTIFF' : 'TIFF'}, ${format.isLittleEndian === true ? 'lowest' : 'highest'} byte first`, () => {
    const numbers: readonly (readonly [TagSpec['type'], readonly number[]])[] = [
      ['byte', [1, 255]],
      ['sbyte', [-1, 127]],
      ['short', [1, 65_535, 300]],
      ['sshort', [-32_768, 5]],
      ['long', [4_000_000_000]],
      ['slong', [-7, 2_000_000_000]],
      ['rational', [28.34, 300]],
      ['srational', [-0.5]],
      ['float', [0.5, -2]],
      ['double', [1e100, -0.1]],
      ['ifd', [77]],
      ['long8', [2 ** 40 + 1, 3]],
      ['slong8', [-(2 ** 40)]],
      ['ifd8', [2 ** 33]],
    ];
    for (const [type, values] of numbers) {
      it(`reads ${type}`, async () => {
        const { file, directory } = await open([WIDTH, { tag: 'StoNits', type, values }], format);
        assert.deepEqual(await readNumbers(file, directory, 'StoNits'), values);
        assert.equal(await readNumber(file, directory, 'StoNits'), values[0]);
        assert.equal(await readNumber(file, directory, 'ImageWidth'), 640);
      });
    }

    it('reads text, short or long', async () => {
      for (const text of ['a', 'abc', 'a longer text, ä', 'x'.repeat(50_000)]) {
        const { file, directory } = await open([{ tag: 'Artist', type: 'ascii', values: text }], format);
        assert.equal(await readText(file, directory, 'Artist'), text);
      }
    });

    it('follows the chain', async () => {
      const bytes = buildTiff([{ tags: [WIDTH] }, { tags: [{ ...WIDTH, values: [320] }] }], format);
      const { file, directory } = await openBytes(bytes);
      const second = await readDirectory(file, directory.next);
      assert.equal(await readNumber(file, second, 'ImageWidth'), 320);
      assert.equal(second.next, 0);
    });
  });
}

describe('readText', () => {
  const texts = [
    [Buffer.from('abc\0def'), 'abc'],
    [Buffer.from('äöü'), 'äöü'],
    [Buffer.from('äöü', 'latin1'), 'äöü'],
    [Buffer.from('no end'), 'no end'],
    [Buffer.from('\0'), undefined],
    [Buffer.alloc(0), undefined],
  ] as const;
  for (const [bytes, text] of texts) {
    it(`reads ${JSON.stringify(bytes.toString('latin1'))}`, () => assert.equal(decodeText(bytes), text));
  }

  it('leaves out what is too long to be kept', async () => {
    const { file, directory } = await open([{ tag: 'XMP', type: 'byte', values: Buffer.alloc(2 ** 24 + 1) }]);
    assert.equal(await readText(file, directory, 'XMP'), undefined);
    assert.equal(await readBytes(file, directory, 'XMP'), undefined);
  });
});

describe('directories that are broken', () => {
  const broken: readonly (readonly [string, TagSpec])[] = [
    ['lies behind the end', { tag: 'Artist', type: 'ascii', values: 'abcdefgh', offset: 10_000 }],
    ['begins inside and ends outside', { tag: 'Artist', type: 'ascii', values: 'abcdefgh', count: 5_000 }],
    ['has a count of billions', { tag: 'Artist', type: 'double', values: [1, 2], count: 4_000_000_000 }],
    ['has no values', { tag: 'Artist', type: 'ascii', values: new Uint8Array(0) }],
  ];
  for (const [name, tag] of broken) {
    it(`leaves out a tag that ${name}`, async () => {
      const { file, directory } = await open([WIDTH, tag]);
      assert.equal(await readText(file, directory, 'Artist'), undefined);
      assert.deepEqual(await readNumbers(file, directory, 'Artist'), []);
      assert.equal(await readNumber(file, directory, 'ImageWidth'), 640);
    });
  }

  it('leaves out tags of unknown type', async () => {
    const bytes = buildTiff([{ tags: [WIDTH] }]);
    bytes[12] = 99;
    const { directory } = await openBytes(bytes);
    assert.equal(directory.entries.size, 0);
  });

  it('counts the first of tags that occur twice', async () => {
    const { file, directory } = await open([WIDTH, { ...WIDTH, values: [5] }]);
    assert.equal(await readNumber(file, directory, 'ImageWidth'), 640);
  });

  it('takes a directory at the end of the file without the offset of a next one', async () => {
    const bytes = buildTiff([{ tags: [WIDTH] }]);
    const { directory } = await openBytes(bytes.subarray(0, bytes.length - 4));
    assert.equal(directory.next, 0);
    assert.equal(directory.entries.size, 1);
  });

  it('refuses to read values without end', async () => {
    const many: TagSpec = { tag: 'SMaxSampleValue', type: 'byte', values: new Uint8Array(2 ** 18 + 1) };
    const { file, directory } = await open([many]);
    await assert.rejects(readNumbers(file, directory, 'SMaxSampleValue'), { kind: 'damaged' });
  });

  const files: Record<string, Uint8Array> = {
    'ends in its header': Buffer.from('II*\0\x08\0', 'latin1'),
    'has its directory behind its end': Buffer.from('II*\0\xff\0\0\0\0\0\0\0', 'latin1'),
    'has its directory in its header': Buffer.from('II*\0\x04\0\0\0\0\0\0\0', 'latin1'),
    'has a directory without entries': Buffer.from('II*\0\x08\0\0\0\0\0\0\0\0\0', 'latin1'),
    'has a directory that is cut off': Buffer.from('II*\0\x08\0\0\0\x05\0\0\0\0\0', 'latin1'),
    'has a directory of thousands of entries': Buffer.concat([
      Buffer.from('II*\0\x08\0\0\0\xff\xff', 'latin1'),
      Buffer.alloc(900_000),
    ]),
    'has offsets of another size': Buffer.from('II+\0\x04\0\0\0\x10\0\0\0\0\0\0\0', 'latin1'),
    'has an offset of 2^63': Buffer.from('II+\0\x08\0\0\0\0\0\0\0\0\0\0\x80', 'latin1'),
  };
  for (const [name, bytes] of Object.entries(files)) {
    it(`calls a file damaged that ${name}`, () => assert.rejects(openBytes(bytes), { kind: 'damaged' }));
  }
});
