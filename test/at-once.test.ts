import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readConfig } from '../src/config/read-config.ts';
import { createImageServer } from '../src/image-server.ts';
import { makeRequest } from '../src/server/request.ts';
import type { Respond, Response } from '../src/server/response.ts';
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
      const respond = await serve(test);
      const ask = () => respond(makeRequest({ uri: `/fcgi-bin/iipsrv.fcgi?${query}` }), FOREVER);
      const first = await ask();
      assert.equal(first.status, 200);
      const again = await atOnce(ask);
      assert.deepEqual(again.body, first.body);
      assert.notEqual(again.body.buffer, first.body.buffer);
    });
  }

  it('is answered without a promise when it is asked for first, of an image that is open', async (test) => {
    const respond = await serve(test);
    const first = [
      'FIF=rgb-deflate.tif&JTL=3,0',
      'FIF=rgb-deflate.tif&CNT=1.2&JTL=3,0',
      'IIIF=rgb-deflate.tif/0,0,256,256/256,/0/default.jpg',
      'DeepZoom=rgb-deflate_files/10/0_0.jpg',
      'Zoomify=rgb-deflate.tif/TileGroup0/3-0-0.jpg',
    ];
    const others = [
      'FIF=rgb-deflate.tif&JTL=3,2',
      'FIF=rgb-deflate.tif&CNT=1.2&JTL=3,2',
      'IIIF=rgb-deflate.tif/256,256,256,256/256,/0/default.jpg',
      'IIIF=rgb-deflate.tif/info.json',
      'DeepZoom=rgb-deflate.tif_files/10/1_1.jpg',
      'Zoomify=rgb-deflate.tif/TileGroup0/3-1-1.jpg',
      'FIF=rgb-deflate.tif&OBJ=Max-size',
    ];
    const uri = (query: string): string => `/fcgi-bin/iipsrv.fcgi?${query}`;
    for (const query of first) await respond(makeRequest({ uri: uri(query) }), FOREVER);
    for (const query of others) {
      const response = await atOnce(() => respond(makeRequest({ uri: uri(query) }), FOREVER));
      assert.equal(response.status, 200, query);
    }
  });
});

/** @returns what answers, from the fixtures, until the test ends. */
async function serve(test: TestContext): Promise<Respond> {
  const env = { FILESYSTEM_PREFIX: IMAGES + path.sep, MAX_IMAGE_CACHE_SIZE: '0' };
  const { config } = readConfig(env, { cpus: 2, avifCodecs: [] });
  const server = await createImageServer(config, memoryLog(), '1.3');
  const alive = setInterval(() => undefined, 60_000);
  test.after(() => {
    clearInterval(alive);
    return server.stop();
  });
  return server.respond;
}

/** For so long, and a little more, a file is not read in the thread that asks after reads of it have taken long. */
const CAUTION_MS = 1_100;

/** What is answered without a promise. Where other programs interrupt this one, reads seem to come from afar: it is asked again. */
async function atOnce(ask: () => ReturnType<Respond>, tries = 3): Promise<Response> {
  const response = ask();
  if (!(response instanceof Promise)) return response;
  assert.ok(tries > 1, 'it waits for something');
  await response;
  await setTimeout(CAUTION_MS);
  return atOnce(ask, tries - 1);
}
