import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { memorySource } from '../../../src/image/memory-source.ts';
import { openImage } from '../../../src/image/open.ts';
import { infoOfPage } from '../../../src/image/info.ts';
import type { LevelInfo, PageInfo } from '../../../src/image/info.ts';
import { buildTiff, pictureTags } from '../support/build-tiff.ts';
import type { DirectorySpec, PictureSpec, TagSpec } from '../support/build-tiff.ts';
import { openBytes, openFixture, readLevel } from '../support/sources.ts';

/** A gray picture of one value, in uncompressed tiles of 16. */
function picture(
  width: number,
  height: number,
  value: number,
  more: Partial<PictureSpec & DirectorySpec> = {},
): DirectorySpec {
  const tile = more.tile ?? { width: 16, height: 16 };
  const count = Math.ceil(width / tile.width) * Math.ceil(height / tile.height);
  const segments = Array.from({ length: count }, () => new Uint8Array(tile.width * tile.height).fill(value));
  const { subdirectories, next } = more;
  return {
    tags: pictureTags({ width, height, ...more, tile }),
    segments,
    ...(subdirectories && { subdirectories }),
    ...(next !== undefined && { next }),
  };
}

const role = (value: number): TagSpec => ({ tag: 'NewSubfileType', type: 'long', values: [value] });
const reduced = { extra: [role(1)] };

async function sizesOf(directories: readonly DirectorySpec[]): Promise<string[]> {
  const { info } = await openBytes(buildTiff(directories));
  return storedSizes(info.levels);
}

/** Levels that the file has; others are made of them (test/image/virtual). */
function storedSizes(levels: readonly LevelInfo[]): string[] {
  return levels
    .filter(({ virtual }) => virtual === undefined)
    .map(({ width, height }) => `${width}x${height}`);
}

describe('levels', () => {
  const cases: readonly (readonly [string, readonly DirectorySpec[], readonly string[]])[] = [
    [
      'follow in the chain',
      [picture(100, 80, 1), picture(50, 40, 2, reduced), picture(25, 20, 3, reduced)],
      ['100x80', '50x40', '25x20'],
    ],
    ['need no flag', [picture(100, 80, 1), picture(50, 40, 2)], ['100x80', '50x40']],
    [
      'are sorted',
      [picture(100, 80, 1), picture(25, 20, 3), picture(50, 40, 2)],
      ['100x80', '50x40', '25x20'],
    ],
    [
      'are SubIFDs of the first',
      [picture(100, 80, 1, { subdirectories: [picture(50, 40, 2, reduced), picture(25, 20, 3, reduced)] })],
      ['100x80', '50x40', '25x20'],
    ],
    [
      'may be stored the wrong way round',
      [picture(25, 20, 3), picture(50, 40, 2), picture(100, 80, 1)],
      ['100x80', '50x40', '25x20'],
    ],
    [
      'may come before the full image',
      [picture(50, 40, 3, reduced), picture(100, 80, 1)],
      ['100x80', '50x40'],
    ],
    [
      'are there once for each size',
      [picture(100, 80, 1), picture(50, 40, 2), picture(50, 40, 3)],
      ['100x80', '50x40'],
    ],
    [
      'may be rounded either way',
      [picture(101, 77, 1), picture(51, 39, 2), picture(25, 19, 3), picture(12, 10, 4)],
      ['101x77', '51x39', '25x19', '12x10'],
    ],
    [
      'may shrink in any steps',
      [picture(300, 150, 1), picture(100, 50, 2), picture(30, 15, 3)],
      ['300x150', '100x50', '30x15'],
    ],
    [
      'have the aspect of the first',
      [picture(100, 80, 1), picture(50, 50, 2), picture(25, 20, 3)],
      ['100x80', '25x20'],
    ],
    ['are clearly smaller', [picture(100, 80, 1), picture(99, 79, 2), picture(71, 57, 3)], ['100x80']],
    [
      'may be little smaller when they are marked',
      [picture(100, 80, 1), picture(80, 64, 2, reduced)],
      ['100x80', '80x64'],
    ],
    ['shrink both ways', [picture(100, 80, 1), picture(51, 39, 2), picture(50, 40, 3)], ['100x80', '51x39']],
    ['are no masks', [picture(100, 80, 1), picture(50, 40, 2, { extra: [role(5)] })], ['100x80']],
    ['are no pages', [picture(100, 80, 1), picture(50, 40, 2, { extra: [role(2)] })], ['100x80']],
    [
      'have as many bands',
      [
        picture(100, 80, 1),
        picture(50, 40, 2, { bands: 3, photometric: 2, tile: { width: 16, height: 16 } }),
      ],
      ['100x80'],
    ],
    [
      'have the same color space',
      [picture(100, 80, 1), picture(50, 40, 2, { bits: 4 }), picture(25, 20, 2, { bits: 1 })],
      ['100x80', '50x40'],
    ],
    ['can be decoded', [picture(100, 80, 1), picture(50, 40, 2, { compression: 4 })], ['100x80']],
    [
      'are not cut into strips when the full image is tiled',
      [
        picture(100, 80, 1),
        {
          tags: pictureTags({ width: 50, height: 40, rowsPerStrip: 40, extra: [role(1)] }),
          segments: [new Uint8Array(2_000)],
          segmentKind: 'strips',
        },
      ],
      ['100x80'],
    ],
  ];
  for (const [name, directories, sizes] of cases)
    it(name, async () => assert.deepEqual(await sizesOf(directories), sizes));

  it('of an image in strips are those that are marked as copies', async () => {
    const strips = (width: number, height: number, extra: readonly TagSpec[] = []): DirectorySpec => ({
      tags: pictureTags({ width, height, rowsPerStrip: height, extra }),
      segments: [new Uint8Array(width * height)],
      segmentKind: 'strips',
    });
    const marked = strips(50, 40, [role(1)]);
    assert.deepEqual(await sizesOf([strips(100, 80), marked, strips(25, 20)]), ['100x80', '50x40']);
    assert.deepEqual(await sizesOf([strips(100, 80), picture(50, 40, 2, reduced)]), ['100x80', '50x40']);
  });

  it('may have tiles of another size', async () => {
    const { info } = await openBytes(
      buildTiff([picture(100, 80, 1), picture(50, 40, 2, { tile: { width: 32, height: 48 } })]),
    );
    assert.deepEqual(
      info.levels.slice(0, 2).map((level) => [level.tileWidth, level.tileHeight]),
      [
        [16, 16],
        [32, 48],
      ],
    );
  });

  it('are read from their own tiles', async () => {
    const reader = await openBytes(
      buildTiff([picture(100, 80, 11), picture(25, 20, 33), picture(50, 40, 22)]),
    );
    for (const [level, value] of [11, 22, 33].entries()) {
      assert.deepEqual(new Set((await readLevel(reader, level)).data), new Set([value]));
    }
  });

  it('have the sample format of the full image when they state none', async () => {
    const { info } = await openFixture('lab-float.tif');
    assert.deepEqual(
      info.levels.map(({ width }) => width),
      [400, 200],
    );
  });
});

