import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { byteRaster } from '../../../src/image/raster.ts';
import { unassociateAlpha } from '../../../src/image/tiff/alpha.ts';
import type { PixelLayout } from '../../../src/image/tiff/pixel-layout.ts';
import { undoDifferences, undoFloatDifferences } from '../../../src/image/tiff/predictor.ts';
import { paletteOf } from '../../../src/image/tiff/palette.ts';
import { readSamples } from '../../../src/image/tiff/samples.ts';
import type { StoredSamples } from '../../../src/image/tiff/samples.ts';
import { expansion, rowBytesOf } from '../../../src/image/tiff/unpack.ts';
import { floatOfHalf } from '../../../src/image/tiff/wide-numbers.ts';

const LAYOUT: PixelLayout = {
  colorSpace: 'gray',
  bands: 1,
  bitsPerSample: 8,
  sampleFormat: 'uint',
  storedBits: 8,
  isPalette: false,
  isInverted: false,
  storedFormat: 'uint',
  associatedAlpha: undefined,
  noData: undefined,
};

function read(
  bytes: readonly number[],
  stored: Partial<StoredSamples>,
  layout: Partial<PixelLayout> = {},
): number[] {
  const samples = readSamples(Uint8Array.from(bytes), {
    layout: { ...LAYOUT, ...layout },
    width: 2,
    height: 2,
    samplesPerPixel: 1,
    predictor: 1,
    isLittleEndian: true,
    palette: undefined,
    ...stored,
  });
  return [...samples];
}

describe('expansion', () => {
  const cases = [
    [1, 1, 255],
    [2, 1, 0b01010101],
    [2, 2, 0b10101010],
    [3, 0b101, 0b10110110],
    [4, 0xa, 0xaa],
    [6, 0b100110, 0b10011010],
    [7, 0b1000001, 0b10000011],
    [8, 77, 77],
    [9, 0b100000001, 0b1000000011000000],
    [10, 0b1000000001, 0b1000000001100000],
    [12, 0xabc, 0xabca],
    [14, 0x2aaa, 0xaaaa],
    [15, 0x4001, 0x8003],
  ] as const;
  for (const [bits, value, expanded] of cases) {
    it(`repeats the ${bits} bits of ${value}`, () => assert.equal(expansion(bits)[value], expanded));
  }
  it('keeps both ends and the order', () => {
    for (let bits = 1; bits < 16; bits++) {
      const table = [...expansion(bits)];
      assert.equal(table[0], 0);
      assert.equal(table.at(-1), bits <= 8 ? 255 : 65_535);
      assert.ok(table.every((value, i) => i === 0 || value > table[i - 1]!));
    }
  });
});

