import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeTile, decodeTileComponent } from '../../../../src/image/jp2/core/decode-tile.ts';
import type { CodeBlockStyle, Orientation } from '../../../../src/image/jp2/core/types.ts';
import { randomNumbers } from '../../../hostile/random.ts';
import { encodeBlock, PLAIN_STYLE } from './block-encoder.ts';
import { oneBlock } from './one-block.ts';

const SIZES = [
  [1, 1],
  [1, 5],
  [3, 2],
  [7, 9],
  [16, 16],
  [33, 30],
  [64, 64],
  [4, 1024],
  [1024, 4],
] as const;
const ORIENTATIONS: readonly Orientation[] = ['LL', 'HL', 'LH', 'HH'];

const random = randomNumbers(15444);

/** Mostly small values, as wavelets make them. */
function coefficients(count: number, bits: number): Int32Array {
  return Int32Array.from({ length: count }, () => {
    const size = Math.floor(2 ** (random() ** 3 * bits)) - 1;
    return random() < 0.5 ? -size : size;
  });
}

function decode(
  values: Int32Array,
  width: number,
  height: number,
  orientation: Orientation,
  style: CodeBlockStyle,
) {
  const { planes, segments } = encodeBlock(values, width, height, orientation, style);
  const component = oneBlock({ width, height, planes, segments, style, orientation });
  const window = { x0: 0, y0: 0, x1: width, y1: height };
  const { damage } = decodeTile({ components: [{ component, window }], hasColorTransform: false });
  return { decoded: decodeTileComponent(component, window), damage };
}

describe('code-blocks', () => {
  for (const [width, height] of SIZES)
    it(`of ${width} x ${height} come back as they were, in every band`, () => {
      for (const orientation of ORIENTATIONS) {
        const values = coefficients(width * height, 12);
        const { decoded, damage } = decode(values, width, height, orientation, PLAIN_STYLE);
        assert.deepEqual(decoded, values);
        assert.equal(damage.blocks, 0);
      }
    });

  for (let bits = 0; bits < 32; bits++) {
    const style = {
      ...PLAIN_STYLE,
      bypass: (bits & 1) !== 0,
      resetContexts: (bits & 2) !== 0,
      terminateAll: (bits & 4) !== 0,
      verticallyCausal: (bits & 8) !== 0,
      segmentationSymbols: (bits & 16) !== 0,
    };
    const names = Object.entries(style).flatMap(([name, isOn]) => (isOn ? [name] : []));
    it(`of style [${names.join(' ')}] come back as they were`, () => {
      for (const [width, height] of [
        [13, 22],
        [32, 32],
      ] as const) {
        const values = coefficients(width * height, 14);
        const { decoded, damage } = decode(values, width, height, 'HH', style);
        assert.deepEqual(decoded, values);
        assert.equal(damage.blocks, 0);
      }
    });
  }

  it('have up to 31 bit-planes', () => {
    for (const bits of [29, 30, 31]) {
      const values = coefficients(64, bits);
      values[5] = -(2 ** bits - 1);
      assert.deepEqual(decode(values, 8, 8, 'LL', PLAIN_STYLE).decoded, values);
    }
  });

  it('that lack passes are rebuilt to the middle of what is left open', () => {
    const values = coefficients(256, 10);
    const { planes, segments } = encodeBlock(values, 16, 16, 'LL', { ...PLAIN_STYLE, terminateAll: true });
    const known = segments.slice(0, -9);
    const style = { ...PLAIN_STYLE, terminateAll: true };
    const component = oneBlock({ width: 16, height: 16, planes, segments: known, style });
    const decoded = decodeTileComponent(component, { x0: 0, y0: 0, x1: 16, y1: 16 });
    for (const [i, value] of values.entries()) {
      const kept = Math.floor(Math.abs(value) / 8) * 8;
      assert.equal(Math.abs(decoded[i]!), kept === 0 ? 0 : kept + 4, `sample ${i} of ${value}`);
    }
  });

  it('of a region of interest are moved back from above the background', () => {
    const values = coefficients(256, 6);
    const shifted = values.map((value, i) => (i % 3 === 0 ? value * 64 : value));
    const { planes, segments } = encodeBlock(shifted, 16, 16, 'LL', PLAIN_STYLE);
    const component = oneBlock({ width: 16, height: 16, planes, segments, style: PLAIN_STYLE, roiShift: 6 });
    assert.deepEqual(decodeTileComponent(component, { x0: 0, y0: 0, x1: 16, y1: 16 }), values);
  });
});

describe('damaged code-blocks', () => {
  const window = { x0: 0, y0: 0, x1: 32, y1: 32 };
  const count = (component: ReturnType<typeof oneBlock>): number =>
    decodeTile({ components: [{ component, window }], hasColorTransform: false }).damage.blocks;

  it('are noticed by their segmentation symbols', () => {
    const style = { ...PLAIN_STYLE, segmentationSymbols: true };
    const { planes, segments } = encodeBlock(coefficients(1024, 10), 32, 32, 'LL', style);
    const bytes = segments[0]!.chunks[0]!.slice();
    bytes.fill(0x55, 20, 40);
    const damaged = [{ ...segments[0]!, chunks: [bytes] }];
    assert.equal(count(oneBlock({ width: 32, height: 32, planes, segments: damaged, style })), 1);
  });

  it('are noticed by predictable termination', () => {
    const style = { ...PLAIN_STYLE, terminateAll: true, predictableTermination: true };
    const { planes, segments } = encodeBlock(coefficients(1024, 10), 32, 32, 'LL', style);
    assert.equal(count(oneBlock({ width: 32, height: 32, planes, segments, style })), 0);
    const longer = segments.map(({ chunks, passes }) => ({ chunks: [...chunks, new Uint8Array(9)], passes }));
    assert.equal(count(oneBlock({ width: 32, height: 32, planes, segments: longer, style })), 1);
  });

  it('of impossible sizes and plane counts are left out and counted', () => {
    const segments = [{ chunks: [new Uint8Array(8)], passes: 4 }];
    const style = PLAIN_STYLE;
    assert.equal(count(oneBlock({ width: 32, height: 32, planes: 32, segments, style })), 1);
    assert.equal(count(oneBlock({ width: 128, height: 64, planes: 8, segments, style })), 1);
    assert.equal(count(oneBlock({ width: 32, height: 32, planes: -1, segments, style })), 1);
  });

  it('of any bytes, any style and any passes end, within bounds', () => {
    for (let i = 0; i < 300; i++) {
      const style: CodeBlockStyle = {
        bypass: random() < 0.5,
        resetContexts: random() < 0.5,
        terminateAll: random() < 0.5,
        verticallyCausal: random() < 0.5,
        predictableTermination: random() < 0.5,
        segmentationSymbols: random() < 0.5,
        highThroughput: random() < 0.4,
      };
      const segments = Array.from({ length: 1 + Math.floor(random() * 3) }, () => ({
        chunks: [Uint8Array.from({ length: random() * 300 }, () => (random() < 0.1 ? 255 : random() * 256))],
        passes: Math.floor(random() * 100),
      }));
      const planes = Math.floor(random() * 33);
      const zeroBitPlanes = Math.floor(random() * 8);
      const component = oneBlock({ width: 32, height: 32, planes, segments, style, zeroBitPlanes });
      assert.equal(decodeTileComponent(component, window).length, 1024);
    }
  });
});
