/** Windows of every kind of codestream are what a decode of the whole has there. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { Rectangle } from '../../../src/image/raster.ts';
import { randomNumbers } from '../../hostile/random.ts';
import { countingSource, fileSource } from '../support/sources.ts';
import { cropRaster, JP2_FIXTURES, jp2Fixtures, openStream, readStream, sizeAt } from './support/streams.ts';

const WINDOWS = 64;
const SEED = 20_261_126;

const sourceOf = (name: string) => fileSource(path.join(JP2_FIXTURES, name));

describe('windows of codestreams', () => {
  for (const name of jp2Fixtures()) {
    it(`are cut out of the whole: ${name}, seed ${SEED}`, async () => {
      const random = randomNumbers(SEED);
      const below = (limit: number): number => Math.floor(random() * limit);
      const whole = await openStream(sourceOf(name));
      const { layers } = whole.parameters;
      const rasters = new Map<string, Awaited<ReturnType<typeof readStream>>>();
      // Opened once and used again and again, and opened anew: what is kept of tiles must change nothing.
      const kept = await openStream(sourceOf(name));
      for (let i = 0; i < WINDOWS; i++) {
        const wish = { reduction: below(whole.levels + 1), layers: 1 + below(layers) };
        const key = JSON.stringify(wish);
        const raster = rasters.get(key) ?? (await readStream(whole, wish));
        rasters.set(key, raster);
        const size = sizeAt(whole, wish.reduction);
        const [x, y] = [below(size.width), below(size.height)];
        const window: Rectangle = {
          x,
          y,
          width: 1 + below(size.width - x),
          height: 1 + below(size.height - y),
        };
        const stream = i % 2 === 0 ? kept : await openStream(sourceOf(name));
        const { data } = await readStream(stream, { ...wish, window });
        assert.deepEqual(Array.from(data), cropRaster(raster, window), `${key} ${JSON.stringify(window)}`);
      }
    });
  }

  it('read few bytes besides those that they need', async () => {
    const { source, counts } = countingSource(sourceOf('rpcl-plt.jp2'));
    const stream = await openStream(source);
    const opening = counts.bytes;
    await readStream(stream, { reduction: 3, layers: 1 });
    assert.ok(counts.bytes - opening < 4_096, `${counts.bytes - opening} bytes for the smallest resolution`);
    assert.ok(counts.reads < 20, `${counts.reads} reads`);
  });
});
