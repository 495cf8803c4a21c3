import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServerError } from '../../../src/errors.ts';
import { BlockReader } from '../../../src/image/block-reader.ts';
import { readContainer, type Container } from '../../../src/image/jp2/boxes/container.ts';
import {
  parseChannelDefinitions,
  parseColor,
  parseComponentMapping,
  parseDensity,
  parsePalette,
} from '../../../src/image/jp2/boxes/header-boxes.ts';
import { parseCanvas } from '../../../src/image/jp2/codestream/canvas.ts';
import { pictureBands } from '../../../src/image/jp2/picture/bands.ts';
import { memorySource } from '../../../src/image/memory-source.ts';
import { box, bytesOf, sizBody, u16, u32, u8 } from './support/build-stream.ts';

const SIGNATURE = [
  ...box('jP  ', [0x0d, 0x0a, 0x87, 0x0a]),
  ...box('ftyp', [...Buffer.from('jp2 \0\0\0\0jp2 ')]),
];
const STREAM = [0xff, 0x4f, 0xff, 0x51];

const read = (...parts: readonly number[][]): Promise<Container> =>
  readContainer(new BlockReader(memorySource(bytesOf(...parts))));

const enumerated = (code: number): number[] => box('colr', u8(1, 0, 0), u32(code));

function profile(space: string): number[] {
  const bytes = new Uint8Array(128);
  bytes.set(u32(128), 0);
  bytes.set(Buffer.from(space, 'latin1'), 16);
  bytes.set(Buffer.from('acsp'), 36);
  return [...bytes];
}

describe('boxes', () => {
  it('may come in any order, the header behind the codestream', async () => {
    const { codestream, picture } = await read(SIGNATURE, box('jp2c', STREAM), box('jp2h', enumerated(17)));
    assert.deepEqual(codestream, { start: SIGNATURE.length + 8, end: SIGNATURE.length + 12 });
    assert.deepEqual(picture.colors, [{ kind: 'enumerated', code: 17, parameters: new Uint8Array(0) }]);
  });

  it('have long lengths, and none for the last', async () => {
    const long = [...u32(1), ...Buffer.from('jp2c'), ...u32(0, 20), ...STREAM];
    assert.deepEqual((await read(SIGNATURE, long)).codestream, {
      start: SIGNATURE.length + 16,
      end: SIGNATURE.length + 20,
    });
    const open = [...u32(0), ...Buffer.from('jp2c'), ...STREAM];
    assert.equal((await read(SIGNATURE, open)).codestream.end, SIGNATURE.length + 12);
  });

  it('of a file that is cut off end with it', async () => {
    const cut = box('jp2c', Array<number>(100).fill(0)).slice(0, 20);
    assert.equal((await read(SIGNATURE, cut)).codestream.end, SIGNATURE.length + 20);
  });

  it('are not needed round a codestream', async () => {
    assert.deepEqual((await read(STREAM)).codestream, { start: 0, end: 4 });
  });

  it('without a codestream are damaged', async () => {
    await assert.rejects(
      read(SIGNATURE),
      (error) => error instanceof ServerError && error.kind === 'damaged',
    );
    await assert.rejects(
      read(SIGNATURE, box('ftbl', box('flst', u16(0)))),
      (error) => error instanceof ServerError && error.kind === 'unsupported',
    );
  });

  it('carry XMP and EXIF, and keep what else is in uuid boxes', async () => {
    const uuid = (id: string, body: string): number[] => box('uuid', [...Buffer.from(id, 'hex'), ...Buffer.from(body, 'latin1')]); // prettier-ignore
    const { xmp, exif } = await read(
      SIGNATURE,
      uuid('b14bf8bd083d4b43a5ae8cd7d5a6ce03', 'II*\0 GeoJP2'),
      box('jp2c', STREAM),
      uuid('be7acfcb97a942e89c71999491e3afac', '<x:xmpmeta/>'),
      uuid('4a706754696666457869662d3e4a5032', 'Exif\0\0MM\0*'),
    );
    assert.equal(xmp, '<x:xmpmeta/>');
    assert.deepEqual(exif, new Uint8Array(Buffer.from('MM\0*', 'latin1')));
  });

  it('state densities, of capture before those of display', async () => {
    const density = u16(11811, 1, 5906, 1);
    const res = box('res ', box('resd', u16(1, 1, 1, 1), u8(0, 0)), box('resc', density, u8(0, 0)));
    const { picture } = await read(SIGNATURE, box('jp2h', res), box('jp2c', STREAM));
    assert.deepEqual(picture.resolution, { x: 150.01, y: 300, unit: 'inch' });
    assert.deepEqual(parseDensity(bytesOf(u16(3, 2, 3, 2), u8(4, 4))), { x: 381, y: 381, unit: 'inch' });
    assert.equal(parseDensity(bytesOf(u16(3, 0, 3, 2), u8(4, 4))), undefined);
  });
});