describe('chains of directories', () => {
  it('may lead back to themselves', async () => {
    assert.deepEqual(await sizesOf([picture(100, 80, 1, { next: 8 })]), ['100x80']);
    const bytes = buildTiff([picture(100, 80, 1), picture(50, 40, 2)]);
    const first = new DataView(bytes.buffer).getUint32(4, true);
    new DataView(bytes.buffer).setUint32(bytes.length - 4, first, true);
    const { info } = await openBytes(bytes);
    assert.deepEqual(storedSizes(info.levels), ['100x80', '50x40']);
  });

  it('end at a directory that is damaged', async () => {
    assert.deepEqual(await sizesOf([picture(100, 80, 1, { next: 9_999_999 })]), ['100x80']);
    const broken = { tags: pictureTags({ width: 50, height: 40 }) };
    assert.deepEqual(await sizesOf([picture(100, 80, 1), broken, picture(25, 20, 3)]), ['100x80', '25x20']);
  });

  it('may hold SubIFDs that lead nowhere, or back', async () => {
    const nowhere: TagSpec = { tag: 'SubIFDs', type: 'long', values: [8, 4, 999_999, 0, 12] };
    assert.deepEqual(await sizesOf([picture(100, 80, 1, { extra: [nowhere] })]), ['100x80']);
  });

  it('are read up to a limit', async () => {
    const pages = Array.from({ length: 4_200 }, () => ({
      tags: pictureTags({ width: 16, height: 16, extra: [role(2)] }),
      segments: [new Uint8Array(0)],
    }));
    const bytes = Buffer.concat(chainOf(pages));
    const { info } = await openBytes(bytes);
    assert.equal(info.pages.length, 4_096);
  });

  const needed: readonly (readonly [string, DirectorySpec])[] = [
    ['a width', { tags: pictureTags({ width: 0, height: 5 }), segments: [new Uint8Array(256)] }],
    ['tiles', { tags: pictureTags({ width: 5, height: 5 }) }],
    [
      'tiles of some size',
      {
        tags: pictureTags({ width: 5, height: 5, tile: { width: 0, height: 16 } }),
        segments: [new Uint8Array(256)],
      },
    ],
    [
      'as many tiles as its size needs',
      { tags: pictureTags({ width: 50, height: 5 }), segments: [new Uint8Array(256)] },
    ],
    [
      'samples',
      {
        tags: pictureTags({ width: 5, height: 5 }).map((tag) =>
          tag.tag === 'SamplesPerPixel' ? { ...tag, values: [0] } : tag,
        ),
        segments: [new Uint8Array(256)],
      },
    ],
  ];
  for (const [name, directory] of needed) {
    it(`are damaged when the first image has not ${name}`, () =>
      assert.rejects(openBytes(buildTiff([directory])), { kind: 'damaged' }));
  }
});

