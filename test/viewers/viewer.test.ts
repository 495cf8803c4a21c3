import assert from 'node:assert/strict';
import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import sharp from 'sharp';
import { freePort } from '../support/ports.ts';
import { FIXTURES, startProgram } from '../support/program.ts';
import { scopeOf, type Scope } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { BROWSER_MISSING, openPage, type Part, type Size, type ViewerPage } from './browser.ts';

const options = { skip: BROWSER_MISSING, timeout: 600_000 };

const IMAGE = 'rgb-deflate.tif';
const SCREEN: Size = { width: 1000, height: 700 };
/** Compared in the middle of the canvas. */
const MIDDLE: Size = { width: 360, height: 240 };
/** Where the picture has letters, whose edges a smaller level cannot show. */
const LETTERS = { x: 930, y: 520 };

/** Mean differences of 8-bit samples. What is read from other places or in other colors differs by far more. */
const CLOSE = 8;
const VERY_CLOSE = 5;

/** A program over a few images, with the viewer page. @returns its port. */
async function serveImages(scope: Scope, names: readonly string[]): Promise<number> {
  const folder = await tempFolder(scope);
  for (const name of names) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await copyFile(path.join(FIXTURES, name), path.join(folder, name));
  }
  const httpPort = await freePort();
  await startProgram(scope, { httpPort, env: { FILESYSTEM_PREFIX: folder + path.sep, JPEG_QUALITY: '95' } });
  return httpPort;
}

/** What the file itself shows there, at that size, as RGB. */
async function truth(name: string, part: Part, size: Size): Promise<Buffer> {
  const [left, top] = [Math.round(part.x), Math.round(part.y)];
  const [width, height] = [Math.round(part.width), Math.round(part.height)];
  return sharp(path.join(FIXTURES, name))
    .extract({ left, top, width, height })
    .resize({ ...size, fit: 'fill', kernel: 'linear' })
    .removeAlpha()
    .raw()
    .toBuffer();
}

/** Mean absolute difference. */
function distance(one: Buffer, other: Buffer): number {
  assert.equal(one.length, other.length);
  let sum = 0;
  for (let at = 0; at < one.length; at++) sum += Math.abs(one[at]! - other[at]!);
  return sum / one.length;
}

/** Without color, which JPEG keeps at half the sharpness. */
function gray(rgb: Buffer): Buffer {
  return Buffer.from(
    Array.from(
      { length: rgb.length / 3 },
      (_, at) => 0.299 * rgb[at * 3]! + 0.587 * rgb[at * 3 + 1]! + 0.114 * rgb[at * 3 + 2]!,
    ),
  );
}

/** The middle of what is shown, enlarged until the part fills as many pixels as `part` has in the file. */
async function enlarged(view: Buffer, shown: Part, part: Part): Promise<Buffer> {
  const scale = MIDDLE.width / shown.width;
  const crop = { width: Math.round(part.width * scale), height: Math.round(part.height * scale) };
  const left = Math.round((part.x - shown.x) * scale);
  const top = Math.round((part.y - shown.y) * scale);
  const raw = { ...MIDDLE, channels: 3 as const };
  return sharp(view, { raw })
    .extract({ left, top, ...crop })
    .resize({ width: part.width, height: part.height, fit: 'fill' })
    .raw()
    .toBuffer();
}

/** Opens an image and zooms in: right at first, right at full size, and sharper there. */
async function checkPicture(test: TestContext, page: ViewerPage): Promise<void> {
  await page.settled();
  const shown = await page.middle(MIDDLE);
  const first = await page.pixels(MIDDLE);
  assert.ok(shown.width > 1.5 * MIDDLE.width, 'the whole picture is smaller than its full size');
  const wide = distance(first, await truth(IMAGE, shown, MIDDLE));
  assert.ok(wide < CLOSE, `the first view differs by ${wide}`);

  await page.zoomToFullSize(LETTERS.x, LETTERS.y);
  const part = await page.middle(MIDDLE);
  assert.deepEqual([Math.round(part.width), Math.round(part.height)], [MIDDLE.width, MIDDLE.height]);
  const full = await page.pixels(MIDDLE);
  const right = await truth(IMAGE, part, MIDDLE);
  const near = distance(full, right);
  assert.ok(near < VERY_CLOSE, `the full size differs by ${near}`);
  const exact = { x: Math.round(part.x), y: Math.round(part.y), ...MIDDLE };
  const before = distance(gray(await enlarged(first, shown, exact)), gray(right));
  const after = distance(gray(full), gray(right));
  test.diagnostic(
    `off by ${wide.toFixed(1)} at first, ${near.toFixed(1)} at full size; in gray ${before.toFixed(1)}, then ${after.toFixed(1)}`,
  );
  assert.ok(after < before / 2, `differed by ${before} at first, by ${after} at full size`);
}

describe('the viewer page in Chromium', () => {
  for (const protocol of ['iiif', 'deepzoom', 'zoomify', 'iip']) {
    it(`shows a picture over ${protocol} that gets sharper`, options, async (test) => {
      const scope = scopeOf(test);
      const port = await serveImages(scope, [IMAGE, 'rgb-jpeg.tif']);
      const page = await openPage(
        scope,
        `http://127.0.0.1:${port}/#image=${IMAGE}&protocol=${protocol}`,
        SCREEN,
      );
      await checkPicture(test, page);
      assert.equal(await page.text('#facts'), '2000 × 1333 pixels');
      assert.deepEqual(page.complaints, []);
    });
  }

  it('opens another image from its list, also from a folder, over every protocol', options, async (test) => {
    const { page } = await open(test, ['rgb-jpeg.tif', 'sub/with space.tif'], '', SCREEN);
    await page.settled();
    assert.equal(await page.text('#facts'), '2000 × 1333 pixels');
    await page.page.getByRole('button', { name: 'sub/with space.tif' }).click();
    for (const protocol of ['IIIF', 'DeepZoom', 'Zoomify', 'IIP']) {
      await page.page.getByLabel('over').selectOption(protocol);
      await page.page.getByText('560 × 420 pixels').waitFor();
      await page.settled();
    }
    assert.deepEqual(page.complaints, []);
  });

  it('says in words why an image cannot be shown', options, async (test) => {
    const { page } = await open(test, ['text.txt'], '#image=text.txt&protocol=iip', SCREEN);
    await page.page.getByText('text.txt: this file is no picture').waitFor();
  });

  it('fits a telephone', options, async (test) => {
    const { page } = await open(test, ['rgb-jpeg.tif', IMAGE], '', { width: 390, height: 844 });
    await page.settled();
    const [wide, picture] = await page.page.evaluate<[number, number]>(
      '[document.documentElement.scrollWidth, document.getElementById("viewer").clientHeight]',
    );
    assert.ok(wide <= 390, `the page is ${wide} pixels wide`);
    assert.ok(picture > 500, `the picture has ${picture} pixels of height`);
    for (const name of ['Open', 'rgb-jpeg.tif']) {
      const box = await page.page.getByRole('button', { name }).boundingBox();
      assert.ok(box !== null && box.x >= 0 && box.x + box.width <= 390, `${name} is on the screen`);
    }
    assert.deepEqual(page.complaints, []);
  });
});

async function open(
  test: TestContext,
  names: readonly string[],
  hash: string,
  screen: Size,
): Promise<{ readonly page: ViewerPage }> {
  const scope = scopeOf(test);
  const port = await serveImages(scope, names);
  return { page: await openPage(scope, `http://127.0.0.1:${port}/${hash}`, screen) };
}
