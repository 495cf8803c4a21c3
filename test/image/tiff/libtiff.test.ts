/** Files that libtiff encoded have the pixels of the uncompressed ones that they were made of (scripts/make-tiff-fixtures.mjs). */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { Raster } from '../../../src/image/raster.ts';
import { fixture, openBytes, openFixture, readLevel } from '../support/sources.ts';

const names = readdirSync(fixture('tiff'))
  .filter((name) => name.endsWith('.tif'))
  .map((name) => name.slice(0, -'.tif'.length));

const read = async (name: string): Promise<Raster> => readLevel(await openFixture(`tiff/${name}.tif`));

/** `rgb` of `rgb-lzma-planar`; what tiff2rgba says of YCbCr. */
function truthOf(name: string): string | undefined {
  if (name.startsWith('ycbcr')) return name.endsWith('.rgba') ? undefined : `${name}.rgba`;
  const [kind = ''] = name.split('-');
  return kind === name ? undefined : kind;
}

function assertSame(actual: Raster, expected: Raster): void {
  const { width, height, bands, bitsPerSample, sampleFormat } = expected;
  assert.deepEqual(
    { ...actual, data: undefined },
    { width, height, bands, bitsPerSample, sampleFormat, data: undefined },
  );
  const wrong = actual.data.findIndex((sample, i) => !Object.is(sample, expected.data[i]));
  assert.equal(wrong, -1, `sample ${wrong} is ${actual.data[wrong]}, not ${expected.data[wrong]}`);
}

describe('TIFF that libtiff encoded', () => {
  for (const name of names) {
    const truth = truthOf(name);
    if (truth === undefined) continue;
    it(`${name} is ${truth}`, async () => assertSame(await read(name), await read(truth)));
  }
});

/** The bytes of the one strip of an uncompressed file: libtiff's tools leave pixels behind the tags. */
function pixelsOf(name: string, length: number): DataView {
  const bytes = readFileSync(fixture(`tiff/${name}.tif`));
  const pixels = new Uint8Array(bytes.subarray(bytes.length - length));
  return new DataView(pixels.buffer);
}

describe('TIFF samples become the numbers that they mean', () => {
  const count = 41 * 23 * 2;
  const kinds: Readonly<Record<string, readonly [bytes: number, (view: DataView, at: number) => number]>> = {
    int8: [1, (view, at) => view.getInt8(at)],
    int16: [2, (view, at) => view.getInt16(at, true)],
    int32: [4, (view, at) => view.getInt32(at, true)],
    int64: [8, (view, at) => Number(view.getBigInt64(at, true))],
    uint24: [3, (view, at) => view.getUint16(at, true) + view.getUint8(at + 2) * 65_536],
    uint64: [8, (view, at) => Number(view.getBigUint64(at, true))],
    float32: [4, (view, at) => view.getFloat32(at, true)],
    float64: [8, (view, at) => view.getFloat64(at, true)],
  };
  for (const [name, [bytes, number]] of Object.entries(kinds)) {
    it(name, async () => {
      const { data, sampleFormat } = await read(name);
      const view = pixelsOf(name, count * bytes);
      assert.equal(sampleFormat, 'float');
      assert.deepEqual(
        [...data],
        Array.from({ length: count }, (_, i) => Math.fround(number(view, i * bytes))),
      );
    });
  }

  it('float16 and float24 have the values of their bits', async () => {
    const halves = [0, 1, -1, 3.140625, 65_504, 2 ** -24, 0.333251953125, -0];
    const half = await read('float16');
    for (let i = 0; i < half.data.length; i++) {
      const [x, y] = [Math.floor(i / 2) % 41, Math.floor(i / 82)];
      assert.ok(Object.is(half.data[i], halves[(x + y * 3) % 8]));
    }
    const float24 = await read('float24');
    // 3f0000 is 1: exponent 63, no fraction.
    assert.equal(float24.data[0], 1);
    assert.equal(float24.data[2], 1 + 257 / 65_536);
    assert.equal(float24.data[2 * 41 * 2], 2);
  });

  it('states the whole range of each', async () => {
    const ranges: Readonly<Record<string, readonly [number, number]>> = {
      int8: [-128, 127],
      int16: [-32_768, 32_767],
      int64: [-(2 ** 63), 2 ** 63 - 1],
      uint24: [0, 2 ** 24 - 1],
      uint64: [0, 2 ** 64 - 1],
      float24: [0, 1],
    };
    for (const [name, [from, to]] of Object.entries(ranges)) {
      const { sampleRange } = (await openFixture(`tiff/${name}.tif`)).info;
      assert.deepEqual(sampleRange, { min: [from, from], max: [to, to] }, name);
    }
  });
});

describe('damaged TIFF of libtiff', () => {
  const cases = [
    'bilevel-g3-1d',
    'bilevel-g4',
    'bilevel-rle',
    'rgb-lzma-predictor',
    'rgb-lerc',
    'rgb-lerc-deflate',
    'rgb-lerc-zstd',
    'float32-lerc',
    'ycbcr-2x2',
  ];
  for (const name of cases) {
    it(`${name}: a byte that is wrong gives pixels or damage, never anything else`, async () => {
      const whole = readFileSync(fixture(`tiff/${name}.tif`));
      for (let at = 8; at < whole.length; at += 1 + Math.floor(whole.length / 60)) {
        const bytes = new Uint8Array(whole);
        bytes[at] = bytes[at]! ^ (at % 2 === 0 ? 0xff : 0x10);
        const outcome = await openBytes(bytes).then(readLevel).then(
          ({ data }) => data.length > 0,
          (error: unknown) => (error instanceof Error ? error.name : error),
        ); // prettier-ignore
        assert.ok(outcome === true || outcome === 'ServerError', `byte ${at}: ${String(outcome)}`);
      }
    });
  }
});