describe('readSamples', () => {
  it('unpacks rows that begin at full bytes', () => {
    const layout = { storedBits: 4 } as const;
    assert.deepEqual(
      read([0x12, 0x30, 0x45, 0x60], { width: 3 }, layout),
      [0x11, 0x22, 0x33, 0x44, 0x55, 0x66],
    );
    assert.deepEqual(
      read([0b10100000, 0b01000000], { width: 3 }, { storedBits: 1 }),
      [255, 0, 255, 0, 255, 0],
    );
    const twelve = { storedBits: 12, bitsPerSample: 16 } as const;
    assert.deepEqual(
      read([0xab, 0xc1, 0x23, 0x45, 0x60], { width: 3, height: 1 }, twelve),
      [0xabca, 0x1231, 0x4564],
    );
  });

  it('unpacks rows that fill their bytes, a byte at a time', () => {
    for (const bits of [1, 2]) {
      const perByte = 8 / bits;
      const bytes = Array.from({ length: 256 }, (_, i) => (i * 37) & 255);
      const values = bytes.flatMap((byte) =>
        Array.from({ length: perByte }, (_, i) => (byte >> (8 - bits * (i + 1))) & (2 ** bits - 1)),
      );
      const size = { width: perByte * 16, height: 16 };
      const layout = { storedBits: bits } as const;
      assert.deepEqual(
        read(bytes, size, layout),
        values.map((value) => (value * 255) / (2 ** bits - 1)),
      );
      // Indexes of a palette stay what they are.
      const palette = Uint8Array.from({ length: 3 * 2 ** bits }, (_, i) => 10 * i);
      assert.deepEqual(
        read(bytes, { ...size, palette }, { ...layout, bands: 3, isPalette: true }),
        values.flatMap((value) => [30 * value, 30 * value + 10, 30 * value + 20]),
      );
    }
  });

  it('turns white-is-zero round', () => {
    assert.deepEqual(read([0, 1, 254, 255], {}, { isInverted: true }), [255, 254, 1, 0]);
    const sixteen = { isInverted: true, storedBits: 16, bitsPerSample: 16 } as const;
    assert.deepEqual(read([0, 0, 255, 255], { height: 1 }, sixteen), [65_535, 0]);
    assert.deepEqual(read([0b10000000], { height: 1 }, { isInverted: true, storedBits: 1 }), [0, 255]);
  });

  it('reads wide samples in either byte order', () => {
    const sixteen = { storedBits: 16, bitsPerSample: 16 } as const;
    assert.deepEqual(read([1, 2, 3, 4], { height: 1 }, sixteen), [0x0201, 0x0403]);
    assert.deepEqual(read([1, 2, 3, 4], { height: 1, isLittleEndian: false }, sixteen), [0x0102, 0x0304]);
    const wide = { storedBits: 32, bitsPerSample: 32 } as const;
    assert.deepEqual(read([1, 2, 3, 4], { width: 1, height: 1, isLittleEndian: false }, wide), [0x01020304]);
    const float = {
      storedBits: 32,
      bitsPerSample: 32,
      sampleFormat: 'float',
      storedFormat: 'float',
    } as const;
    assert.deepEqual(read([0x3f, 0x80, 0, 0], { width: 1, height: 1, isLittleEndian: false }, float), [1]);
    const half = { storedBits: 16, bitsPerSample: 32, sampleFormat: 'float', storedFormat: 'float' } as const;
    assert.deepEqual(read([0x3c, 0, 0xc0, 0], { height: 1, isLittleEndian: false }, half), [1, -2]);
    const double = {
      storedBits: 64,
      bitsPerSample: 32,
      sampleFormat: 'float',
      storedFormat: 'float',
    } as const;
    assert.deepEqual(read([0, 0, 0, 0, 0, 0, 0xe0, 0x3f], { width: 1, height: 1 }, double), [0.5]);
  });

  it('reads samples at odd places of memory', () => {
    const memory = Uint8Array.of(9, 1, 2, 3, 4);
    const stored = {
      layout: { ...LAYOUT, storedBits: 16, bitsPerSample: 16 },
      width: 2,
      height: 1,
      samplesPerPixel: 1,
      predictor: 1,
      isLittleEndian: true,
      palette: undefined,
    } as const;
    assert.deepEqual([...readSamples(memory.subarray(1), stored)], [0x0201, 0x0403]);
  });

  it('undoes differences after the byte order', () => {
    const sixteen = { storedBits: 16, bitsPerSample: 16 } as const;
    const bytes = [0, 255, 0, 1, 255, 255, 0, 2];
    assert.deepEqual(read(bytes, { predictor: 2, isLittleEndian: false }, sixteen), [255, 256, 65_535, 1]);
    assert.deepEqual(read([250, 10, 1, 255], { predictor: 2 }), [250, 4, 1, 0]);
    const double = {
      storedBits: 64,
      bitsPerSample: 32,
      sampleFormat: 'float',
      storedFormat: 'float',
    } as const;
    const halves = [0, 0, 0, 0, 0, 0, 0xe0, 0x3f, 0, 0, 0, 0, 0, 0, 0x10, 0];
    assert.deepEqual(read(halves, { height: 1, predictor: 2 }, double), [0.5, 1]);
  });

  it('takes floating-point prediction for the same in either byte order', () => {
    const float = {
      storedBits: 32,
      bitsPerSample: 32,
      sampleFormat: 'float',
      storedFormat: 'float',
    } as const;
    // 1.0 and -2.5 as in `undoFloatDifferences` below.
    const bytes = [0x3f, 0x81, 0xc0, 0xa0, 0xe0, 0, 0, 0];
    for (const isLittleEndian of [true, false])
      assert.deepEqual(read(bytes, { height: 1, predictor: 3, isLittleEndian }, float), [1, -2.5]);
  });

  it('looks colors up', () => {
    const palette = Uint8Array.of(1, 2, 3, 10, 20, 30);
    assert.deepEqual(
      read([1, 0, 0, 1], { palette }, { isPalette: true, bands: 3 }),
      [10, 20, 30, 1, 2, 3, 1, 2, 3, 10, 20, 30],
    );
    assert.deepEqual(
      read([0b01000000], { palette, height: 1 }, { isPalette: true, bands: 3, storedBits: 1 }),
      [1, 2, 3, 10, 20, 30],
    );
  });
});

