import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import sharp from 'sharp';
import { readConfig } from '../src/config/read-config.ts';
import { createImageServer } from '../src/image-server.ts';
import { makeRequest } from '../src/server/request.ts';
import { buildTiff, pictureTags } from './image/support/build-tiff.ts';
import type { DirectorySpec, TagSpec } from './image/support/build-tiff.ts';
import { memoryLog } from './support/log.ts';
import { scopeOf } from './support/scope.ts';
import { tempFolder } from './support/temp-folder.ts';

const IIP = '/fcgi-bin/iipsrv.fcgi?FIF=';

/** Red grows to the right, green downwards; blue tells the page. */
function page(width: number, height: number, blue: number, extra: readonly TagSpec[] = []): DirectorySpec {
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i += 3)
      pixels.set([Math.floor((x * 255) / width), Math.floor((y * 255) / height), blue], i);
  const tags = pictureTags({ width, height, bands: 3, photometric: 2, rowsPerStrip: height, extra });
  return { tags, segments: [pixels], segmentKind: 'strips' };
}

const orientation = (value: number): TagSpec => ({ tag: 'Orientation', type: 'short', values: [value] });
const named = (name: string): TagSpec => ({ tag: 'PageName', type: 'ascii', values: name });

async function serve(
  test: TestContext,
  env: Readonly<Record<string, string>>,
  directories: readonly DirectorySpec[],
) {
  const folder = await tempFolder(scopeOf(test));
  writeFileSync(path.join(folder, 'a.tif'), buildTiff(directories));
  const settings = {
    FILESYSTEM_PREFIX: folder + path.sep,
    URI_MAP: 'iiif=>IIIF,dz=>DeepZoom,zoomify=>Zoomify',
    IIIF_DELIMITER: ';',
    OMP_NUM_THREADS: '1',
    ...env,
  };
  const { config } = readConfig(settings, { cpus: 1, avifCodecs: [] });
  const log = memoryLog();
  const server = await createImageServer(config, log, '1.3');
  const alive = setInterval(() => undefined, 60_000);
  test.after(() => {
    clearInterval(alive);
    return server.stop();
  });
  const ask = async (uri: string) => {
    const { status, body } = await server.respond(makeRequest({ uri }), new AbortController().signal);
    return { status, body: Buffer.from(body), text: Buffer.from(body).toString() };
  };
  /** Size, and the pixel at a place that is told as parts of the sides. */
  const pixel = async (uri: string, x: number, y: number) => {
    const { status, body, text } = await ask(uri);
    assert.equal(status, 200, `${uri}: ${text.slice(0, 200)}`);
    const { data, info } = await sharp(body).raw().toBuffer({ resolveWithObject: true });
    const at = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * info.channels;
    return { size: `${info.width}x${info.height}`, color: [...data.subarray(at, at + 3)] };
  };
  return { ask, pixel, log };
}

function assertNear(color: readonly number[], expected: readonly number[]): void {
  const isNear = color.every((sample, band) => Math.abs(sample - expected[band]!) <= 12);
  assert.ok(isNear, `${color.join()} is not near ${expected.join()}`);
}

