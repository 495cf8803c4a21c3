import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lzwCompress, TIFF_LZW } from '../../../src/encode/lzw.ts';
import { ServerError } from '../../../src/errors.ts';
import { decodeLzw } from '../../../src/image/tiff/lzw.ts';
import { undoDifferences, undoFloatDifferences } from '../../../src/image/tiff/predictor.ts';
import { noise } from '../../processing/rasters-of.ts';
import { decodeLzw as decodePlainly } from './reference/lzw.ts';

const next = noise(7);
const below = (limit: number): number => Math.floor(next() * limit);

/** Noise, periods, flat areas with grain, long runs. */
const CONTENTS: Readonly<Record<string, (i: number, at: Uint8Array) => number>> = {
  noise: () => below(256),
  'a period of 3': (i) => [10, 90, 200][i % 3]!,
  'a period of 37': (i) => (i % 37) * 5,
  grain: (i) => 128 + 20 * Math.sin(i / 300) + below(4),
  runs: (i) => i / 1000,
  'copies with errors': (i, at) => (next() < 0.02 ? below(256) : (at[i - 19] ?? 7)),
};

function content(name: string, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = CONTENTS[name]!(i, bytes);
  return bytes;
}

type Outcome = Uint8Array | 'damaged';

function outcome(decode: () => Uint8Array): Outcome {
  try {
    return decode();
  } catch (error) {
    assert.ok(error instanceof ServerError && error.kind === 'damaged');
    return 'damaged';
  }
}

describe('LZW in WebAssembly', () => {
  for (const name of Object.keys(CONTENTS)) {
    it(`gives back what was compressed: ${name}`, () => {
      for (const length of [0, 1, 2, 17, 300, 5_000, 200_000]) {
        const bytes = content(name, length);
        const stored = lzwCompress(bytes, TIFF_LZW);
        assert.deepEqual(decodeLzw(stored, length), bytes);
        assert.deepEqual(decodeLzw(stored, length >> 1), bytes.subarray(0, length >> 1));
        assert.deepEqual(decodeLzw(stored, length + 1000), bytes);
      }
    });

    it(`gives what is there of data that is cut off: ${name}`, () => {
      const stored = lzwCompress(content(name, 3_000), TIFF_LZW);
      for (let length = 0; length < stored.length; length += 1 + below(9)) {
        const part = stored.subarray(0, length);
        assert.deepEqual(decodeLzw(part, 3_000), decodePlainly(part, 3_000));
      }
    });
  }

  it('makes of 3,000 damaged pieces what plain loops make of them, in bounded time', () => {
    const names = Object.keys(CONTENTS);
    let broken = 0;
    for (let round = 0; round < 3_000; round++) {
      const length = [64, 700, 9_000][round % 3]!;
      const stored = lzwCompress(content(names[round % names.length]!, length), TIFF_LZW);
      for (let flips = 0; flips <= round % 3; flips++) stored[below(stored.length)]! ^= 1 << below(8);
      const made = outcome(() => decodeLzw(stored, length));
      assert.deepEqual(
        made,
        outcome(() => decodePlainly(stored, length)),
      );
      if (made === 'damaged') broken++;
    }
    assert.ok(broken > 100);
  });

  it('takes strips that are very large', () => {
    const bytes = content('runs', 2 ** 24);
    assert.deepEqual(decodeLzw(lzwCompress(bytes, TIFF_LZW), bytes.length), bytes);
  });
});

describe('predictors in WebAssembly', () => {
  const ARRAYS = [Uint8Array, Uint16Array, Uint32Array] as const;

  it('add up differences of all widths and bands, in rows of any length', () => {
    for (const Samples of ARRAYS) {
      for (const step of [1, 2, 3, 4, 5, 31]) {
        for (const width of [1, 2, 5, 6, 7, 11, 16, 33, 256]) {
          const rowLength = width * step;
          const rows = 3;
          // Beyond the last full row nothing is touched; the array does not begin where its memory does.
          const samples = new Samples(2 + rowLength * rows + Math.min(rowLength - 1, 2))
            .map(() => below(2 ** 32))
            .subarray(2);
          const wanted = samples.slice();
          for (let row = 0; row < rows; row++)
            for (let i = step; i < rowLength; i++)
              wanted[row * rowLength + i] =
                wanted[row * rowLength + i]! + wanted[row * rowLength + i - step]!;
          undoDifferences(samples, { rowLength, step });
          assert.deepEqual(samples, wanted, `${Samples.name}, ${step} bands, ${width} wide`);
        }
      }
    }
  });

  it('put floats together from planes of bytes', () => {
    for (const sampleBytes of [2, 4, 8]) {
      for (const step of [1, 3]) {
        const [width, rows] = [7, 2];
        const rowLength = width * step;
        const wanted = new Uint8Array(rowLength * sampleBytes * rows).map(() => below(256));
        const stored = new Uint8Array(wanted.length);
        const rowBytes = rowLength * sampleBytes;
        for (let row = 0; row < rows; row++) {
          const at = row * rowBytes;
          for (let i = 0; i < rowLength; i++)
            for (let plane = 0; plane < sampleBytes; plane++)
              stored[at + plane * rowLength + i] = wanted[at + (i + 1) * sampleBytes - 1 - plane]!;
          for (let i = rowBytes - 1; i >= step; i--)
            stored[at + i] = stored[at + i]! - stored[at + i - step]!;
        }
        assert.deepEqual(undoFloatDifferences(stored, sampleBytes, { rowLength, step }), wanted);
      }
    }
  });
});