describe('undoDifferences', () => {
  it('sums up each band of each row', () => {
    for (const step of [1, 2, 3, 4]) {
      const plain = Uint8Array.from({ length: step * 5 * 3 }, (_, i) => (i * 37) % 256);
      const rowLength = step * 5;
      const differences = plain.map((value, i) => (i % rowLength < step ? value : value - plain[i - step]!));
      undoDifferences(differences, { rowLength, step });
      assert.deepEqual(differences, plain);
    }
  });
});

describe('undoFloatDifferences', () => {
  it('puts bytes back that were sorted by weight', () => {
    // 1.0 and -2.5 are 3f800000 and c0200000: first both highest bytes, each as difference to the one before.
    const sorted = [0x3f, 0xc0, 0x80, 0x20, 0, 0, 0, 0];
    const differences = Uint8Array.from(sorted.map((byte, i) => byte - (sorted[i - 1] ?? 0)));
    const floats = undoFloatDifferences(differences, 4, { rowLength: 2, step: 1 });
    assert.deepEqual([...new Float32Array(floats.buffer)], [1, -2.5]);
  });
});

describe('floatOfHalf', () => {
  const cases = [
    [0x0000, 0],
    [0x3c00, 1],
    [0xc000, -2],
    [0x7bff, 65_504],
    [0x0001, 2 ** -24],
    [0x0400, 2 ** -14],
    [0x3555, 0.333251953125],
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
    [0x7e00, NaN],
  ] as const;
  for (const [half, value] of cases)
    it(`reads ${half.toString(16)}`, () => assert.equal(floatOfHalf(half), value));
});

describe('paletteOf', () => {
  it('takes the high bytes', () =>
    assert.deepEqual([...paletteOf([0xff00, 0x1234, 0, 0x8000, 1, 256])], [255, 0, 0, 18, 128, 1]));
  it('takes 8-bit values as they are when writers filled them in', () => {
    assert.deepEqual([...paletteOf([255, 1, 0, 2, 7, 3])], [255, 0, 7, 1, 2, 3]);
  });
});

describe('rowBytesOf', () => {
  for (const [width, samples, bits, bytes] of [
    [3, 1, 4, 2],
    [8, 1, 1, 1],
    [9, 1, 1, 2],
    [5, 3, 10, 19],
    [4, 3, 16, 24],
  ] as const) {
    it(`needs ${bytes} bytes for ${width} × ${samples} × ${bits} bits`, () =>
      assert.equal(rowBytesOf(width, samples, bits), bytes));
  }
});

describe('unassociateAlpha', () => {
  it('divides colors by their opacity', () => {
    const raster = byteRaster({ width: 4, height: 1 }, 2, Uint8Array.of(100, 255, 50, 128, 7, 0, 200, 100));
    unassociateAlpha(raster, 1);
    assert.deepEqual([...raster.data], [100, 255, 100, 128, 0, 0, 255, 100]);
  });
  it('divides floats, too', () => {
    const data = Float32Array.of(0.25, 0.5, 0.5, 1);
    unassociateAlpha({ width: 2, height: 1, bands: 2, bitsPerSample: 32, sampleFormat: 'float', data }, 1);
    assert.deepEqual([...data], [0.5, 0.5, 0.5, 1]);
  });
});