describe('header boxes', () => {
  it('hold palettes of columns of any depth', () => {
    const palette = parsePalette(
      bytesOf(u16(2), u8(3, 7, 0x87, 11), u8(1, 0xff), u16(300), u8(2, 3), u16(4095)),
    );
    assert.deepEqual(Array.from(palette.values), [1, -1, 300, 2, 3, 4095]);
    assert.throws(() => parsePalette(bytesOf(u16(200), u8(3, 7, 7, 7, 1))), ServerError);
    assert.throws(() => parsePalette(bytesOf(u16(0), u8(1, 7))), ServerError);
  });

  it('map components and define channels', () => {
    assert.deepEqual(parseComponentMapping(bytesOf(u16(0), u8(1, 2), u16(1), u8(0, 0))), [
      { component: 0, column: 2 },
      { component: 1 },
    ]);
    assert.deepEqual(
      parseChannelDefinitions(bytesOf(u16(9), u16(0, 0, 3), u16(1, 2, 0), u16(2, 65535, 65535))),
      [
        { channel: 0, kind: 'color', association: 3 },
        { channel: 1, kind: 'premultiplied-opacity', association: 0 },
        { channel: 2, kind: 'other', association: undefined },
      ],
    );
  });

  it('hold colors by number or by profile', () => {
    assert.equal(parseColor(bytesOf(u8(2, 0, 0), profile('RGB ')))?.kind, 'icc');
    assert.equal(parseColor(bytesOf(u8(3, 0, 0), profile('RGB ')))?.kind, 'icc');
    assert.equal(parseColor(bytesOf(u8(4, 0, 0), profile('RGB '))), undefined);
    assert.equal(parseColor(bytesOf(u8(2, 0, 0), profile('RGB ').slice(0, 100))), undefined);
    assert.equal(parseColor(bytesOf(u8(1, 0))), undefined);
  });
});

describe('the bands of a picture', () => {
  const canvasOf = (...depths: readonly number[]) =>
    parseCanvas(bytesOf(sizBody({ components: depths.map((depth) => [depth - 1, 1, 1] as const) })));
  const color = (code: number) => ({ kind: 'enumerated', code, parameters: new Uint8Array(0) }) as const;
  const icc = (space: string) => ({ kind: 'icc', profile: Uint8Array.from(profile(space)) }) as const;

  it('have the color of the first colr that fits', () => {
    const { colorSpace, icc: kept } = pictureBands(canvasOf(8, 8, 8), { colors: [color(12), icc('GRAY')] });
    assert.equal(colorSpace, 'gray');
    assert.equal(kept?.length, 128);
    const cases = [
      [[8], [], 'gray', 8],
      [[8, 8], [], 'multiband', 8],
      [[8, 8, 8], [], 'rgb', 8],
      [[8, 8, 8, 8], [color(12)], 'cmyk', 8],
      [[8, 8, 8], [color(18)], 'rgb', 8],
      [[12, 8, 8], [color(16)], 'rgb', 16],
      [[8, 8, 8], [color(14)], 'cielab', 16],
      [[20], [color(17)], 'gray', 32],
    ] as const;
    for (const [depths, colors, expected, bits] of cases) {
      const bands = pictureBands(canvasOf(...depths), { colors });
      assert.deepEqual([bands.colorSpace, bands.rasterBits], [expected, bits]);
    }
  });

  it('are YCC when two of three are sampled more coarsely, also where colr says RGB', () => {
    const sampled = (...steps: readonly number[]) =>
      parseCanvas(bytesOf(sizBody({ components: steps.map((step) => [7, step, step] as const) })));
    const cases = [
      [[1, 2, 2], [], 'ycc'],
      [[1, 2, 2], [color(16)], 'ycc'],
      [[1, 2, 2], [icc('RGB ')], 'ycc'],
      [[1, 2, 2], [color(18)], 'ycc'],
      [[1, 2, 2], [color(11)], 'cmy'],
      [[1, 2, 2, 1], [color(16)], 'none'],
      [[2, 2, 2], [color(16)], 'none'],
      [[1, 1, 1], [color(16)], 'none'],
    ] as const;
    for (const [steps, colors, expected] of cases) {
      const bands = pictureBands(sampled(...steps), { colors });
      assert.deepEqual([bands.colorSpace, bands.conversion.kind], ['rgb', expected], steps.join());
    }
  });

  it('come in the order that cdef says, opacity last', () => {
    const definitions = [
      { channel: 0, kind: 'premultiplied-opacity', association: 0 },
      { channel: 1, kind: 'color', association: 3 },
      { channel: 2, kind: 'color', association: 2 },
      { channel: 3, kind: 'color', association: 1 },
    ] as const;
    const bands = pictureBands(canvasOf(8, 8, 8, 8), { colors: [color(16)], definitions });
    assert.deepEqual(bands.sources.map(({ component }) => component), [3, 2, 1, 0]); // prettier-ignore
    assert.equal(bands.isPremultiplied, true);
  });

  it('come out of a palette', () => {
    const palette = parsePalette(bytesOf(u16(1), u8(3, 7, 7, 7), u8(1, 2, 3)));
    const bands = pictureBands(canvasOf(4), { colors: [color(16)], palette });
    assert.deepEqual(bands.sources.map(({ component, column }) => [component, column]), [[0, 0], [0, 1], [0, 2]]); // prettier-ignore
    assert.equal(bands.storedBits, 8);
    const mapping = [{ component: 1, column: 0 }];
    assert.throws(() => pictureBands(canvasOf(4), { colors: [], palette, mapping }), ServerError);
  });
});
