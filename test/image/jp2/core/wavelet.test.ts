import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeTileComponent } from '../../../../src/image/jp2/core/decode-tile.ts';
import type {
  CodeBlock,
  Band,
  Bounds,
  Orientation,
  TileComponent,
} from '../../../../src/image/jp2/core/types.ts';
import { neededBounds } from '../../../../src/image/jp2/core/window.ts';
import { randomNumbers } from '../../../hostile/random.ts';
import { encodeBlock, PLAIN_STYLE } from './block-encoder.ts';
import { at, samplesOf, synthesize, type Samples } from './plain-wavelet.ts';

const PRECISION = 12;
const random = randomNumbers(97);

interface Example {
  readonly component: TileComponent;
  readonly expected: Samples;
}

/** A component of `levels` decompositions with random coefficients in blocks of 16, and what the standard makes of it. */
function example(bounds: Bounds, levels: number, isReversible: boolean): Example {
  const resolutions = [];
  let expected: Samples | undefined;
  for (let r = 0; r <= levels; r++) {
    const at = halved(bounds, levels - r, 0, 0);
    const names: readonly Orientation[] = r === 0 ? ['LL'] : ['HL', 'LH', 'HH'];
    const made = names.map((name) => randomBand(bounds, name, levels - Math.max(0, r - 1), isReversible));
    resolutions.push({ ...at, bands: made.map(({ band }) => band) });
    const [first, second, third] = made.map(({ samples }) => samples);
    expected =
      expected === undefined ? first! : synthesize(at, [expected, first!, second!, third!], isReversible);
  }
  const style = PLAIN_STYLE;
  const component = { isReversible, style, precision: PRECISION, isSigned: true, roiShift: 0, resolutions };
  return { component, expected: expected! };
}

/** Equation B-15. */
function halved({ x0, y0, x1, y1 }: Bounds, times: number, xHigh: number, yHigh: number): Bounds {
  const place = (v: number, high: number): number => Math.ceil((v - 2 ** (times - 1) * high) / 2 ** times);
  return { x0: place(x0, xHigh), y0: place(y0, yHigh), x1: place(x1, xHigh), y1: place(y1, yHigh) };
}

function randomBand(tile: Bounds, orientation: Orientation, level: number, isReversible: boolean) {
  const xHigh = orientation === 'HL' || orientation === 'HH' ? 1 : 0;
  const yHigh = orientation === 'LH' || orientation === 'HH' ? 1 : 0;
  const bounds = halved(tile, level, xHigh, yHigh);
  const whole = samplesOf(bounds, () => Math.floor((random() - 0.5) * 600));
  const exponent = 11 + xHigh + yHigh;
  const mantissa = isReversible ? 0 : 1000;
  const band: Band = {
    ...bounds,
    orientation,
    exponent,
    mantissa,
    magnitudeBits: 10,
    blocks: blocksOf(whole, orientation),
  };
  // Fully decoded coefficients lie in the middle of their interval.
  const step = 2 ** (PRECISION + xHigh + yHigh - exponent) * (1 + mantissa / 2048);
  const value = (v: number): number => (isReversible ? v : (v + 0.5 * Math.sign(v)) * step);
  return { band, samples: { bounds, values: whole.values.map(value) } };
}

function blocksOf(samples: Samples, orientation: Orientation) {
  const { x0, y0, x1, y1 } = samples.bounds;
  const blocks = [];
  for (let top = Math.floor(y0 / 16) * 16; top < y1; top += 16)
    for (let left = Math.floor(x0 / 16) * 16; left < x1; left += 16) {
      const [x, y] = [Math.max(left, x0), Math.max(top, y0)];
      const [width, height] = [Math.min(left + 16, x1) - x, Math.min(top + 16, y1) - y];
      if (width <= 0 || height <= 0) continue;
      const bounds = { x0: x, y0: y, x1: x + width, y1: y + height };
      const values = Int32Array.from(samplesOf(bounds, (i, j) => at(samples, i, j)).values);
      const { planes, segments } = encodeBlock(values, width, height, orientation, PLAIN_STYLE);
      blocks.push({ x, y, width, height, zeroBitPlanes: 10 - planes, segments });
    }
  return blocks;
}

const TILES: readonly Bounds[] = [
  { x0: 0, y0: 0, x1: 64, y1: 64 },
  { x0: 0, y0: 0, x1: 37, y1: 53 },
  { x0: 13, y0: 7, x1: 60, y1: 40 },
  { x0: 5, y0: 8, x1: 6, y1: 41 },
  { x0: 8, y0: 3, x1: 45, y1: 4 },
  { x0: 7, y0: 7, x1: 8, y1: 8 },
  { x0: 3, y0: 3, x1: 5, y1: 6 },
];

function assertWindow({ component, expected }: Example, window: Bounds): void {
  const decoded = decodeTileComponent(component, window);
  const wanted = samplesOf(window, (x, y) => at(expected, x, y)).values;
  assert.equal(decoded.length, wanted.length);
  for (const [i, value] of wanted.entries())
    assert.ok(
      Math.abs(value - decoded[i]!) <= (component.isReversible ? 0 : 0.05),
      `sample ${i} of ${JSON.stringify(window)}: ${decoded[i]}, not ${value}`,
    );
}

describe('inverse wavelet transforms', () => {
  for (const isReversible of [true, false])
    for (const tile of TILES)
      it(`${isReversible ? '5/3' : '9/7'} of ${JSON.stringify(tile)}: the whole and its windows`, () => {
        for (const levels of [0, 1, 2, 5]) {
          const made = example(tile, levels, isReversible);
          assertWindow(made, tile);
          for (let i = 0; i < 12; i++) assertWindow(made, randomWindow(tile));
        }
      });

  it('need no blocks but those that meet the bounds told', () => {
    for (const isReversible of [true, false]) {
      const { component, expected } = example(TILES[0]!, 2, isReversible);
      const window = { x0: 30, y0: 17, x1: 34, y1: 22 };
      const needed = neededBounds(component, window);
      const resolutions = component.resolutions.map((resolution, r) => ({
        ...resolution,
        bands: resolution.bands.map((band, b) => {
          const { x0, y0, x1, y1 } = needed[r]![b]!;
          const meets = ({ x, y, width, height }: CodeBlock): boolean =>
            x < x1 && y < y1 && x + width > x0 && y + height > y0;
          return { ...band, blocks: [...band.blocks].filter(meets) };
        }),
      }));
      assertWindow({ component: { ...component, resolutions }, expected }, window);
    }
  });

  it('of an empty window make nothing', () => {
    const { component } = example(TILES[0]!, 2, true);
    assert.equal(decodeTileComponent(component, { x0: 9, y0: 9, x1: 9, y1: 20 }).length, 0);
  });
});

function randomWindow({ x0, y0, x1, y1 }: Bounds): Bounds {
  const within = (from: number, to: number): [number, number] => {
    const start = from + Math.floor(random() * (to - from));
    return [start, start + 1 + Math.floor(random() * (to - start))];
  };
  const [left, right] = within(x0, x1);
  const [top, bottom] = within(y0, y1);
  return { x0: left, y0: top, x1: right, y1: bottom };
}
