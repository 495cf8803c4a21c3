import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { infoOfPage } from '../../../src/image/info.ts';
import { memorySource } from '../../../src/image/memory-source.ts';
import { openImage } from '../../../src/image/open.ts';
import type { ImageReader } from '../../../src/image/reader.ts';
import { buildTiff, pictureTags } from '../support/build-tiff.ts';
import type { DirectorySpec, PictureSpec, TagSpec } from '../support/build-tiff.ts';

const role = (value: number): TagSpec => ({ tag: 'NewSubfileType', type: 'long', values: [value] });
const text = (tag: TagSpec['tag'], values: string): TagSpec => ({ tag, type: 'ascii', values });

interface Look extends Partial<PictureSpec> {
  readonly subdirectories?: readonly DirectorySpec[];
}

/** A gray picture of one value, in one strip. */
function strip(width: number, height: number, value: number, look: Look = {}): DirectorySpec {
  const { subdirectories, ...spec } = look;
  return {
    tags: pictureTags({ width, height, rowsPerStrip: height, ...spec }),
    segments: [new Uint8Array(width * height).fill(value)],
    segmentKind: 'strips',
    ...(subdirectories && { subdirectories }),
  };
}

/** The same in tiles of 64. */
function tiles(width: number, height: number, value: number, look: Look = {}): DirectorySpec {
  const { subdirectories, ...spec } = look;
  const count = Math.ceil(width / 64) * Math.ceil(height / 64);
  return {
    tags: pictureTags({ width, height, tile: { width: 64, height: 64 }, ...spec }),
    segments: Array.from({ length: count }, () => new Uint8Array(64 * 64).fill(value)),
    ...(subdirectories && { subdirectories }),
  };
}

async function open(directories: readonly DirectorySpec[], path?: string): Promise<ImageReader> {
  return openImage(memorySource(buildTiff(directories), path));
}

/** Pages as their value and the widths of their stored levels. */
async function outline(
  reader: ImageReader,
): Promise<(readonly [value: number | undefined, ...widths: number[]])[]> {
  const pages = reader.info.pages.keys();
  return Promise.all(
    [...pages].map(async (page) => {
      const levels = infoOfPage(reader.info, page).levels.filter(({ virtual }) => virtual === undefined);
      const { data } = await reader.readWindow({
        page,
        level: 0,
        window: { x: 0, y: 0, width: 1, height: 1 },
      });
      return [data[0], ...levels.map(({ width }) => width)] as const;
    }),
  );
}

const reduced = { extra: [role(1)] };

