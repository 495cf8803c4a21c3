import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readConfig } from '../src/config/read-config.ts';
import { createImageServer } from '../src/image-server.ts';
import { makeRequest } from '../src/server/request.ts';
import { memoryLog } from './support/log.ts';

const IMAGES = fileURLToPath(new URL('../../fixtures/images/', import.meta.url));
const FOREVER = new AbortController().signal;

describe('a tile that needs no waiting', () => {
  const asked = [
    ['as it is', 'FIF=rgb-deflate.tif&JTL=3,1'],
    ['uncompressed', 'FIF=rgb-none-128.tif&JTL=2,0'],
    ['zstd', 'FIF=rgb-zstd.tif&JTL=2,0'],
    ['16 bits', 'FIF=grey16.tif&MINMAX=0:100,40000&JTL=2,0'],
    ['floats', 'FIF=float-dem.tif&JTL=2,0'],
    ['gray', 'FIF=rgb-deflate.tif&COL=gray&JTL=3,1'],
    ['equalized', 'FIF=rgb-deflate.tif&CNT=eq&JTL=3,1'],
    ['turned', 'FIF=rgb-deflate.tif&ROT=90&JTL=3,1'],
    ['convolved', 'FIF=grey8.tif&CNV=sobel&JTL=2,0'],
    ['as PNG', 'FIF=rgb-deflate.tif&PTL=3,1'],
    ['as stored', 'FIF=rgb-jpeg.tif&JTL=3,1'],
    ['out of a stored JPEG', 'FIF=rgb-jpeg.tif&QLT=60&JTL=3,1'],
    ['over IIIF', 'IIIF=rgb-deflate.tif/256,0,256,256/256,/0/default.jpg'],
  ] as const;
  for (const [what, query] of asked) {
    it(`is answered without a promise when it was asked for before: ${what}`, async (test) => {
      const env = { FILESYSTEM_PREFIX: IMAGES + path.sep, MAX_IMAGE_CACHE_SIZE: '0' };
      const { config } = readConfig(env, { cpus: 2, avifCodecs: [] });
      const server = await createImageServer(config, memoryLog(), '1.3');
      const alive = setInterval(() => undefined, 60_000);
      test.after(() => {
        clearInterval(alive);
        return server.stop();
      });
      const ask = () => server.respond(makeRequest({ uri: `/fcgi-bin/iipsrv.fcgi?${query}` }), FOREVER);
      const first = await ask();
      assert.equal(first.status, 200);
      const again = ask();
      assert.ok(!(again instanceof Promise), 'it waits for something');
      assert.deepEqual(again.body, first.body);
      assert.notEqual(again.body.buffer, first.body.buffer);
    });
  }
});
