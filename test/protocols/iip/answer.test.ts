import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Config } from '../../../src/config/config.ts';
import { planKey, type RenderPlan } from '../../../src/render/plan.ts';
import { headerOf, testApp, textOf, type AppOptions } from '../../support/app.ts';
import { imageInfo } from '../../support/image-info.ts';

async function planOf(query: string, options: AppOptions = {}): Promise<RenderPlan> {
  const app = testApp(options);
  const response = await app.get(`/i?FIF=a.tif&${query}`);
  const [plan] = app.plans;
  assert.ok(plan !== undefined, textOf(response));
  return plan.kind === 'copy' ? plan.otherwise : plan;
}

async function fileNameOf(query: string, config: Partial<Config> = {}): Promise<string> {
  const response = await testApp({ config }).get(`/i?FIF=a.tif&${query}`);
  return /filename="a_(.*)"/.exec(headerOf(response, 'Content-Disposition') ?? '')?.[1] ?? textOf(response);
}

describe('the size of CVT', () => {
  const table: readonly (readonly [query: string, config: Partial<Config>, name: string])[] = [
    ['WID=300&CVT=png', {}, '300x200.png'],
    ['HEI=300&CVT=png', {}, '450x300.png'],
    ['WID=300&HEI=300&CVT=png', {}, '300x200.png'],
    ['RGN=0.3,0.3,0.2,0.2&WID=700&CVT=png', {}, '700x467.png'],
    ['RGN=0.2,0.3,0.4,0.2&WID=333&CVT=png', {}, '333x111.png'],
    ['RGN=0.9,0.9,0.5,0.5&WID=200&CVT=png', {}, '200x133.png'],
    ['CVT=jpeg', {}, '2000x1333.jpg'],
    ['RGN=0,0,0.5,0.5&CVT=jpeg', {}, '2000x1333.jpg'],
    ['CVT=jpeg', { maxOutputSide: 300 }, '250x166.jpg'],
    ['WID=1000&CVT=png', { maxOutputSide: 300 }, '300x200.png'],
    ['WID=4000&CVT=png', { allowUpscaling: false }, '2000x1333.png'],
    ['RGN=0,0,0.1,0.1&WID=1000&CVT=png', { allowUpscaling: false }, '200x133.png'],
    ['WID=0&HEI=0&CVT=png', {}, '2000x1333.png'],
    ['WID=100&ROT=90&CVT=png', {}, '100x67.png'],
  ];
  for (const [query, config, name] of table) {
    it(`${query} ${JSON.stringify(config)}`, async () => assert.equal(await fileNameOf(query, config), name));
  }
});

describe('what stands before the last command', () => {
  it('is found again, and means the same', async () => {
    const first = await planOf('GAM=2&MINMAX=0:1,9&JTL=3,0');
    const second = await planOf('GAM=2&MINMAX=0:1,9&JTL=3,1');
    assert.ok(first.steps.length > 0);
    assert.deepEqual(second.steps, first.steps);
    assert.notDeepEqual(second.window, first.window);
    const other = await planOf('GAM=3&MINMAX=0:1,9&JTL=3,1');
    assert.notDeepEqual(other.steps, first.steps);
  });

  it('counts when it is the view', async () => {
    const app = testApp();
    for (const query of [
      'FIF=a.tif&JTLS=0,3,1,90',
      'SDS=0,90&FIF=a.tif&JTL=3,1',
      'FIF=a.tif&SDS=0,90&JTL=3,1',
    ])
      assert.equal((await app.get(`/i?${query}`)).status, 200, query);
    assert.equal(new Set(app.plans.map(planKey)).size, 1);
  });

  it('may send nothing, or be missing', async () => {
    const [one, two] = [await planOf('JTL=3,0&WID=5'), await planOf('JTL=3,0&PTL=3,1')];
    assert.deepEqual(one, two);
    const response = await testApp().get('/i?WID=100&JTL=3,0');
    assert.equal(response.status, 400);
    assert.match(textOf(response), /1 3 FIF/);
  });
});