describe('pages of a TIFF', () => {
  const cases: readonly (readonly [string, readonly DirectorySpec[], readonly (readonly number[])[]])[] = [
    ['are unmarked images of the same size', [strip(40, 30, 1), strip(40, 30, 2), strip(40, 30, 3)], [[1, 40], [2, 40], [3, 40]]],
    ['may have other sizes and aspects', [strip(40, 30, 1), strip(31, 45, 2), strip(200, 10, 3)], [[1, 40], [2, 31], [3, 200]]],
    ['in strips may be half as large: the same paper at half the density', [strip(240, 340, 1), strip(120, 170, 2)], [[1, 240], [2, 120]]],
    ['are no marked copies', [strip(240, 340, 1), strip(120, 170, 2, reduced), strip(240, 340, 3)], [[1, 240, 120], [3, 240]]],
    ['have the copies that follow them', [tiles(256, 192, 1), tiles(128, 96, 2), tiles(300, 100, 3), tiles(150, 50, 4)], [[1, 256, 128], [3, 300, 150]]],
    ['of whole-slide files: thumbnail, label and macro are none', [tiles(1024, 768, 1), strip(128, 96, 2), tiles(256, 192, 3), strip(60, 80, 4, reduced), strip(90, 40, 5, { extra: [role(9)] })], [[1, 1024, 256]]],
    ['of whole-slide files: a thumbnail of another aspect is not in the way of the levels behind it', [tiles(1024, 768, 1), strip(70, 70, 2), tiles(256, 192, 3)], [[1, 1024, 256], [2, 70]]],
    ['are no masks', [tiles(256, 192, 1), tiles(256, 192, 2, { extra: [role(4)] }), tiles(128, 96, 3, reduced), tiles(128, 96, 4, { extra: [role(5)] })], [[1, 256, 128]]],
    ['have levels in SubIFDs', [tiles(256, 192, 1, { subdirectories: [tiles(128, 96, 2, reduced)] }), tiles(256, 192, 3, { subdirectories: [tiles(128, 96, 4, reduced)] })], [[1, 256, 128], [3, 256, 128]]],
    ['behind a reduced first image are in its SubIFDs', [strip(64, 48, 1, { ...reduced, subdirectories: [tiles(256, 192, 2), strip(30, 30, 3, reduced)] })], [[2, 256]]],
    ['of old files are marked by counting', [strip(40, 30, 1, { extra: [{ tag: 'SubfileType', type: 'short', values: [3] }] }), strip(20, 15, 2, { extra: [{ tag: 'SubfileType', type: 'short', values: [2] }] }), strip(40, 30, 3, { extra: [{ tag: 'SubfileType', type: 'short', values: [3] }] })], [[1, 40, 20], [3, 40]]],
  ]; // prettier-ignore
  for (const [name, directories, expected] of cases)
    it(name, async () => assert.deepEqual(await outline(await open(directories)), expected));

  it('have facts of their own', async () => {
    const resolution: TagSpec[] = [
      { tag: 'XResolution', type: 'rational', values: [72] },
      { tag: 'YResolution', type: 'rational', values: [72] },
    ];
    const icc: TagSpec = { tag: 'ICCProfile', type: 'undefined', values: Uint8Array.of(1, 2, 3) };
    const first = strip(40, 30, 1, {
      extra: [...resolution, icc, text('Artist', 'A'), text('PageName', 'front')],
    });
    const second = strip(50, 30, 2, {
      extra: [text('Artist', 'B'), text('XMP', '<x/>'), text('PageName', 'back')],
    });
    const { info } = await open([first, second]);
    assert.deepEqual(
      info.pages.map(({ name }) => name),
      ['front', 'back'],
    );
    const back = infoOfPage(info, 1);
    assert.deepEqual(back.metadata, { creator: 'B', xmp: '<x/>', pagename: 'back' });
    assert.deepEqual([back.resolution, back.icc], [undefined, undefined]);
    assert.deepEqual([info.resolution?.x, info.icc?.length], [72, 3]);
    assert.equal(infoOfPage(info, 7), info);
  });

  it('share what is equal with the first', async () => {
    const { info } = await open([strip(40, 30, 1), strip(40, 30, 2)]);
    assert.equal(info.pages[1]!.own, undefined);
  });

  it('are served up to a directory that is damaged, which the log is told', async () => {
    const reports: { message: string; facts: object }[] = [];
    const directories = [strip(40, 30, 1), { ...strip(40, 30, 2), next: 9_999_999 }];
    const source = memorySource(buildTiff(directories), '/images/two.tif');
    const { info } = await openImage(source, {
      report: (message, facts) => reports.push({ message, facts }),
    });
    assert.equal(info.pages.length, 2);
    assert.deepEqual(reports, [
      {
        message: 'a directory of this TIFF is left out',
        facts: {
          path: '/images/two.tif',
          directory: 9_999_999,
          reason: 'damaged TIFF: a directory is outside the file',
          offset: 9_999_999,
        },
      },
    ]);
  });

  it('that cannot be read by the hundred give few lines', async () => {
    const reports: string[] = [];
    const unknown = Array.from({ length: 100 }, () => strip(40, 30, 2, { compression: 9 }));
    const source = memorySource(buildTiff([strip(40, 30, 1), ...unknown]));
    await openImage(source, { report: (message) => reports.push(message) });
    assert.equal(reports.length, 9);
    assert.equal(reports.at(-1), 'this TIFF has more such problems');
  });
});

