import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { memorySource } from '../../../src/image/memory-source.ts';
import { cutOut } from '../../../src/image/jp2/cut-out.ts';
import { fileSource } from '../support/sources.ts';
import { cropRaster, JP2_FIXTURES, openStream, readStream } from './support/streams.ts';

describe('codestreams that are cut out', () => {
  for (const name of ['tiled-lossless.j2k', 'tiled.jp2', 'tile-parts.j2k', 'five-bands.j2k', 'offsets.j2k']) {
    it(`hold the samples of the whole, in every window of tiles: ${name}`, async () => {
      const whole = await openStream(fileSource(path.join(JP2_FIXTURES, name)));
      const { canvas } = whole.codestream.header;
      const { layers } = whole.parameters;
      const raster = await readStream(whole, { reduction: 0, layers });
      for (let x0 = 0; x0 < canvas.columns; x0++) {
        for (let y1 = 1; y1 <= canvas.rows; y1++) {
          const tiles = { x0, y0: Math.max(0, y1 - 2), x1: Math.min(x0 + 2, canvas.columns), y1 };
          const { bytes, area } = await cutOut(whole.codestream, tiles);
          const part = await openStream(memorySource(bytes));
          const { data, width, height } = await readStream(part, { reduction: 0, layers });
          assert.deepEqual([width, height], [area.x1 - area.x0, area.y1 - area.y0]);
          const window = { x: area.x0 - canvas.x0, y: area.y0 - canvas.y0, width, height };
          assert.deepEqual(Array.from(data), cropRaster(raster, window));
        }
      }
    });
  }
});