describe('the order of commands', () => {
  it('counts up to the first that sends', async () => {
    const plan = await planOf('GAM=2&JTL=3,0&INV=1&PTL=0,0');
    assert.deepEqual(plan.steps.map((step) => step.kind === 'tone' && [step.curve, step.invert]), [[{ kind: 'gamma', exponent: 2 }, false]]); // prettier-ignore
    assert.equal(plan.encoding.format, 'jpeg');
  });

  it('drops objects that a picture follows', async () => {
    const response = await testApp().get('/i?FIF=a.tif&OBJ=Max-size&JTL=0,0');
    assert.equal(headerOf(response, 'Content-Type'), 'image/jpeg');
  });

  it('gives objects the rotation before them', async () => {
    const response = await testApp().get('/i?FIF=a.tif&OBJ=Max-size&ROT=90&OBJ=Max-size');
    assert.equal(textOf(response), 'Max-size:2000 1333\r\nMax-size:1333 2000\r\n');
  });
});

describe('quality', () => {
  const table: readonly (readonly [query: string, encoding: unknown])[] = [
    ['QLT=10&JTL=0,0', { format: 'jpeg', quality: 10 }],
    ['QLT=0&JTL=0,0', { format: 'jpeg', quality: 1 }],
    ['QLT=1000&JTL=0,0', { format: 'jpeg', quality: 100 }],
    ['QLT=20&PTL=0,0', { format: 'png', level: 9 }],
    ['QLT=0&WTL=0,0', { format: 'webp', quality: 'lossless' }],
    ['QLT=80&ATL=0,0', { format: 'avif', quality: 80, codec: 'auto' }],
    ['QLT=zstd:50&TTL=0,0', { format: 'tiff', compression: 'zstd', quality: 19 }],
    ['TTL=0,0', { format: 'tiff', compression: 'deflate', quality: 1 }],
    ['JTL=0,0', { format: 'jpeg', quality: 75 }],
  ];
  for (const [query, encoding] of table) {
    it(query, async () => assert.deepEqual((await planOf(query)).encoding, encoding));
  }
});

describe('names that are no commands', () => {
  it('are ignored where a picture is sent: cache busters and trackers', async () => {
    const app = testApp();
    for (const query of ['FIF=a.tif&JTL=0,0&_=1', 'FIF=a.tif&utm_source=x&JTL=0,0']) {
      assert.equal((await app.get(`/i?${query}`)).status, 200, query);
    }
    assert.deepEqual(app.plans[0], app.plans[1]);
  });
});

describe('objects about the server', () => {
  it('need no image', async () => {
    const app = testApp();
    const response = await app.get('/i?OBJ=IIP,1.0&OBJ=IIP-server&OBJ=iip-opt-comm');
    assert.deepEqual([response.status, headerOf(response, 'IIP')], [200, '9.9.9']);
    assert.match(textOf(response), /^IIP-server:3\.65\r\nIIP-opt-comm:CVT /);
    assert.equal((await app.get('/i?OBJ=IIP-server&OBJ=Max-size')).status, 400);
  });
});

describe('objects', () => {
  it('are lines that end in CRLF', async () => {
    const info = imageInfo({
      resolution: { x: 300, y: 300, unit: 'inch' },
      metadata: { software: 'vips', rights: 'CC0' },
    });
    const response = await testApp({ images: { 'a.tif': info } }).get(
      '/i?FIF=a.tif&OBJ=IIP,1.0&OBJ=Basic-info&OBJ=Tile-size&OBJ=Resolutions&OBJ=DPI&OBJ=Min-Max-sample-values&OBJ=Horizontal-views&OBJ=vertical-views&OBJ=summary-info',
    );
    assert.equal(
      textOf(response),
      [
        'IIP-server:3.65', 'Max-size:2000 1333', 'Resolution-number:4', 'Colorspace,0-3,0:0 0 3 3 0 1 2', 'Tile-size:256 256',
        'Resolutions:250 166,500 333,1000 666,2000 1333', 'DPI:11811.023438 11811.023438',
        'Min-Max-sample-values: 0  255  0  255  0  255', 'Horizontal-views:0', 'Vertical-views:90', 'CC0', 'vips', '',
      ].join('\r\n'),
    ); // prettier-ignore
    assert.deepEqual(
      [headerOf(response, 'Content-Type'), headerOf(response, 'IIP')],
      ['text/plain', '9.9.9'],
    );
  });

  it('escape what they put into JSON, and leave out what the image lacks', async () => {
    const info = imageInfo({ metadata: { title: 'a "b"\n</c>', xmp: '<x/>' } });
    const response = await testApp({ images: { 'a.tif': info } }).get('/i?FIF=a.tif&OBJ=metadata');
    assert.deepEqual(JSON.parse(textOf(response)), { title: 'a "b"\n</c>' });
    assert.equal(headerOf(response, 'Content-Type'), 'application/json');
  });

  it('take the rights from COPYRIGHT where the image has none', async () => {
    const response = await testApp({ config: { copyright: '(c) us' } }).get('/i?FIF=a.tif&OBJ=rights');
    assert.equal(textOf(response), '(c) us\r\n');
  });

  it('measure the image for OBJ=histogram', async () => {
    const statistics = { width: 1, height: 1, bands: [] };
    const app = testApp({
      parts: { readStatistics: ({ page }) => Promise.resolve({ ...statistics, width: page + 7 }) },
    });
    const response = await app.get('/i?FIF=a.tif&OBJ=histogram');
    assert.deepEqual(JSON.parse(textOf(response)), { ...statistics, width: 7 });
    assert.equal(headerOf(response, 'Content-Type'), 'application/json');
  });

  it('list the pages of a stack', async () => {
    const info = imageInfo({ bands: 1, colorSpace: 'gray', pages: [{ name: '400nm', scale: 1 }, { name: '550nm', scale: 0.5 }] }); // prettier-ignore
    const app = testApp({ images: { 'a.tif': info } });
    assert.deepEqual(JSON.parse(textOf(await app.get('/i?FIF=a.tif&OBJ=stack'))), [
      { id: 0, name: '400nm', scale: 1 },
      { id: 1, name: '550nm', scale: 0.5 },
    ]);
    assert.equal(textOf(await app.get('/i?FIF=a.tif&OBJ=Horizontal-views')), 'Horizontal-views:0 1\r\n');
  });
});