const OME = (inner: string, attributes = ''): string =>
  `<?xml version="1.0"?><!-- <OME> --><ome:OME xmlns:ome="x" ${attributes}>${inner}</ome:OME>`;

describe('OME-TIFF', () => {
  const pixels = (order: string, [z, c, t]: readonly number[], inner: string): string =>
    `<Image ID="Image:0" Name="a &amp; b"><Pixels DimensionOrder="${order}" SizeX="40" SizeY="30" SizeZ="${z}" SizeC="${c}" SizeT="${t}">${inner}</Pixels></Image>`;
  const withXml = (xml: string, count: number): DirectorySpec[] =>
    Array.from({ length: count }, (_, i) =>
      strip(40, 30, i + 1, i === 0 ? { extra: [text('ImageDescription', xml)] } : {}),
    );
  const namesOf = ({ info }: ImageReader): string[] => info.pages.map(({ name }) => name);

  it('has planes with the names of its channels, in the order of its dimensions', async () => {
    const channels = '<Channel Name="DAPI" SamplesPerPixel="1"/><Channel ID="c1"/>';
    const xyczt = OME(pixels('XYCZT', [2, 2, 1], `${channels}<TiffData/>`));
    assert.deepEqual(namesOf(await open(withXml(xyczt, 4))), [
      'C=DAPI Z=0 T=0',
      'C=1 Z=0 T=0',
      'C=DAPI Z=1 T=0',
      'C=1 Z=1 T=0',
    ]);
    const xyztc = OME(pixels('XYZTC', [1, 2, 2], `${channels}<TiffData/>`));
    assert.deepEqual(namesOf(await open(withXml(xyztc, 4))), [
      'C=DAPI Z=0 T=0',
      'C=DAPI Z=0 T=1',
      'C=1 Z=0 T=0',
      'C=1 Z=0 T=1',
    ]);
  });

  it('says of each directory which plane it is', async () => {
    const data =
      '<TiffData IFD="1" FirstZ="4"/><TiffData IFD="0" FirstZ="1" FirstC="1" PlaneCount="1"><UUID>u</UUID></TiffData>';
    const reader = await open(withXml(OME(pixels('XYZCT', [5, 2, 1], data), 'UUID="u"'), 2));
    assert.deepEqual(namesOf(reader), ['C=1 Z=1 T=0', 'C=0 Z=4 T=0']);
    assert.deepEqual(await outline(reader), [
      [1, 40],
      [2, 40],
    ]);
  });

  it('of several files is served as far as this file goes', async () => {
    const data = (file: string, z: number, ifd: number): string =>
      `<TiffData FirstZ="${z}" IFD="${ifd}"><UUID FileName="${file}">urn:${file}</UUID></TiffData>`;
    const inner = [data('a.ome.tif', 0, 0), data('b.ome.tif', 1, 0), data('b.ome.tif', 2, 1)].join('');
    const byName = withXml(OME(pixels('XYZCT', [3, 1, 1], inner)), 2);
    assert.deepEqual(namesOf(await open(byName, '/data/b.ome.tif')), ['C=0 Z=1 T=0', 'C=0 Z=2 T=0']);
    const byIdentity = withXml(OME(pixels('XYZCT', [3, 1, 1], inner), 'UUID="urn:b.ome.tif"'), 2);
    assert.deepEqual(namesOf(await open(byIdentity, '/data/renamed.tif')), ['C=0 Z=1 T=0', 'C=0 Z=2 T=0']);
  });

  it('has levels in SubIFDs, and planes that are no levels whatever their size', async () => {
    const level = (value: number): DirectorySpec => tiles(128, 96, value, reduced);
    const image = (name: string, ifd: number): string =>
      `<Image Name="${name}"><Pixels SizeZ="1" SizeC="1" SizeT="1"><TiffData IFD="${ifd}"/></Pixels></Image>`;
    const xml = OME(image('slide', 0) + image('macro', 1));
    const reader = await open([
      tiles(256, 192, 1, { extra: [text('ImageDescription', xml)], subdirectories: [level(2)] }),
      tiles(64, 48, 3),
    ]);
    assert.deepEqual(await outline(reader), [
      [1, 256, 128],
      [3, 64],
    ]);
    assert.deepEqual(namesOf(reader), ['slide C=0 Z=0 T=0', 'macro C=0 Z=0 T=0']);
  });

  it('counts RGB planes by their channels', async () => {
    const xml = OME(pixels('XYCZT', [2, 3, 1], '<Channel SamplesPerPixel="3" Name="RGB"/><TiffData/>'));
    assert.deepEqual(namesOf(await open(withXml(xml, 2))), ['C=RGB Z=0 T=0', 'C=RGB Z=1 T=0']);
  });

  it('with an XML that lies, lacks or breaks is still a TIFF', async () => {
    for (const inner of [
      '<Image><Pixels SizeZ="999999999" SizeC="9999999" SizeT="-1"><TiffData PlaneCount="99999999999"/>',
      '<Image',
      '<Image><Pixels><TiffData IFD="-3" FirstZ="1e99"/></Pixels></Image>',
      '<!-- never ends',
      '<Image><Pixels DimensionOrder="XY"><TiffData IFD="1"/></Pixels>',
    ]) {
      const reader = await open(withXml(OME(inner), 2));
      assert.equal(reader.info.pages.length, 2, inner);
    }
  });
});

