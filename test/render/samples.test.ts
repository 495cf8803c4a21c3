import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readSamples } from '../../src/render/samples.ts';
import { readStatistics } from '../../src/render/statistics.ts';
import { openFixture } from '../support/fixtures.ts';
import { SOURCE } from '../support/plans.ts';

const NEVER = { throwIfAborted: () => {} };

describe('samples for clients', () => {
  it('of 10, 12 and 14 bits are those of the file', async () => {
    for (const bits of [10, 12, 14]) {
      const reader = await openFixture(`grey${bits}-packed.tif`);
      const window = { x: 0, y: 0, width: 200, height: 1 };
      const query = { level: 0, window, sources: [{ ...SOURCE, name: 'a', scale: 1 }] };
      const [row] = await readSamples(query, () => Promise.resolve(reader), { cancellation: NEVER });
      const raster = await reader.readWindow({ page: 0, level: 0, window });
      assert.deepEqual(
        row?.values,
        Array.from(raster.data, (v) => v >> (16 - bits)),
      );
      assert.ok(row.values.some((v) => v > 255) && row.values.every((v) => v < 2 ** bits));
      assert.equal(row.bitsPerSample, bits);
      const { bands } = await readStatistics(reader, 0, { cancellation: NEVER });
      assert.deepEqual(bands[0]?.range, [0, 2 ** bits]);
      assert.ok((bands[0].max ?? 0) < 2 ** bits);
    }
  });

  it('of floats are what they are, NaN too', async () => {
    const reader = await openFixture('float-nan.tif');
    const query = {
      level: 0,
      window: { x: 0, y: 0, width: 560, height: 420 },
      sources: [{ ...SOURCE, name: 'a', scale: 1 }],
    };
    const [row] = await readSamples(query, () => Promise.resolve(reader), { cancellation: NEVER });
    assert.ok(row?.values.some(Number.isNaN));
  });
});
