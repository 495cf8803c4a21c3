import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { crc32, crc32ByTable } from '../../src/encode/crc32.ts';
import { encodePng } from '../../src/encode/png.ts';
import { pngChunk, pngMetadataChunks } from '../../src/encode/png-chunks.ts';
import { filterNone, filterUp } from '../../src/encode/png-filter.ts';
import { asColors, decodedColors, photoMetadata, profileFor, scene } from './pictures.ts';

function chunkNames(file: Uint8Array): string[] {
  const bytes = Buffer.from(file);
  const found: string[] = [];
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    found.push(bytes.toString('latin1', at + 4, at + 8));
  }
  return found;
}

const bodyOf = (chunk: Uint8Array): string => Buffer.from(chunk.subarray(8, -4)).toString('latin1');

describe('PNG', () => {
  it('survives with all its colors where alpha is 0', async () => {
    const raster = scene({ width: 40, height: 30 }, 4);
    assert.ok(raster.data.some((value, index) => index % 4 === 3 && value === 0));
    const { colors } = await decodedColors(await encodePng(raster, { format: 'png', level: 1 }, {}));
    assert.deepEqual(colors, [...raster.data]);
  });

  it('puts chunks in the order of the specification', async () => {
    const { icc, xmp, exif } = await photoMetadata();
    const resolution = { x: 300, y: 300, unit: 'inch' } as const;
    const metadata = { title: 'T', description: '星' };
    const raster = scene({ width: 10, height: 10 }, 3);
    const file = await encodePng(
      raster,
      { format: 'png', level: 1 },
      { icc, xmp, exif, resolution, metadata },
    );
    assert.deepEqual(chunkNames(file), [
      'IHDR',
      'iCCP',
      'pHYs',
      'eXIf',
      'tEXt',
      'iTXt',
      'iTXt',
      'IDAT',
      'IEND',
    ]);
  });

  it('is exact at every level, in one block and in several', async () => {
    for (const [width, height, bits] of [
      [100, 80, 8],
      [900, 700, 8],
      [333, 700, 16],
    ] as const) {
      // prettier-ignore
      const raster = scene({ width, height }, 3, bits);
      for (const level of width === 100 ? [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] : [0, 1, 6]) {
        const file = await encodePng(raster, { format: 'png', level }, {});
        const { colors } = await decodedColors(file, bits);
        assert.ok(
          colors.every((value, index) => value === raster.data[index]),
          `${width} x ${height}, level ${level}`,
        );
        assert.deepEqual(file, await encodePng(raster, { format: 'png', level }, {}));
      }
    }
  });

  it('reads a raster that is part of a larger array', async () => {
    const raster = scene({ width: 20, height: 10 }, 3, 16);
    const whole = new Uint16Array(raster.data.length + 7);
    whole.set(raster.data, 7);
    const part = { ...raster, data: whole.subarray(7) };
    const { colors } = await decodedColors(await encodePng(part, { format: 'png', level: 1 }, {}), 16);
    assert.deepEqual(colors, asColors(raster));
  });

  it('embeds a gray profile into gray files only', async () => {
    const { icc } = await photoMetadata();
    const gray = profileFor(icc, 'GRAY');
    const cases = [
      [1, gray, true],
      [2, gray, true],
      [3, gray, false],
      [1, icc, false],
      [4, icc, true],
    ] as const;
    for (const [bands, profile, isEmbedded] of cases) {
      const file = await encodePng(
        scene({ width: 5, height: 5 }, bands),
        { format: 'png', level: 1 },
        { icc: profile },
      );
      assert.equal(chunkNames(file).includes('iCCP'), isEmbedded);
    }
  });
});

