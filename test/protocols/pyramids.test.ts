import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RenderPlan } from '../../src/render/plan.ts';
import { zoomifyTiers } from '../../src/protocols/zoomify.ts';
import { testApp, textOf } from '../support/app.ts';
import { imageInfo, type InfoParts } from '../support/image-info.ts';

const config = {
  uriMap: [
    { prefix: 'dz', protocol: 'DeepZoom' },
    { prefix: 'zoom', protocol: 'Zoomify' },
  ],
} as const;

async function planOf(uri: string, info: InfoParts = {}): Promise<RenderPlan | number> {
  const app = testApp({ config, images: { 'a.tif': imageInfo(info) } });
  const response = await app.get(uri);
  const [plan] = app.plans;
  return plan?.kind === 'render' ? plan : response.status;
}

const shape = (plan: RenderPlan | number) => {
  if (typeof plan === 'number') return plan;
  const resample = plan.steps.find((step) => step.kind === 'resample');
  return [plan.level, plan.window, resample === undefined ? undefined : [resample.width, resample.height]];
};

describe('DeepZoom', () => {
  it('describes the image', async () => {
    const text = textOf(await testApp({ config }).get('/dz/a.tif.dzi'));
    assert.match(text, /TileSize="256" Overlap="0" Format="jpg"><Size Width="2000" Height="1333"\/>/);
  });

  const table: readonly (readonly [tile: string, expected: unknown])[] = [
    ['11/7_5', [0, { x: 1792, y: 1280, width: 208, height: 53 }, undefined]],
    ['9/1_0', [2, { x: 256, y: 0, width: 244, height: 256 }, undefined]],
    ['8/0_0', [3, { x: 0, y: 0, width: 250, height: 166 }, undefined]],
    ['12/0_0', [0, { x: 0, y: 0, width: 256, height: 256 }, undefined]],
    // Levels that the file does not store are made from the smallest that it does.
    ['7/0_0', [3, { x: 0, y: 0, width: 250, height: 166 }, [125, 84]]],
    ['0/0_0', [3, { x: 0, y: 0, width: 250, height: 166 }, [1, 1]]],
    ['11/8_0', 404],
    ['11/0_6', 404],
    ['0/1_0', 404],
  ];
  for (const [tile, expected] of table) {
    it(tile, async () => assert.deepEqual(shape(await planOf(`/dz/a.tif_files/${tile}.jpg`)), expected));
  }

  it('renders levels of a picture that has but one', async () => {
    const plan = await planOf('/dz/a.tif_files/10/3_2.jpg', { sizes: [[2000, 1333]] });
    assert.deepEqual(shape(plan), [0, { x: 1536, y: 1024, width: 464, height: 309 }, [232, 155]]);
  });

  it('renders the last row where the file stores one row less', async () => {
    // 1025 / 2 is 512.5: the format counts 513 rows and three tiles, the file has 512 rows and two.
    const plan = await planOf('/dz/a.tif_files/10/0_2.jpg', { sizes: [[1025, 1025], [512, 512]] }); // prettier-ignore
    assert.deepEqual(shape(plan), [0, { x: 0, y: 1024, width: 512, height: 1 }, [256, 1]]);
  });
});

describe('Zoomify', () => {
  it('halves until one tile holds the image', () => {
    const tiers = zoomifyTiers({ width: 2000, height: 1333, tileWidth: 256, tileHeight: 256 });
    assert.deepEqual(tiers.map(({ width, height }) => [width, height]), [[2000, 1333], [1000, 666], [500, 333], [250, 166]]); // prettier-ignore
    assert.equal(zoomifyTiers({ width: 100_000, height: 1, tileWidth: 256, tileHeight: 256 }).length, 10);
  });

  it('counts its tiles', async () => {
    const text = textOf(await testApp({ config }).get('/zoom/a.tif/ImageProperties.xml'));
    assert.equal(
      text,
      '<IMAGE_PROPERTIES WIDTH="2000" HEIGHT="1333" NUMTILES="65" NUMIMAGES="1" VERSION="1.8" TILESIZE="256"/>',
    );
  });

  const table: readonly (readonly [tile: string, expected: unknown])[] = [
    ['TileGroup0/0-0-0', [3, { x: 0, y: 0, width: 250, height: 166 }, undefined]],
    ['TileGroup99/3-7-5', [0, { x: 1792, y: 1280, width: 208, height: 53 }, undefined]],
    ['TileGroup0/9-0-0', 404],
    ['TileGroup0/0-1-0', 404],
  ];
  for (const [tile, expected] of table) {
    it(tile, async () => assert.deepEqual(shape(await planOf(`/zoom/a.tif/${tile}.jpg`)), expected));
  }
});
