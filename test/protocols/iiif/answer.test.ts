import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headerOf, testApp, textOf } from '../../support/app.ts';
import { imageInfo } from '../../support/image-info.ts';

const uriMap = [{ prefix: 'iiif', protocol: 'IIIF' }] as const;
const idOf = (body: string): unknown => (JSON.parse(body) as Record<string, unknown>)['id'];

describe('the id of an image', () => {
  const images = { 'a.tif': imageInfo(), 'sub/b c.tif': imageInfo() };
  const table: readonly (readonly [why: string, uri: string, request: object, config: object, id: string])[] =
    [
      ['is the URL of the request', '/iiif/a.tif/info.json', {}, {}, 'http://example.org/iiif/a.tif'],
      [
        'keeps its encoding',
        '/iiif/sub%2Fb%20c.tif/info.json',
        {},
        {},
        'http://example.org/iiif/sub%2Fb%20c.tif',
      ],
      ['may have slashes', '/iiif/sub/b%20c.tif/info.json', {}, {}, 'http://example.org/iiif/sub/b%20c.tif'],
      [
        'is https behind HTTPS',
        '/iiif/a.tif/info.json',
        { isHttps: true },
        {},
        'https://example.org/iiif/a.tif',
      ],
      ['of a command', '/i.fcgi?IIIF=a.tif/info.json', {}, {}, 'http://example.org/i.fcgi?IIIF=a.tif'],
      [
        'begins with BASE_URL',
        '/iiif/a.tif/info.json',
        {},
        { baseUrl: 'https://x.org/p/' },
        'https://x.org/p/a.tif',
      ],
      [
        'is the header X-IIIF-ID',
        '/iiif/a.tif/info.json',
        { iiifId: 'https://ids.org/1' },
        {},
        'https://ids.org/1',
      ],
    ];
  for (const [why, uri, request, config, id] of table) {
    it(why, async () => {
      const response = await testApp({ config: { uriMap, ...config }, images }).get(uri, request);
      assert.equal(idOf(textOf(response)), id);
    });
  }

  it('cannot break out of JSON or a header', async () => {
    const app = testApp({ config: { uriMap } });
    const request = { host: 'evil"\r\nX: y<>' };
    assert.equal(
      idOf(textOf(await app.get('/iiif/a.tif/info.json', request))),
      'http://evil"\r\nX: y<>/iiif/a.tif',
    );
    const image = await app.get('/iiif/a.tif/full/max/0/default.jpg', request);
    assert.match(
      headerOf(image, 'Link') ?? '',
      /^<http:\/\/evil%22%0D%0AX:%20y%3C%3E\/iiif\/a\.tif\/full\/max\/0\/default\.jpg>;rel="canonical"/,
    );
  });
});

describe('the base URI', () => {
  it('redirects to info.json', async () => {
    const response = await testApp({ config: { uriMap } }).get('/iiif/a.tif');
    assert.deepEqual(
      [response.status, headerOf(response, 'Location')],
      [303, 'http://example.org/iiif/a.tif/info.json'],
    );
  });

  it('may have an identifier that looks like an image request', async () => {
    const images = { 'a/b/c/d/e.tif': imageInfo() };
    const app = testApp({ config: { uriMap }, images });
    assert.equal((await app.get('/iiif/a/b/c/d/e.tif')).status, 303);
    assert.equal((await app.get('/iiif/a/b/c/d/e.tif/full/max/0/default.jpg')).status, 200);
  });

  for (const uri of [
    '/iiif/b.tif',
    '/iiif/a.tif/',
    '/iiif/a.tif/full/max',
    '/iiif/b.tif/info.json',
    '/iiif/a/b/full/max/0/default.jpg',
  ]) {
    it(`${uri} is not there`, async () =>
      assert.equal((await testApp({ config: { uriMap } }).get(uri)).status, 404));
  }
});

describe('links', () => {
  const table: readonly (readonly [version: 2 | 3, path: string, canonical: string])[] = [
    [3, 'full/max/0/default.jpg', 'full/max/0/default.jpg'],
    [3, '0,0,2000,1333/full/360/color.png', 'full/max/0/default.png'],
    [3, 'full/1000,/!90/grey.jpg', 'full/1000,667/!90/gray.jpg'],
    [3, 'pct:50,50,50,50/^2000,/22.50/default.webp', '1000,667,1000,666/^2000,1332/22.5/default.webp'],
    [2, 'full/max/0/default.jpg', 'full/full/0/default.jpg'],
    [2, 'full/1000,667/0/native.jpg', 'full/1000,/0/default.jpg'],
    [2, 'square/100,50/0/bitonal.tif', '333,0,1333,1333/100,50/0/bitonal.tif'],
  ];
  for (const [version, path, canonical] of table) {
    it(`${path} is ${canonical} in version ${version}`, async () => {
      const response = await testApp({ config: { uriMap, iiifVersion: version } }).get(`/iiif/a.tif/${path}`);
      assert.equal(
        headerOf(response, 'Link'),
        `<http://example.org/iiif/a.tif/${canonical}>;rel="canonical", <http://iiif.io/api/image/${version}/level2.json>;rel="profile"`,
      );
    });
  }
});

describe('info.json over HTTP', () => {
  it('is private when the client chose its version', async () => {
    const app = testApp({ config: { uriMap } });
    const chosen = await app.get('/iiif/a.tif/info.json', {
      accept: 'application/ld+json;profile="http://iiif.io/api/image/2/context.json"',
    });
    assert.deepEqual([headerOf(chosen, 'Cache-Control'), headerOf(chosen, 'Vary')], ['private', 'Accept']);
    assert.equal(headerOf(await app.get('/iiif/a.tif/info.json'), 'Cache-Control'), 'max-age=86400');
  });
});

describe('pages', () => {
  const stack = imageInfo({ pages: [{ name: '400nm', scale: 1 }, { name: '550nm', scale: 1 }] }); // prettier-ignore
  const app = () =>
    testApp({ config: { uriMap, iiifDelimiter: ';' }, images: { 's.tif': stack, 'a;1': imageInfo() } });

  it('are named after the delimiter', async () => {
    const one = app();
    assert.equal((await one.get('/iiif/s.tif;1/full/max/0/default.jpg')).status, 200);
    const [plan] = one.plans;
    assert.equal(plan?.kind === 'render' && plan.source.page, 1);
  });

  it('that are not there are 404', async () => {
    assert.equal((await app().get('/iiif/s.tif;2/info.json')).status, 404);
    assert.equal((await app().get('/iiif/s.tif;x/info.json')).status, 404);
  });
});