describe('stacks of ImageJ', () => {
  const description = (lines: string): TagSpec => text('ImageDescription', `ImageJ=1.53t\n${lines}`);
  /** One directory, planes behind its own. */
  function stack(lines: string, planes: number, extra: readonly TagSpec[] = []): DirectorySpec {
    const tags = pictureTags({ width: 6, height: 4, rowsPerStrip: 4, extra: [description(lines), ...extra] });
    const pixels = Uint8Array.from({ length: 24 * planes }, (_, i) => Math.floor(i / 24) * 10);
    return { tags, segments: [pixels], segmentKind: 'strips' };
  }

  it('have planes without directories', async () => {
    const reader = await open([stack('images=6\nchannels=2\nslices=3\nhyperstack=true\n', 6)]);
    assert.deepEqual(
      reader.info.pages.map(({ name }) => name),
      ['C=0 Z=0 T=0', 'C=1 Z=0 T=0', 'C=0 Z=1 T=0', 'C=1 Z=1 T=0', 'C=0 Z=2 T=0', 'C=1 Z=2 T=0'],
    );
    assert.deepEqual(
      (await outline(reader)).map(([value]) => value),
      [0, 10, 20, 30, 40, 50],
    );
  });

  it('are served as far as the file goes', async () => {
    const reports: string[] = [];
    const bytes = buildTiff([stack('images=2000000\nslices=2000000\n', 3)]);
    const { info } = await openImage(memorySource(bytes), { report: (message) => reports.push(message) });
    assert.ok(info.pages.length >= 3 && info.pages.length < 40, String(info.pages.length));
    assert.deepEqual(reports, ['an ImageJ stack is served in part']);
    assert.equal(info.pages[2]?.name, 'C=0 Z=2 T=0');
  });

  it('with a directory for each plane have their names', async () => {
    const { info } = await open([
      strip(6, 4, 1, { extra: [description('images=2\nframes=2\n')] }),
      strip(6, 4, 2),
    ]);
    assert.deepEqual(
      info.pages.map(({ name }) => name),
      ['C=0 Z=0 T=0', 'C=0 Z=0 T=1'],
    );
  });

  it('are one page where planes are compressed, or the description is another program’s', async () => {
    const compressed = stack('images=6\n', 6);
    const tags = compressed.tags.map((tag) => (tag.tag === 'Compression' ? { ...tag, values: [8] } : tag));
    assert.equal((await open([{ ...compressed, tags }])).info.pages.length, 1);
    const other = strip(6, 4, 1, { extra: [text('ImageDescription', 'not ImageJ=1\nimages=6\n')] });
    assert.equal((await open([other])).info.pages.length, 1);
  });
});
