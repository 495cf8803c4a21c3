import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isQuick } from '../../src/render/quick.ts';
import type { ImageInfo, LevelInfo } from '../../src/image/info.ts';
import type { RenderPlan } from '../../src/render/plan.ts';
import type { Step } from '../../src/render/steps.ts';
import { imageInfo } from '../support/image-info.ts';
import { renderPlan } from '../support/plans.ts';

const LEVEL: LevelInfo = {
  width: 4096,
  height: 4096,
  tileWidth: 256,
  tileHeight: 256,
  compression: 'deflate',
};
const TILE: Partial<RenderPlan> = {
  window: { x: 256, y: 512, width: 256, height: 256 },
  steps: [],
  encoding: { format: 'jpeg', quality: 75 },
};

const decide = (plan: Partial<RenderPlan>, info: Partial<ImageInfo> = {}, level: Partial<LevelInfo> = {}) =>
  isQuick(renderPlan({ level: 0, ...TILE, ...plan }), {
    ...imageInfo({ format: 'tiff', bands: 3, bitsPerSample: 8, ...info }),
    levels: [{ ...LEVEL, ...level }],
  });

const matrixOf = (rows: number, columns: number): number[][] =>
  Array.from({ length: rows }, () => Array<number>(columns).fill(1));

describe('what is made where it is asked for', () => {
  it('is a tile that is cheap to decode, to change, and to write', () => {
    assert.equal(decide({}), true);
    assert.equal(decide({ steps: [{ kind: 'invert' }] }), true);
    assert.equal(decide({ steps: [{ kind: 'rotate', degrees: 270, corners: 'white' }] }), true);
    assert.equal(decide({ steps: [{ kind: 'convolve', kernel: Array<number>(9).fill(1) }] }), true);
    assert.equal(decide({ steps: [{ kind: 'twist', matrix: matrixOf(3, 3) }] }), true);
    assert.equal(decide({}, { bands: 1, bitsPerSample: 16 }), true);
    assert.equal(decide({ encoding: { format: 'png', level: 0 } }), true);
    assert.equal(decide({ encoding: { format: 'png', level: 1 } }), true);
    assert.equal(decide({}, { bands: 1, bitsPerSample: 32, sampleFormat: 'float' }), true);
    const lerc = { compression: 'lerc' };
    assert.equal(decide({}, { bands: 1, bitsPerSample: 32, sampleFormat: 'float' }, lerc), true);
  });

  it('is nothing else', () => {
    assert.equal(decide({ window: { x: 0, y: 0, width: 512, height: 512 } }), false, 'four tiles');
    assert.equal(decide({ window: { x: 10, y: 10, width: 256, height: 256 } }), false, 'across four tiles');
    assert.equal(decide({ encoding: { format: 'webp', quality: 50 } }), false);
    assert.equal(decide({ encoding: { format: 'png', level: 2 } }), false);
    assert.equal(decide({ steps: [{ kind: 'rotate', degrees: 30, corners: 'white' }] }), false);
    assert.equal(decide({ steps: [{ kind: 'convolve', kernel: Array<number>(25).fill(1) }] }), false);
    assert.equal(decide({ steps: [{ kind: 'twist', matrix: matrixOf(10, 3) }] }), false);
    assert.equal(decide({ steps: [{ kind: 'watermark', seed: 1, opacity: 1, blend: 'over' }] }), false);
    assert.equal(decide({}, { bands: 31, bitsPerSample: 16 }), false);
    assert.equal(decide({}, { bands: 3, bitsPerSample: 32, sampleFormat: 'float' }), false);
    assert.equal(decide({}, { format: 'jp2' }), false);
    assert.equal(decide({}, {}, { compression: 'lzma' }), false);
    assert.equal(decide({}, {}, { tileWidth: 4096, tileHeight: 128 }), false, 'a strip');
  });

  it('is a small picture of another size than its tile', () => {
    const resized = (width: number): Partial<RenderPlan> => ({
      steps: [{ kind: 'resample', width, height: width, interpolation: 'bilinear' }],
    });
    assert.equal(decide(resized(200)), true);
    assert.equal(decide(resized(300)), true);
    assert.equal(decide(resized(301)), false);
    assert.equal(decide(resized(200), { bands: 1, bitsPerSample: 32, sampleFormat: 'float' }), false);
    assert.equal(decide(resized(200), { bands: 5 }), false);
  });

  it('is what needs the histogram only where that is cheap, too', () => {
    const range = { min: [0, 0, 0], max: [255, 255, 255] };
    const stretched: Step = { kind: 'normalize', range: { ...range, isStretched: true } };
    for (const step of [{ kind: 'equalize' }, { kind: 'binary' }, stretched] as const) {
      const decideWith = (last: Partial<LevelInfo>) =>
        isQuick(renderPlan({ level: 0, ...TILE, steps: [step] }), {
          ...imageInfo({ format: 'tiff', bands: 3, bitsPerSample: 8 }),
          levels: [LEVEL, { ...LEVEL, width: 2048, height: 2048, ...last }],
        });
      assert.equal(decideWith({}), true);
      assert.equal(decideWith({ tileWidth: 2048, tileHeight: 2048 }), false, 'one large tile');
      assert.equal(decideWith({ virtual: { from: 0, factor: 2 } }), false, 'made of many tiles');
      assert.equal(decideWith({ isCut: true }), false, 'strips');
      assert.equal(decideWith({ compression: 'jpeg2000' }), false);
    }
    const plain: Step = { kind: 'normalize', range: { ...range, isStretched: false } };
    assert.equal(decide({ steps: [plain] }, {}, { compression: 'deflate' }), true);
  });
});
