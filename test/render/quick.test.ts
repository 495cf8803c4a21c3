import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isQuick } from '../../src/render/quick.ts';
import type { ImageInfo, LevelInfo } from '../../src/image/info.ts';
import type { RenderPlan } from '../../src/render/plan.ts';
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

describe('what is made where it is asked for', () => {
  it('is a tile that is cheap to decode, to change, and to write', () => {
    assert.equal(decide({}), true);
    assert.equal(decide({ steps: [{ kind: 'invert' }] }), true);
    assert.equal(decide({}, { bands: 1, bitsPerSample: 16 }), true);
    assert.equal(decide({}, { bands: 1, bitsPerSample: 32, sampleFormat: 'float' }), true);
  });

  it('is nothing else', () => {
    assert.equal(decide({ window: { x: 0, y: 0, width: 512, height: 512 } }), false, 'four tiles');
    assert.equal(decide({ window: { x: 10, y: 10, width: 256, height: 256 } }), false, 'across four tiles');
    assert.equal(decide({ encoding: { format: 'webp', quality: 50 } }), false);
    assert.equal(decide({ steps: [{ kind: 'rotate', degrees: 30, corners: 'white' }] }), false);
    assert.equal(decide({}, { bands: 31, bitsPerSample: 16 }), false);
    assert.equal(decide({}, { bands: 3, bitsPerSample: 32, sampleFormat: 'float' }), false);
    assert.equal(decide({}, { format: 'jp2' }), false);
    assert.equal(decide({}, {}, { compression: 'lerc' }), false);
    assert.equal(decide({}, {}, { tileWidth: 4096, tileHeight: 128 }), false, 'a strip');
  });
});
