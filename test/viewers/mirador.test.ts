import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { freePort } from '../support/ports.ts';
import { FIXTURES, startProgram } from '../support/program.ts';
import { scopeOf } from '../support/scope.ts';
import { BROWSER_MISSING, openPage, type Size } from './browser.ts';
import { packageFile, type PackageFile } from './npm-package.ts';

const MIRADOR: PackageFile = {
  of: 'mirador@4.0.0',
  integrity:
    'sha512-uWsE9e2oqSc/lUu+vVwDGhTsycuhGsfZ2KfX6CLfXiT3wgGy6qT9+q5M3V9Zz72hkdIgsJugKesaowmRtYmvrA==',
  file: 'dist/mirador.min.js',
};

const IMAGE = 'rgb-deflate.tif';
const SIZE: Size = { width: 2000, height: 1333 };
const SCREEN: Size = { width: 1000, height: 700 };
/** Compared in the middle of the canvas. */
const MIDDLE: Size = { width: 240, height: 160 };
/** Mean difference of 8-bit samples; another place of the picture differs by far more. */
const CLOSE = 8;
const LIMIT_MS = 120_000;

/** What this version says to React about itself. */
const MIRADORS_OWN = 'Accessing element.ref was removed in React 19';

const PAGE = `<!doctype html><meta charset="utf-8"><title>Mirador</title>
<style>html, body, #mirador { margin: 0; height: 100% }</style>
<div id="mirador"></div><script src="/try/mirador.js"></script>
<script>
  const mirador = Mirador.viewer({
    id: 'mirador',
    windows: [{ id: 'only', manifestId: location.origin + '/try/manifest.json' }],
    window: { sideBarPanel: 'info', sideBarOpen: false },
  });
</script>`;

/** IIIF Presentation API 3.0: one canvas with one image of our service. */
function manifest(origin: string, version: 2 | 3): string {
  const [canvas, service] = [`${origin}/try/canvas`, `${origin}/iiif/${IMAGE}`];
  const body = {
    id: `${service}/full/max/0/default.jpg`,
    type: 'Image',
    format: 'image/jpeg',
    ...SIZE,
    service: [
      version === 3
        ? { id: service, type: 'ImageService3', profile: 'level2' }
        : { '@id': service, '@type': 'ImageService2', profile: 'http://iiif.io/api/image/2/level2.json' },
    ],
  };
  const annotation = {
    id: `${canvas}/image`,
    type: 'Annotation',
    motivation: 'painting',
    target: canvas,
    body,
  };
  const page = { id: `${canvas}/page`, type: 'AnnotationPage', items: [annotation] };
  return JSON.stringify({
    '@context': 'http://iiif.io/api/presentation/3/context.json',
    id: `${origin}/try/manifest.json`,
    type: 'Manifest',
    label: { en: ['A picture'] },
    items: [{ id: canvas, type: 'Canvas', ...SIZE, items: [page] }],
  });
}

/** Resolves with the middle of the picture on the screen, as RGB, once it does not change any more. */
async function settledMiddle(page: Page): Promise<Buffer> {
  const canvas = page.locator('.openseadragon-canvas').first();
  await canvas.waitFor({ timeout: LIMIT_MS });
  let before: Buffer | undefined;
  for (const end = Date.now() + LIMIT_MS; Date.now() < end;) {
    await page.waitForLoadState('networkidle', { timeout: LIMIT_MS });
    await page.waitForTimeout(500);
    const box = await canvas.boundingBox();
    assert.ok(box !== null);
    const [x, y] = [box.x + box.width / 2 - MIDDLE.width / 2, box.y + box.height / 2 - MIDDLE.height / 2];
    const shot = await page.screenshot({ clip: { x: Math.round(x), y: Math.round(y), ...MIDDLE } });
    const pixels = await sharp(shot).removeAlpha().raw().toBuffer();
    if (before?.equals(pixels) === true) return pixels;
    before = pixels;
  }
  throw new Error('the picture never came to rest');
}

function distance(one: Buffer, other: Buffer): number {
  assert.equal(one.length, other.length);
  let sum = 0;
  for (let at = 0; at < one.length; at++) sum += Math.abs(one[at]! - other[at]!);
  return sum / one.length;
}

describe('Mirador in Chromium', () => {
  for (const version of [2, 3] as const) {
    it(
      `shows a picture over IIIF ${version}, right at full size`,
      { skip: BROWSER_MISSING, timeout: 600_000 },
      async (test) => {
        const scope = scopeOf(test);
        const program = await packageFile(scope, MIRADOR);
        if (program === undefined) return test.skip('the npm registry cannot be reached');
        const httpPort = await freePort();
        const env = { URI_MAP: 'iiif=>IIIF', IIIF_VERSION: String(version), JPEG_QUALITY: '95' };
        await startProgram(scope, { httpPort, env });
        const origin = `http://127.0.0.1:${httpPort}`;
        const { page, complaints } = await openPage(scope, `${origin}/try/`, SCREEN, async (blank) => {
          const files: Readonly<Record<string, readonly [string, string]>> = {
            '': ['text/html', PAGE],
            'mirador.js': ['text/javascript', program],
            'manifest.json': ['application/json', manifest(origin, version)],
          };
          for (const [name, [contentType, body]] of Object.entries(files)) {
            await blank.route(`${origin}/try/${name}`, (route) => route.fulfill({ contentType, body }));
          }
        });
        await settledMiddle(page);
        await page.evaluate(`{
          const { clientWidth } = document.querySelector('.openseadragon-canvas');
          const viewport = { x: ${SIZE.width / 2}, y: ${SIZE.height / 2}, zoom: 1 / clientWidth };
          mirador.store.dispatch(Mirador.updateViewport('only', viewport));
        }`);
        const shown = await settledMiddle(page);
        const right = await sharp(path.join(FIXTURES, IMAGE))
          .extract({
            left: (SIZE.width - MIDDLE.width) / 2,
            top: Math.round((SIZE.height - MIDDLE.height) / 2),
            ...MIDDLE,
          })
          .removeAlpha()
          .raw()
          .toBuffer();
        const apart = distance(shown, right);
        test.diagnostic(`off by ${apart.toFixed(1)} at full size`);
        assert.ok(apart < CLOSE, `the full size differs by ${apart}`);
        assert.deepEqual(
          complaints.filter((complaint) => !complaint.includes(MIRADORS_OWN)),
          [],
        );
      },
    );
  }
});
