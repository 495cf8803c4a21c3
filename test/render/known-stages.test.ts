import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { byteRaster } from '../../src/image/raster.ts';
import { chainOf, knownStages } from '../../src/render/known-stages.ts';
import type { Step } from '../../src/render/steps.ts';
import { imageInfo } from '../support/image-info.ts';

const GRAY_AND_EQUAL: readonly Step[] = [{ kind: 'gray' }, { kind: 'equalize' }];
const flat = (level: number): Uint32Array => new Uint32Array(256).map((_, i) => (i === level ? 10 : 0));
const supportOf = (level: number) => {
  const support = {
    info: imageInfo(),
    asked: 0,
    histogram: () => (support.asked++, Promise.resolve(flat(level))),
  };
  return support;
};

describe('stages of the same steps', () => {
  it('are made once for an image', async () => {
    const support = supportOf(7);
    const stages = await knownStages(GRAY_AND_EQUAL, support);
    assert.equal(await knownStages(GRAY_AND_EQUAL, support), stages);
    assert.equal(support.asked, 1);
  });

  it('are others for another image, whose histogram is another', async () => {
    const steps = [...GRAY_AND_EQUAL];
    const [one, other] = [supportOf(7), supportOf(9)];
    const first = await knownStages(steps, one);
    assert.notEqual(await knownStages(steps, other), first);
    assert.equal(other.asked, 1);
  });

  it('are forgotten before many others are kept, though somebody still has the steps', async () => {
    const support = supportOf(7);
    const steps = [...GRAY_AND_EQUAL];
    const first = await knownStages(steps, support);
    for (let i = 0; i < 100; i++) await knownStages([...GRAY_AND_EQUAL], support);
    assert.notEqual(await knownStages(steps, support), first);
  });

  it('share a chain for rasters of one type only', async () => {
    const [stage] = await knownStages([{ kind: 'gray' }], supportOf(0));
    assert.ok(stage?.kind === 'chain');
    const raster = (bands: number, level: number) =>
      byteRaster({ width: 2, height: 1 }, bands, new Uint8Array(2 * bands).fill(level));
    const chain = chainOf(stage, raster(3, 10));
    assert.equal(chainOf(stage, raster(3, 20)), chain);
    assert.deepEqual([...chain.apply(raster(3, 20)).data], [20, 20]);
    const wider = chainOf(stage, raster(4, 30));
    assert.notEqual(wider, chain);
    assert.equal(wider.input.bands, 4);
  });
}); // prettier-ignore