function namesOf(pages: readonly PageInfo[]): (readonly [string, number])[] {
  return pages.map(({ name, scale }) => [name, scale] as const);
}

/** The same small page many times, without the quadratic cost of the writer. */
function chainOf(pages: readonly DirectorySpec[]): Uint8Array[] {
  const one = Buffer.from(buildTiff(pages.slice(0, 1)));
  const start = one.readUInt32LE(4);
  const directory = one.subarray(start);
  const rest = Array.from(pages.slice(1), (_, i) => {
    const copy = Buffer.from(directory);
    copy.writeUInt32LE(i + 2 < pages.length ? one.length + (i + 1) * copy.length : 0, copy.length - 4);
    return copy;
  });
  one.writeUInt32LE(one.length, one.length - 4);
  return [one, ...rest];
}

describe('stacks', () => {
  const page = (value: number, name: string, scale?: number): DirectorySpec =>
    picture(100, 80, value, {
      extra: [
        role(2),
        { tag: 'DocumentName', type: 'ascii', values: name },
        ...(scale === undefined ? [] : [{ tag: 'StoNits', type: 'double', values: [scale] } as const]),
      ],
      subdirectories: [picture(50, 40, value + 100, reduced)],
    });

  it('have pages with names, factors and levels of their own', async () => {
    const reader = await openBytes(buildTiff([page(1, 'one', 0.5), page(2, 'two')]));
    assert.deepEqual(namesOf(reader.info.pages), [
      ['one', 0.5],
      ['two', 1],
    ]);
    assert.equal(infoOfPage(reader.info, 1).metadata.title, 'two');
    for (const [number, value] of [1, 2].entries()) {
      assert.equal((await readLevel(reader, 0, number)).data[0], value);
      assert.equal((await readLevel(reader, 1, number)).data[0], value + 100);
    }
  });

  it('may have pages of another size or kind', async () => {
    const other = picture(60, 80, 3, { extra: [role(2)] });
    const narrow = picture(100, 80, 3, { bits: 4, extra: [role(2)] });
    const reader = await openBytes(buildTiff([page(1, 'one'), other, narrow, page(2, 'two')]));
    const facts = reader.info.pages.map((_, number) => infoOfPage(reader.info, number));
    assert.deepEqual(
      facts.map(({ levels, bitsPerSample }) => [levels[0]?.width, bitsPerSample]),
      [
        [100, 8],
        [60, 8],
        [100, 4],
        [100, 8],
      ],
    );
    const window = { x: 0, y: 0, width: 60, height: 80 };
    const raster = await reader.readWindow({ page: 1, level: 0, window });
    assert.deepEqual([raster.width, raster.height, raster.data[0]], [60, 80, 3]);
    await assert.rejects(
      async () => reader.readWindow({ page: 1, level: 0, window: { ...window, width: 100 } }),
      {
        kind: 'bad-request',
      },
    );
  });

  it('have pages whose levels are made where the file has none', async () => {
    const flat = picture(100, 80, 3, { extra: [role(2)] });
    const reader = await openBytes(buildTiff([page(1, 'one'), flat]));
    assert.deepEqual(storedSizes(infoOfPage(reader.info, 0).levels), ['100x80', '50x40']);
    assert.deepEqual(storedSizes(infoOfPage(reader.info, 1).levels), ['100x80']);
    const made = await reader.readWindow({
      page: 1,
      level: 1,
      window: { x: 0, y: 0, width: 50, height: 40 },
    });
    assert.deepEqual(new Set(made.data), new Set([3]));
  });

  it('leave out pages that cannot be decoded, and say so', async () => {
    const reports: string[] = [];
    const unknown = picture(100, 80, 3, { compression: 9, extra: [role(2)] });
    const source = memorySource(buildTiff([page(1, 'one'), unknown, page(2, 'two')]));
    const { info } = await openImage(source, { report: (message) => reports.push(message) });
    assert.deepEqual(
      info.pages.map(({ name }) => name),
      ['one', 'two'],
    );
    assert.deepEqual(reports, ['a page of this TIFF is left out']);
  });

  it('may have their levels behind each page in the chain', async () => {
    const plain = (value: number): DirectorySpec => picture(100, 80, value, { extra: [role(2)] });
    const reader = await openBytes(
      buildTiff([plain(1), picture(50, 40, 101, reduced), plain(2), picture(50, 40, 102, reduced)]),
    );
    assert.equal(reader.info.pages.length, 2);
    assert.equal((await readLevel(reader, 1, 1)).data[0], 102);
  });

  it('are read as the fixture has them', async () => {
    const { info } = await openFixture('stack.tif');
    assert.deepEqual(namesOf(info.pages), [
      ['400nm', 1],
      ['550nm', 0.5],
      ['700nm', 2],
    ]);
    assert.deepEqual(
      info.levels.map(({ width }) => width),
      [450, 225],
    );
  });
});