describe('tiles that are not there', () => {
  const table: readonly (readonly [query: string, status: number])[] = [
    ['JTL=99,0', 404],
    ['JTL=0,99', 404],
    ['JTL=-1,0', 400],
    ['PTL=0,-1', 400],
    ['TIL=3,0-99', 404],
    ['TIL=3,9-1', 400],
    ['SPECTRA=1,0,9999,4', 400],
    ['PFL=9:5,5-12,5', 400],
    ['PFL=3:1999,5-2005,5', 400],
    ['SDS=1&JTL=0,0', 200],
  ];
  for (const [query, status] of table) {
    it(`${query} is ${status}`, async () =>
      assert.equal((await testApp().get(`/i?FIF=a.tif&${query}`)).status, status));
  }
});

describe('samples of 10, 12 and 14 bits', () => {
  const images = { 'a.tif': imageInfo({ bands: 1, colorSpace: 'gray', bitsPerSample: 10, sampleRange: { min: [0], max: [65535] } }) }; // prettier-ignore

  it('are announced and ranged in the values of the file', async () => {
    const app = testApp({ images });
    assert.equal(
      textOf(await app.get('/i?FIF=a.tif&OBJ=Min-Max-sample-values')),
      'Min-Max-sample-values: 0  1023\r\n',
    );
    const plan = await planOf('MINMAX=0:0,1023&PTL=0,0', { images });
    assert.deepEqual(plan.steps, [
      { kind: 'tone', range: { min: [0], max: [65535], isStretched: false }, curve: { kind: 'linear' }, invert: false, contrast: 1 },
    ]); // prettier-ignore
  });
});

describe('TIL', () => {
  it('frames tiles column by column', async () => {
    const app = testApp();
    const response = await app.get('/i?FIF=a.tif&TIL=2,0-5');
    const body = textOf(response);
    assert.deepEqual([...body.matchAll(/Tile,2,(\d+),0\/(\d+):/g)].map(([, number, length]) => [Number(number), Number(length)]), [
      [0, 16], [4, 16], [1, 16], [5, 16],
    ]); // prettier-ignore
    assert.equal(headerOf(response, 'Content-Type'), 'application/vnd.netfpx');
    assert.ok(body.endsWith('"render"\r\n'));
  });
});

describe('samples', () => {
  it('are XML for SPECTRA and JSON for PFL', async () => {
    const app = testApp();
    assert.match(
      textOf(await app.get('/i?FIF=a.tif&SPECTRA=1,0,3,4')),
      /<wavelength>0<\/wavelength>\s*<reflectance>0\.200000<\/reflectance>/,
    );
    assert.deepEqual(JSON.parse(textOf(await app.get('/i?FIF=a.tif&PFL=3:5,5'))), { profile: [51] });
  });
});
