import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BlockReader } from '../../../src/image/block-reader.ts';
import { readExif } from '../../../src/image/exif.ts';
import { readJpegHeader } from '../../../src/image/jpeg/header.ts';
import type { JpegHeader } from '../../../src/image/jpeg/header.ts';
import { memorySource } from '../../../src/image/memory-source.ts';
import { buildTiff } from '../support/build-tiff.ts';
import type { TagSpec } from '../support/build-tiff.ts';
import { fileSource, fixture } from '../support/sources.ts';

const SOI = Buffer.of(0xff, 0xd8);
const FRAME = segment(0xc0, [8, 0, 20, 0, 30, 1, 1, 0x11, 0]);
const SCAN = segment(0xda, [1, 1, 0, 0, 63, 0]);

function segment(marker: number, body: readonly number[] | Uint8Array): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(body.length + 2);
  return Buffer.concat([Buffer.of(0xff, marker), length, Uint8Array.from(body)]);
}

const app = (marker: number, identifier: string, body: readonly number[] | Uint8Array): Buffer =>
  segment(marker, Buffer.concat([Buffer.from(identifier, 'latin1'), Uint8Array.from(body)]));

function parse(...segments: readonly Uint8Array[]): Promise<JpegHeader> {
  return readJpegHeader(new BlockReader(memorySource(Buffer.concat([SOI, ...segments]))));
}

describe('readJpegHeader', () => {
  it('reads the frame', async () => {
    const { frame } = await parse(FRAME, SCAN);
    assert.deepEqual([frame.width, frame.height, frame.components.length], [30, 20, 1]);
  });

  const densities = [
    [[1, 1, 1, 1, 44, 0, 72], { x: 300, y: 72, unit: 'inch' }],
    [[1, 2, 2, 0, 118, 0, 118], { x: 118, y: 118, unit: 'cm' }],
    [[1, 2, 0, 0, 1, 0, 1], { x: 1, y: 1, unit: 'none' }],
    [[1, 2, 1, 0, 0, 0, 1], undefined],
    [[1, 2, 1], undefined],
  ] as const;
  for (const [body, density] of densities) {
    it(`reads the density ${body.join(' ')}`, async () => {
      assert.deepEqual((await parse(app(0xe0, 'JFIF\0', body), FRAME, SCAN)).density, density);
    });
  }

  it('joins a profile that comes in parts, in any order', async () => {
    const part = (number: number, total: number, ...body: number[]): Buffer =>
      app(0xe2, 'ICC_PROFILE\0', [number, total, ...body]);
    const { icc } = await parse(part(2, 3, 3, 4), part(3, 3, 5), part(1, 3, 1, 2), FRAME, SCAN);
    assert.deepEqual(icc, Uint8Array.of(1, 2, 3, 4, 5));
    assert.equal((await parse(part(1, 2, 1), FRAME, SCAN)).icc, undefined);
    assert.equal((await parse(part(0, 0, 1), FRAME, SCAN)).icc, undefined);
  });

  it('reads EXIF without its name, and XMP as text', async () => {
    const { exif, xmp } = await parse(
      app(0xe1, 'http://ns.adobe.com/xap/1.0/\0', Buffer.from('<ä/>')),
      app(0xe1, 'Exif\0\0', [7, 8]),
      FRAME,
      SCAN,
    );
    assert.deepEqual(exif, Uint8Array.of(7, 8));
    assert.equal(xmp, '<ä/>');
  });

  it('has nothing that the file does not have', async () => {
    assert.deepEqual(Object.keys(await parse(app(0xe1, 'other', [1]), app(0xe2, '', []), FRAME, SCAN)), [
      'frame',
      'scanAt',
    ]);
  });

  it('skips garbage and fill bytes between segments', async () => {
    const { frame } = await parse(
      Buffer.alloc(1_000, 3),
      Buffer.alloc(5, 0xff),
      FRAME,
      Buffer.of(9, 0xff, 0, 0xff),
      SCAN,
    );
    assert.equal(frame.width, 30);
  });

  it('stops at the scan', async () => {
    const late = app(0xe0, 'JFIF\0', [1, 1, 1, 1, 44, 0, 72]);
    assert.equal((await parse(FRAME, SCAN, late)).density, undefined);
  });

  const broken: Record<string, readonly Uint8Array[]> = {
    'has no frame': [SCAN],
    'has no scan': [FRAME],
    'ends in a segment': [segment(0xe1, Buffer.alloc(100)).subarray(0, 50)],
    'has a segment without length': [Buffer.of(0xff, 0xe1, 0, 1), FRAME, SCAN],
    'is garbage': [Buffer.alloc(200_000, 1)],
    'has segments without end': Array<Buffer>(5_000).fill(Buffer.of(0xff, 0xfe, 0, 2)),
  };
  for (const [name, segments] of Object.entries(broken)) {
    it(`calls a file damaged that ${name}`, () => assert.rejects(parse(...segments), { kind: 'damaged' }));
  }

  it('reads the fixture', async () => {
    const source = fileSource(fixture('photo.jpg'));
    const header = await readJpegHeader(new BlockReader(source));
    assert.deepEqual(header.density, { x: 300, y: 300, unit: 'inch' });
    assert.equal(Buffer.from(header.icc?.subarray(36, 40) ?? []).toString(), 'acsp');
    assert.equal(Buffer.from(header.exif?.subarray(0, 2) ?? []).toString(), 'MM');
    assert.match(header.xmp ?? '', /xmpmeta/);
    source.close();
  });
});

describe('readExif', () => {
  const block = (...tags: TagSpec[]): Uint8Array => buildTiff([{ tags }]);

  it('reads density, orientation and texts of the first directory', async () => {
    const facts = await readExif(
      block(
        { tag: 'ImageDescription', type: 'ascii', values: 'A boat' },
        { tag: 'Make', type: 'ascii', values: 'Acme  ' },
        { tag: 'Model', type: 'ascii', values: '   ' },
        { tag: 274, type: 'short', values: [6] },
        { tag: 'XResolution', type: 'rational', values: [72] },
        { tag: 'YResolution', type: 'rational', values: [36] },
        { tag: 'ResolutionUnit', type: 'short', values: [3] },
        { tag: 'Software', type: 'ascii', values: 'Boats 1.0' },
        { tag: 'DateTime', type: 'ascii', values: '2001:02:03 04:05:06' },
        { tag: 'Artist', type: 'ascii', values: 'Jørgen' },
        { tag: 'Copyright', type: 'ascii', values: 'nobody' },
      ),
    );
    assert.deepEqual(facts, {
      resolution: { x: 72, y: 36, unit: 'cm' },
      orientation: 6,
      metadata: {
        description: 'A boat',
        make: 'Acme',
        software: 'Boats 1.0',
        date: '2001:02:03 04:05:06',
        creator: 'Jørgen',
        rights: 'nobody',
      },
    });
  });

  it('has nothing in a block without them, in a broken one, and without a block', async () => {
    const nothing = { metadata: {} };
    assert.deepEqual(await readExif(undefined), nothing);
    assert.deepEqual(await readExif(block({ tag: 274, type: 'short', values: [9] })), nothing);
    const broken = [Buffer.alloc(0), Buffer.from('Exif'), Buffer.from('II*\0\xff\0\0\0', 'latin1')];
    for (const bytes of [...broken, block().subarray(0, 8)]) assert.deepEqual(await readExif(bytes), nothing);
  });
});
