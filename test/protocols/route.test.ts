import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Config } from '../../src/config/config.ts';
import { headerOf, testApp, textOf } from '../support/app.ts';

const MAPS: Partial<Config> = {
  uriMap: [
    { prefix: 'iiif', protocol: 'IIIF' },
    { prefix: 'dz', protocol: 'DeepZoom' },
    { prefix: 'zoom', protocol: 'Zoomify' },
    { prefix: 'iip', protocol: 'IIP' },
  ],
};

describe('routing', () => {
  const table: readonly (readonly [uri: string, status: number, contentType: string])[] = [
    ['/iiif/a.tif/info.json', 200, 'application/ld+json;profile="http://iiif.io/api/image/3/context.json"'],
    ['/iiif/a.tif/full/max/0/default.png', 200, 'image/png'],
    [
      '/iiif/a.tif/info.json?x=1',
      200,
      'application/ld+json;profile="http://iiif.io/api/image/3/context.json"',
    ],
    ['/dz/a.tif.dzi', 200, 'application/xml'],
    ['/dz/a.tif_files/11/0_0.png', 200, 'image/png'],
    ['/zoom/a.tif/ImageProperties.xml', 200, 'application/xml'],
    ['/zoom/a.tif/TileGroup0/0-0-0.jpg', 200, 'image/jpeg'],
    ['/iip/a.tif?WID=10&CVT=png', 200, 'image/png'],
    [
      '/iipsrv.fcgi?IIIF=a.tif/info.json',
      200,
      'application/ld+json;profile="http://iiif.io/api/image/3/context.json"',
    ],
    ['/iipsrv.fcgi?iiif=a.tif/full/max/0/default.gif', 200, 'image/gif'],
    ['/iipsrv.fcgi?DeepZoom=a.tif.dzi', 200, 'application/xml'],
    ['/iipsrv.fcgi?ZOOMIFY=a.tif/ImageProperties.xml', 200, 'application/xml'],
    ['/iipsrv.fcgi?FIF=a.tif&TTL=0,0', 200, 'image/tiff'],
    ['/iipsrv.fcgi?FIF=a.tif', 400, 'text/plain; charset=utf-8'],
    ['/iipsrv.fcgi?&&&===', 400, 'text/plain; charset=utf-8'],
    ['/dz/a.tif', 400, 'text/plain; charset=utf-8'],
    ['/zoom/a.tif', 400, 'text/plain; charset=utf-8'],
    ['/dz/b.tif.dzi', 404, 'text/plain; charset=utf-8'],
  ];
  for (const [uri, status, contentType] of table) {
    it(uri, async () => {
      const response = await testApp({ config: MAPS }).get(uri);
      assert.deepEqual(
        [response.status, headerOf(response, 'Content-Type')],
        [status, contentType],
        textOf(response),
      );
    });
  }
});

describe('the same tile by four protocols', () => {
  it('is one plan', async () => {
    const app = testApp({ config: MAPS });
    for (const uri of [
      '/i?FIF=a.tif&JTL=2,3',
      '/iiif/a.tif/1536,0,464,512/232,256/0/default.jpg',
      '/dz/a.tif_files/10/3_0.jpg',
      '/zoom/a.tif/TileGroup7/2-3-0.jpg',
    ]) {
      assert.equal((await app.get(uri)).status, 200, uri);
    }
    for (const plan of app.plans) assert.deepEqual(plan, app.plans[0]);
    assert.equal(app.plans.length, 4);
  });
});
