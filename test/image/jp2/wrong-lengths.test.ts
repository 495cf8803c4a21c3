/** A real codestream one of whose tile-parts states a wrong length: all other tiles stay what they were. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { memorySource } from '../../../src/image/memory-source.ts';
import { JP2_FIXTURES, openStream, readStream } from './support/streams.ts';

/** Without TLM, 50 by 40 tiles: three in a row. */
const NAME = 'tiled-lossless.j2k';
const DAMAGED_TILE = 4;

describe('a tile-part with a wrong length', () => {
  for (const change of [-20, 7, 1_000, 2 ** 30])
    it(`costs no other tile its samples: ${change} bytes more`, async () => {
      const bytes = new Uint8Array(readFileSync(path.join(JP2_FIXTURES, NAME)));
      const whole = await openStream(memorySource(bytes));
      const { canvas } = whole.codestream.header;
      const { starts, ends, first, order } = await whole.codestream.tileParts();
      const part = order[first[DAMAGED_TILE]!]!;
      const wrong = bytes.slice();
      const length = ends[part]! - starts[part]! + change;
      new DataView(wrong.buffer).setUint32(starts[part]! + 6, length);
      const stream = await openStream(memorySource(wrong));
      const wish = { reduction: 0, layers: 1, isStrict: false };
      const [expected, found] = [await readStream(whole, wish), await readStream(stream, wish)];
      let others = 0;
      for (let y = 0; y < found.height; y++)
        for (let x = 0; x < found.width; x++) {
          const tile = Math.floor(y / canvas.tileHeight) * canvas.columns + Math.floor(x / canvas.tileWidth);
          if (tile === DAMAGED_TILE) continue;
          others++;
          const at = (y * found.width + x) * found.bands;
          assert.equal(found.data[at], expected.data[at], `${x}, ${y}`);
        }
      assert.ok(others > 10_000);
    });
});
