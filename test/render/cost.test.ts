import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planCost, samplesCost, statisticsCost } from '../../src/render/cost.ts';
import { imageInfo } from '../support/image-info.ts';
import { renderPlan, SOURCE } from '../support/plans.ts';

const large = imageInfo({ sizes: [[20_000, 20_000]] });
const window = (width: number, height: number) => ({ window: { x: 0, y: 0, width, height } });

describe('the cost of a picture', () => {
  it('is small for a tile, which is no export', () => {
    const { bytes, isExport } = planCost(large, renderPlan(window(256, 256)));
    assert.equal(isExport, false);
    assert.ok(bytes > 256 * 256 * 3 && bytes < 4_000_000, String(bytes));
  });

  it('has the output in it at least, for a large one, which is an export', () => {
    const { bytes, isExport } = planCost(large, renderPlan(window(5_000, 5_000)));
    assert.equal(isExport, true);
    assert.ok(bytes >= 3 * 5_000 * 5_000 * 3, String(bytes));
  });

  it('follows the size that it is brought to', () => {
    const resample = { kind: 'resample', width: 3_000, height: 3_000, interpolation: 'bilinear' } as const;
    const small = planCost(large, renderPlan(window(500, 500)));
    const enlarged = planCost(large, renderPlan({ ...window(500, 500), steps: [resample] }));
    assert.deepEqual([small.isExport, enlarged.isExport], [false, true]);
    assert.ok(enlarged.bytes - small.bytes > 3 * (3_000 * 3_000 - 500 * 500) * 3 * 0.99);
  });

  it('of a file without tiles has its level and the file in it', () => {
    const flat = { ...large, format: 'png' as const };
    const source = { ...SOURCE, identity: { ...SOURCE.identity, size: 50_000_000 } };
    const tile = renderPlan({ ...window(256, 256), source });
    const more = planCost(flat, tile).bytes - planCost(large, tile).bytes;
    assert.equal(more, 2 * 2 ** 26 + 50_000_000, 'a band is decoded, as the level is too large');
  });
});

describe('the cost of numbers', () => {
  it('grows with the samples that are listed', () => {
    const query = { level: 0, ...window(100, 1), sources: [] };
    const one = { ...SOURCE, name: 'a', scale: 1 };
    const [few, many] = [[one], [one, one]].map((sources) => samplesCost({ ...query, sources }).bytes);
    assert.equal(many, 2 * few!);
  });

  it('of statistics waits behind tiles', () => {
    assert.equal(statisticsCost().isExport, true);
  });
});
