import assert from 'node:assert/strict';
import { endianness } from 'node:os';
import { describe, it } from 'node:test';
import { exifDirectories } from '../../src/encode/tiff/exif-ifd.ts';
import { encodeTiff } from '../../src/encode/tiff/tiff.ts';
import { scene } from './pictures.ts';

type Field = readonly [tag: number, type: number, count: number, value: readonly number[]];

/** Bytes of one unit by type code: what byte order turns. */
const UNITS = [0, 1, 1, 2, 4, 4, 1, 1, 2, 4, 4, 4, 8];
const VALUES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];

const EXIF_FIELDS: readonly Field[] = [
  [33_434, 5, 1, [1, 250]],
  [34_855, 3, 1, [400]],
  [36_867, 2, 20, [...Buffer.from('2026:01:02 03:04:05\0')]],
  [37_500, 7, 6, [1, 2, 3, 4, 5, 6]],
];
const GPS_FIELDS: readonly Field[] = [
  [0, 1, 4, [2, 3, 0, 0]],
  [2, 5, 3, [48, 1, 51, 1, 30, 7]],
];

/** An EXIF block with both directories, one of them with a pointer to a third. */
function exifBlock(order: 'II' | 'MM'): Uint8Array {
  const isLittle = order === 'II';
  const bytes = Buffer.alloc(400);
  const u16 = (value: number, at: number): number =>
    isLittle ? bytes.writeUInt16LE(value, at) : bytes.writeUInt16BE(value, at);
  const u32 = (value: number, at: number): number =>
    isLittle ? bytes.writeUInt32LE(value, at) : bytes.writeUInt32BE(value, at);
  let free = 200;
  const directory = (at: number, fields: readonly Field[]): void => {
    u16(fields.length, at);
    fields.forEach(([tag, type, count, value], index) => {
      const entry = at + 2 + 12 * index;
      u16(tag, entry);
      u16(type, entry + 2);
      u32(count, entry + 4);
      const length = VALUES[type]! * count;
      const start = length <= 4 ? entry + 8 : free;
      if (length > 4) {
        u32(free, entry + 8);
        free += length;
      }
      value.forEach((part, unit) => {
        if (UNITS[type] === 1) bytes.writeUInt8(part, start + unit);
        if (UNITS[type] === 2) u16(part, start + 2 * unit);
        if (UNITS[type] === 4) u32(part, start + 4 * unit);
      });
    });
  };
  bytes.write(order);
  u16(42, 2);
  u32(8, 4);
  directory(8, [[34_665, 4, 1, [50]], [34_853, 4, 1, [130]]]); // prettier-ignore
  directory(50, [...EXIF_FIELDS, [40_965, 4, 1, [8]]]);
  directory(130, GPS_FIELDS);
  return new Uint8Array(bytes);
}

/** Units of a value in the byte order of this machine. */
function unitsOf(type: number, value: Uint8Array): number[] {
  const bytes = Buffer.from(value);
  if (endianness() === 'BE') return [];
  const unit = UNITS[type]!;
  return Array.from({ length: bytes.length / unit }, (_, index) => bytes.readUIntLE(index * unit, unit));
}

describe('directories of an EXIF block', () => {
  for (const order of ['II', 'MM'] as const) {
    it(`are found in byte order ${order}`, () => {
      const found = exifDirectories(exifBlock(order)).map(({ pointer, entries }) => [
        pointer,
        entries.map(({ tag, type, count, value }) => [tag, type, count, unitsOf(type, value)]),
      ]);
      assert.deepEqual(found, [
        [34_665, EXIF_FIELDS],
        [34_853, GPS_FIELDS],
      ]);
    });
  }

  it('do not refuse a picture when they are damaged', () => {
    const whole = exifBlock('MM');
    for (let length = 0; length <= whole.length; length++) {
      for (const { entries } of exifDirectories(whole.subarray(0, length))) assert.ok(entries.length > 0);
    }
    for (let at = 0; at < 200; at++) {
      const broken = whole.slice();
      broken[at] = 0xff;
      for (const { entries } of exifDirectories(broken)) assert.ok(entries.length > 0);
    }
    assert.deepEqual(exifDirectories(Buffer.from('not an EXIF block')), []);
  });

  it('are copies, whatever kind of array the block is', () => {
    const block = Buffer.from(exifBlock('MM'));
    const before = block.toString('hex');
    assert.deepEqual(exifDirectories(block), exifDirectories(exifBlock('MM')));
    assert.equal(block.toString('hex'), before);
  });

  it('become directories of a TIFF file', async () => {
    const raster = scene({ width: 9, height: 9 }, 3);
    const encoding = { format: 'tiff', compression: 'none', quality: 1 } as const;
    const file = await encodeTiff(raster, encoding, { exif: exifBlock('MM') });
    // The file is itself laid out as an EXIF block is.
    assert.deepEqual(exifDirectories(file), exifDirectories(exifBlock('MM')));
  });
});
