import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  decodeTile,
  decodeTileInto,
  MAX_TILE_SAMPLES,
  MAX_WINDOW_WIDTH,
} from '../../../../src/image/jp2/core/decode-tile.ts';
import type { TileComponent, TileWindow } from '../../../../src/image/jp2/core/types.ts';
import { encodeBlock, PLAIN_STYLE } from './block-encoder.ts';
import { oneBlock } from './one-block.ts';

const WIDTH = 5;
const HEIGHT = 3;
const WINDOW = { x0: 0, y0: 0, x1: WIDTH, y1: HEIGHT };

function component(value: (i: number) => number, facts: Partial<TileComponent> = {}): TileComponent {
  const values = Int32Array.from({ length: WIDTH * HEIGHT }, (_, i) => value(i));
  const encoded = encodeBlock(values, WIDTH, HEIGHT, 'LL', PLAIN_STYLE);
  const block = oneBlock({ width: WIDTH, height: HEIGHT, ...encoded, style: PLAIN_STYLE });
  return { ...block, precision: 8, isSigned: false, ...facts };
}

function tile(components: readonly TileComponent[], hasColorTransform = false): TileWindow {
  return { components: components.map((one) => ({ component: one, window: WINDOW })), hasColorTransform };
}

describe('tiles', () => {
  it('are shifted by half the range and clamped to it', () => {
    const { planes } = decodeTile(tile([component((i) => i * 30 - 200)]));
    const expected = Int32Array.from({ length: 15 }, (_, i) =>
      Math.max(0, Math.min(255, i * 30 - 200 + 128)),
    );
    assert.deepEqual(planes, [expected]);
  });

  it('of signed samples are not shifted', () => {
    const { planes } = decodeTile(tile([component((i) => i * 30 - 200, { isSigned: true })]));
    const expected = Int32Array.from({ length: 15 }, (_, i) => Math.max(-128, Math.min(127, i * 30 - 200)));
    assert.deepEqual(planes, [expected]);
  });

  it('of transformed colors give back red, green and blue', () => {
    const pixels = Array.from(
      { length: 15 },
      (_, i) => [i * 17 - 128, 100 - i * 13, ((i * 91) % 255) - 128] as const,
    );
    const components = [
      component((i) => Math.floor((pixels[i]![0] + 2 * pixels[i]![1] + pixels[i]![2]) / 4)),
      component((i) => pixels[i]![2] - pixels[i]![1]),
      component((i) => pixels[i]![0] - pixels[i]![1]),
    ];
    const data = new Uint8Array(15 * 3);
    decodeTileInto(tile(components, true), { data, offset: 0, stride: 15, bands: 3 });
    assert.deepEqual(
      Array.from(data),
      pixels.flatMap((pixel) => pixel.map((v) => v + 128)),
    );
  });

  it('of irreversibly transformed colors are rounded at the end', () => {
    const planes = [(i: number) => i * 8 - 60, () => 20, (i: number) => 10 - i * 2];
    // Steps of 1 whose middle is taken: half a step is added to what is not 0.
    const middle = (v: number): number => v + 0.5 * Math.sign(v);
    const components = planes.map((plane) => unitSteps(component(plane)));
    const { planes: decoded } = decodeTile(tile(components, true));
    for (let i = 0; i < 15; i++) {
      const [y, cb, cr] = planes.map((plane) => middle(plane(i))) as [number, number, number];
      assert.ok(Math.abs(decoded[0]![i]! - 128 - (y + 1.402 * cr)) <= 0.501);
      assert.ok(Math.abs(decoded[1]![i]! - 128 - (y - 0.344136 * cb - 0.714136 * cr)) <= 0.501);
      assert.ok(Math.abs(decoded[2]![i]! - 128 - (y + 1.772 * cb)) <= 0.501);
    }
  });

  it('go between the samples of a larger raster, in 8 and 16 bits', () => {
    for (const [data, precision] of [
      [new Uint8Array(200).fill(7), 8],
      [new Uint16Array(200).fill(7), 12],
    ] as const) {
      const half = 2 ** (precision - 1);
      const components = [
        component((i) => i, { precision }),
        component((i) => -i, { precision, isSigned: true }),
      ];
      decodeTileInto(tile(components), { data, offset: 11, stride: 40, bands: 2 });
      const expected = data.slice().fill(7);
      for (let i = 0; i < 15; i++) {
        const at = 11 + Math.floor(i / WIDTH) * 40 + (i % WIDTH) * 2;
        expected.set([half + i, half - i], at);
      }
      assert.deepEqual(data, expected);
    }
  });

  it('of three bands in bytes are clamped, and go nowhere else', () => {
    const data = new Uint8Array(100).fill(7);
    const values = [(i: number) => i * 30 - 200, (i: number) => i, (i: number) => 200 - i * 30];
    const components = values.map((value) => component(value));
    decodeTileInto(tile(components), { data, offset: 11, stride: 25, bands: 3 });
    const expected = new Uint8Array(100).fill(7);
    for (let i = 0; i < 15; i++) {
      const pixel = values.map((value) => Math.max(0, Math.min(255, value(i) + 128)));
      expected.set(pixel, 11 + Math.floor(i / WIDTH) * 25 + (i % WIDTH) * 3);
    }
    assert.deepEqual(data, expected);
  });

  it('over the limits are refused before anything is allocated', () => {
    const one = component(() => 1);
    const wide = { x0: 0, y0: 0, x1: MAX_WINDOW_WIDTH + 1, y1: 1 };
    const high = { x0: 0, y0: 0, x1: 4096, y1: MAX_TILE_SAMPLES / 4096 + 1 };
    for (const window of [wide, high])
      assert.throws(
        () => decodeTile({ components: [{ component: one, window }], hasColorTransform: false }),
        {
          kind: 'too-large',
        },
      );
  });
});

/** The same coefficients, as those of the 9/7 transform with steps of 1. */
function unitSteps(reversible: TileComponent): TileComponent {
  const resolutions = reversible.resolutions.map((resolution) => ({
    ...resolution,
    bands: resolution.bands.map((band) => ({ ...band, exponent: reversible.precision })),
  }));
  return { ...reversible, isReversible: false, resolutions };
}
