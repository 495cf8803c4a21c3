/** Random pictures of black and white, as libtiff compresses them and gives them back (tiffcp). */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { Raster } from '../../../src/image/raster.ts';
import { noise } from '../../processing/rasters-of.ts';
import { programPath, skipUnless } from '../../support/real-programs.ts';
import { scopeOf } from '../../support/scope.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { buildTiff, type TagSpec } from '../support/build-tiff.ts';
import { openBytes, readLevel } from '../support/sources.ts';

const next = noise(41);
const below = (limit: number): number => Math.floor(next() * limit);

interface Picture {
  readonly width: number;
  readonly height: number;
  /** 0 or 255, row by row. */
  readonly pixels: Uint8Array;
}

/** What makes the pixel at `x` of what is left of it and above it; 1 is white. */
type Content = (x: number, left: number, above: number) => number;

const CONTENTS: Readonly<Record<string, Content>> = {
  noise: () => below(2),
  'runs that go on from row to row': (_, left, above) =>
    below(30) === 0 ? 1 - left : below(3) ? above : left,
  'long runs': (_, left) => (below(200) === 0 ? 1 - left : left),
  'a row like the one above': (_, __, above) => (below(100) === 0 ? 1 - above : above),
  white: () => 1,
  black: () => 0,
  'every other pixel': (x) => x & 1,
};

function paint(content: Content, width: number, height: number): Picture {
  const pixels = new Uint8Array(width * height);
  for (let i = 0; i < pixels.length; i++) {
    const left = i % width === 0 ? 1 : pixels[i - 1]! & 1;
    const above = i < width ? 1 : pixels[i - width]! & 1;
    pixels[i] = content(i % width, left, above) === 1 ? 255 : 0;
  }
  return { width, height, pixels };
}

/** Uncompressed, in one strip. */
function asTiff({ width, height, pixels }: Picture): Uint8Array {
  const rowBytes = Math.ceil(width / 8);
  const rows = new Uint8Array(rowBytes * height);
  pixels.forEach((pixel, i) => {
    const x = i % width;
    if (pixel !== 0) rows[Math.floor(i / width) * rowBytes + (x >> 3)]! |= 0x80 >> (x & 7);
  });
  const number = (tag: TagSpec['tag'], value: number): TagSpec => ({ tag, type: 'long', values: [value] });
  const tags = [
    number('ImageWidth', width),
    number('ImageLength', height),
    number('BitsPerSample', 1),
    number('SamplesPerPixel', 1),
    number('Compression', 1),
    number('PhotometricInterpretation', 1),
    number('RowsPerStrip', height),
  ];
  return buildTiff([{ tags, segments: [rows], segmentKind: 'strips' }]);
}

const SIZES = [
  [256, 60],
  [61, 40],
  [1, 5],
  [3000, 20],
] as const;

/** Arguments of tiffcp. */
const COMPRESSIONS = [
  ['-c', 'g4'],
  ['-c', 'g4', '-t', '-w', '64', '-l', '32'],
  ['-c', 'g3:1d'],
  ['-c', 'g3:2d'],
  ['-c', 'g3:2d:fill'],
] as const;

function assertPixels(raster: Raster, { width, height, pixels }: Picture, what: string): void {
  assert.deepEqual([raster.width, raster.height, raster.bands], [width, height, 1], what);
  const wrong = raster.data.findIndex((pixel, i) => pixel !== pixels[i]);
  assert.equal(wrong, -1, `${what}: pixel ${wrong} of ${width} x ${height}`);
}

describe('fax rows of libtiff', { skip: skipUnless('tiffcp') }, () => {
  for (const [name, content] of Object.entries(CONTENTS))
    it(`are decoded to the same pixels as by libtiff: ${name}`, async (test) => {
      const folder = await tempFolder(scopeOf(test));
      const [plain, packed, unpacked] = ['plain', 'packed', 'unpacked'].map((file) =>
        path.join(folder, file),
      );
      for (const [width, height] of SIZES) {
        const picture = paint(content, width, height);
        writeFileSync(plain!, asTiff(picture));
        for (const options of COMPRESSIONS) {
          const what = `${options.join(' ')}, ${name}`;
          tiffcp(...options, plain!, packed!);
          tiffcp('-c', 'none', '-s', packed!, unpacked!);
          assertPixels(
            await readLevel(await openBytes(readFileSync(unpacked!))),
            picture,
            `libtiff, ${what}`,
          );
          assertPixels(await readLevel(await openBytes(readFileSync(packed!))), picture, what);
        }
      }
    });
});

function tiffcp(...args: readonly string[]): void {
  const { status, stderr } = spawnSync(programPath('tiffcp'), args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}