describe('a document of pages that differ, in all protocols', () => {
  const pages = [
    page(300, 200, 0, [named('cover')]),
    page(700, 900, 200, [named('map')]),
    page(300, 200, 100, [orientation(6)]),
  ];

  it('lists its pages', async (test) => {
    const { ask } = await serve(test, {}, pages);
    const stack: unknown = JSON.parse((await ask(`${IIP}a.tif&OBJ=stack`)).text);
    assert.deepEqual(stack, [
      { id: 0, name: 'cover', scale: 1 },
      { id: 1, name: 'map', scale: 1 },
      { id: 2, name: '', scale: 1 },
    ]);
    assert.match((await ask(`${IIP}a.tif&OBJ=Horizontal-views`)).text, /:0 1 2\r/);
  });

  it('tells the size of each', async (test) => {
    const { ask } = await serve(test, {}, pages);
    assert.match((await ask(`${IIP}a.tif&OBJ=Max-size`)).text, /Max-size:300 200/);
    assert.match((await ask(`${IIP}a.tif&SDS=1&OBJ=Max-size`)).text, /Max-size:700 900/);
    assert.match(
      (await ask(`${IIP}a.tif&SDS=1&OBJ=Resolutions`)).text,
      /Resolutions:175 225,350 450,700 900/,
    );
    assert.match((await ask(`${IIP}a.tif&SDS=2&OBJ=Max-size`)).text, /Max-size:200 300/);
    const { width, height } = JSON.parse((await ask('/iiif/a.tif;1/info.json')).text) as Record<
      string,
      number
    >;
    assert.deepEqual([width, height], [700, 900]);
    assert.match((await ask('/dz/a.tif;1.dzi')).text, /Width="700" Height="900"/);
    assert.match((await ask('/zoomify/a.tif;1/ImageProperties.xml')).text, /WIDTH="700" HEIGHT="900"/);
  });

  it('shows each', async (test) => {
    const { ask, pixel } = await serve(test, {}, pages);
    const middle = [127, 127, 200];
    for (const [uri, size] of [
      [`${IIP}a.tif&SDS=1&WID=350&CVT=png`, '350x450'],
      ['/iiif/a.tif;1/full/350,/0/default.png', '350x450'],
      ['/iiif/a.tif%3B1/full/max/0/default.png', '700x900'],
      ['/dz/a.tif;1_files/8/0_0.png', '175x225'],
    ] as const) {
      const found = await pixel(uri, 0.5, 0.5);
      assert.equal(found.size, size, uri);
      assertNear(found.color, middle);
    }
    assertNear((await pixel(`${IIP}a.tif&SDS=1&JTL=0,0`, 0.5, 0.5)).color, middle);
    assertNear((await pixel('/zoomify/a.tif;1/TileGroup0/0-0-0.jpg', 0.5, 0.5)).color, middle);
    for (const uri of [
      `${IIP}a.tif&SDS=3&CVT=png`,
      '/iiif/a.tif;3/info.json',
      '/dz/a.tif;3.dzi',
      '/zoomify/a.tif;9/TileGroup0/0-0-0.jpg',
    ])
      assert.equal((await ask(uri)).status, 404, uri);
  });

  it('measures each', async (test) => {
    const { ask } = await serve(test, {}, pages);
    const { width, bands } = JSON.parse((await ask(`${IIP}a.tif&SDS=1&OBJ=histogram`)).text) as {
      width: number;
      bands: { mean: number }[];
    };
    assert.deepEqual([width, bands[2]?.mean], [175, 200]);
    // Pages of the same size only: four pixels of three bands.
    const { profile } = JSON.parse((await ask(`${IIP}a.tif&PFL=1:5,5-9,5`)).text) as { profile: number[] };
    assert.equal(profile.length, 12);
  });
});

describe('a picture that lies on its side, in all protocols', () => {
  /** Stored 900 × 300, shown 300 × 900: the stored left is on top, the stored top on the right. */
  const picture = [page(900, 300, 50, [orientation(6)])];

  it('stands upright', async (test) => {
    const { ask, pixel } = await serve(test, {}, picture);
    assert.match((await ask(`${IIP}a.tif&OBJ=Max-size`)).text, /Max-size:300 900/);
    for (const [uri, size] of [
      [`${IIP}a.tif&CVT=png`, '300x900'],
      [`${IIP}a.tif&HEI=225&CVT=png`, '75x225'],
      ['/iiif/a.tif/full/max/0/default.png', '300x900'],
      ['/dz/a.tif_files/8/0_0.png', '75x225'],
    ] as const) {
      const found = await pixel(uri, 0.9, 0.1);
      assert.equal(found.size, size, uri);
      assertNear(found.color, [25, 25, 50]);
    }
    assertNear((await pixel(`${IIP}a.tif&JTL=0,0`, 0.9, 0.1)).color, [25, 25, 50]);
    assertNear((await pixel('/zoomify/a.tif/TileGroup0/0-0-0.jpg', 0.9, 0.1)).color, [25, 25, 50]);
    assertNear((await pixel(`${IIP}a.tif&RGN=0.5,0,0.5,0.5&CVT=png`, 0.98, 0.02)).color, [2, 2, 50]);
  });

  it('is shown as it is stored when ORIENTATION is 0', async (test) => {
    const { ask, pixel } = await serve(test, { ORIENTATION: '0' }, picture);
    assert.match((await ask(`${IIP}a.tif&OBJ=Max-size`)).text, /Max-size:900 300/);
    assertNear((await pixel(`${IIP}a.tif&CVT=png`, 0.9, 0.1)).color, [229, 25, 50]);
  });
});

describe('a TIFF that has lost its later directories', () => {
  it('is served with those that are there, and the log is told once', async (test) => {
    const { ask, log } = await serve(test, {}, [page(40, 30, 0), { ...page(40, 30, 9), next: 99_999_999 }]);
    assert.match((await ask(`${IIP}a.tif&OBJ=Horizontal-views`)).text, /:0 1\r/);
    assert.equal((await ask(`${IIP}a.tif&SDS=1&CVT=png`)).status, 200);
    const warnings = log.lines.filter(({ level }) => level === 'warn');
    assert.deepEqual(
      warnings.map(({ message }) => message),
      ['a directory of this TIFF is left out'],
    );
    assert.match(String(warnings[0]?.fields['path']), /a\.tif$/);
  });
});