describe('PNG chunks', () => {
  it('end with the check that the specification gives for IEND', () => {
    assert.deepEqual(
      [...pngChunk('IEND', new Uint8Array(0))],
      [0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82],
    );
  });

  it('hold density in pixels for each meter, or as a ratio', () => {
    const cases = [
      [{ x: 300, y: 72, unit: 'inch' }, [11_811, 2835, 1]],
      [{ x: 118.11, y: 50, unit: 'cm' }, [11_811, 5000, 1]],
      [{ x: 1, y: 2, unit: 'none' }, [1, 2, 0]],
    ] as const;
    for (const [resolution, expected] of cases) {
      const [chunk] = pngMetadataChunks({ resolution });
      const bytes = Buffer.from(chunk!);
      assert.deepEqual([bytes.readUInt32BE(8), bytes.readUInt32BE(12), bytes[16]], expected);
    }
    assert.deepEqual(pngMetadataChunks({ resolution: { x: 0, y: 0, unit: 'inch' } }), []);
  });

  it('hold texts under the registered keywords', () => {
    const metadata = {
      rights: '© Museum',
      title: 'Night\0 watch',
      description: '星月夜',
      creator: 'A. Painter',
      date: '2026:01:02 03:04:05',
      software: 'none',
      make: 'TestCam',
      model: 'T-1',
      pagename: 'no keyword for it',
      xmp: 'not the XMP to embed',
    };
    assert.deepEqual(
      pngMetadataChunks({ metadata }).map(
        (chunk) => `${Buffer.from(chunk).toString('latin1', 4, 8)} ${bodyOf(chunk)}`,
      ),
      [
        'tEXt Title\0Night watch',
        'tEXt Author\0A. Painter',
        `iTXt Description\0\0\0\0\0${Buffer.from('星月夜').toString('latin1')}`,
        `iTXt Copyright\0\0\0\0\0${Buffer.from('© Museum').toString('latin1')}`,
        'tEXt Creation Time\x002026:01:02 03:04:05',
        'tEXt Software\0none',
        'tEXt Source\0TestCam T-1',
      ],
    );
    assert.deepEqual(pngMetadataChunks({ metadata: { title: '', model: 'T-1' } }).map(bodyOf), [
      'Source\0T-1',
    ]);
  });

  it('are read by libpng', async () => {
    const metadata = { title: 'Scene', creator: 'Ä' };
    const file = await encodePng(
      scene({ width: 5, height: 5 }, 3),
      { format: 'png', level: 1 },
      { metadata },
    );
    assert.deepEqual((await sharp(file).metadata()).comments, [
      { keyword: 'Title', text: 'Scene' },
      { keyword: 'Author', text: 'Ä' },
    ]);
  });
});

describe('PNG filters', () => {
  const rows = Uint8Array.of(10, 20, 30, 40, 11, 19, 30, 240);

  it('put a 0 before rows that stay as they are', () => {
    assert.deepEqual([...filterNone(rows, 4)], [0, 10, 20, 30, 40, 0, 11, 19, 30, 240]);
  });

  it('subtract the row above', () => {
    const above = Uint8Array.of(9, 21, 0, 255);
    assert.deepEqual([...filterUp(rows, above, 4)], [2, 1, 255, 30, 41, 2, 1, 255, 0, 200]);
  });

  it('subtract words as they do bytes', () => {
    const many = Uint8Array.from({ length: 64 * 64 }, (_, index) => (index * index * 7) >> 3);
    const shifted = new Uint8Array(many.length + 1);
    shifted.set(many, 1);
    const zeros = new Uint8Array(64);
    assert.deepEqual(filterUp(many, zeros, 64), filterUp(shifted.subarray(1), zeros, 64));
  });
});

describe('CRC-32', () => {
  for (const [text, crc] of [
    ['', 0],
    ['IEND', 0xae426082],
    ['123456789', 0xcbf43926],
  ] as const)
    it(`of ${JSON.stringify(text)}`, () => {
      assert.equal(crc32(Buffer.from(text)), crc);
      assert.equal(crc32ByTable(Buffer.from(text)), crc);
    });
});
