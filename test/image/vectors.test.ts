import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import type { Raster } from '../../src/image/raster.ts';
import { openFixture } from './support/sources.ts';

/** Recorded answers of the original: facts of pictures (`obj/…`) and their tiles as PNG (`ptl-0/…`, `ptl-last/…`). */
interface Vector {
  readonly name: string;
  readonly request: { readonly uri: string };
  readonly expect: {
    readonly text?: string;
    readonly image?: { readonly file: string; readonly tolerance: string };
  };
}

const vectors = readFileSync(path.resolve('fixtures/vectors.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Vector);

/** CCITT has no reader yet; the original's tiles that are not square are wrong. */
const LATER = /bilevel-g4/;
const WRONG = ['rgb-odd-tiles.tif'];
/** CIELAB and floats are converted before they are sent. */
const CONVERTED = /lab|float/;

const fileOf = (name: string): string => (name === 'turn' ? 'turn_pyr_000_090.tif' : name);

describe('facts as recorded', () => {
  for (const { name, expect } of vectors) {
    const picture = /^obj\/(.*)$/.exec(name)?.[1];
    const text = expect.text;
    if (picture === undefined || text === undefined || LATER.test(picture)) continue;
    it(picture, async () => {
      const { info } = await openFixture(fileOf(picture));
      const sizes = [...info.levels].reverse().map(({ width, height }) => `${width} ${height}`);
      assert.equal(sizes.join(','), line(text, 'Resolutions'));
      assert.equal(String(info.bitsPerSample), line(text, 'Bits-per-channel'));
      const { tileWidth, tileHeight } = info.levels[0]!;
      if (!WRONG.includes(picture)) assert.equal(`${tileWidth} ${tileHeight}`, line(text, 'Tile-size'));
      assert.equal(densityOf(info.resolution), line(text, 'DPI') ?? '');
      checkRange(info.sampleRange, info.bitsPerSample, line(text, 'Min-Max-sample-values') ?? '');
    });
  }
});

function line(text: string, name: string): string | undefined {
  return text
    .split('\r\n')
    .find((each) => each.startsWith(`${name}:`))
    ?.slice(name.length + 1);
}

/** The original counts pixels per meter, in single precision. */
function densityOf(resolution: { x: number; y: number; unit: string } | undefined): string {
  if (resolution === undefined) return '';
  const factor = { inch: 1 / 0.0254, cm: 100 }[resolution.unit] ?? 1;
  return [resolution.x, resolution.y]
    .map((value) => Math.fround(Math.fround(value) * factor).toFixed(6))
    .join(' ');
}

/** Rasters of 10, 12 and 14 bits have 16: there the original's numbers, 0 and 4095, are not of the raster. */
function checkRange(
  range: { min: readonly number[]; max: readonly number[] },
  bits: number,
  recorded: string,
): void {
  const values = range.min.flatMap((low, band) => [low, range.max[band]!]);
  if (bits > 8 && bits < 16) assert.deepEqual(values, [0, 65_535]);
  else
    assert.deepEqual(
      values.map((value) => Number(value.toPrecision(8))),
      recorded.trim().split(/\s+/).map(Number),
    );
}

describe('tiles as recorded', () => {
  for (const { name, request, expect } of vectors) {
    const [, picture = ''] = /^ptl-(?:0|last)\/(.*\.tif|turn)$/.exec(name) ?? [];
    const { image } = expect;
    if (picture === '' || image === undefined || LATER.test(picture) || CONVERTED.test(picture)) continue;
    if (name === 'ptl-last/rgb-odd-tiles.tif') continue;
    it(name, async () => {
      const reader = await openFixture(fileOf(picture));
      const [, resolution = 0] = /PTL=(\d+),0/.exec(request.uri) ?? [];
      const level = reader.info.levels.length - 1 - Number(resolution);
      const { width, height, tileWidth, tileHeight } = reader.info.levels[level]!;
      const window = { x: 0, y: 0, width: Math.min(width, tileWidth), height: Math.min(height, tileHeight) };
      const raster = await reader.readWindow({ page: 0, level, window });
      await compareTile(raster, path.resolve('fixtures', image.file));
    });
  }
});

/** Bands that a PNG has, reduced to 8 bits; differences of up to 2 are rounding. */
async function compareTile(raster: Raster, file: string): Promise<void> {
  const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
  assert.deepEqual([info.width, info.height], [raster.width, raster.height]);
  const shift = raster.bitsPerSample - 8;
  // sharp gives gray as RGB, and gray with alpha as RGBA.
  const isGray = raster.bands < 3;
  for (let pixel = 0; pixel < raster.width * raster.height; pixel++) {
    for (let band = 0; band < Math.min(raster.bands, info.channels); band++) {
      const sample = raster.data[pixel * raster.bands + band]! >>> shift;
      const recorded = data[pixel * info.channels + (isGray && band === 1 ? info.channels - 1 : band)]!;
      assert.ok(
        Math.abs(sample - recorded) <= 2,
        `band ${band} of pixel ${pixel} is ${sample}, not ${recorded}`,
      );
    }
  }
}
