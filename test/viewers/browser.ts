/** A page of this server in a real browser, and what it shows. */
import { chromium, type Page } from 'playwright-core';
import { waitFor } from '../support/daemon.ts';
import { programPath, skipUnless } from '../support/real-programs.ts';
import type { Scope } from '../support/scope.ts';

export const BROWSER_MISSING = skipUnless('chromium');

/** Alone, without graphics hardware, and asking nobody but this server. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const LIMIT_MS = 120_000;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Part of the full image, in its pixels. */
export interface Part extends Size {
  readonly x: number;
  readonly y: number;
}

/** The viewer page with OpenSeadragon; texts run in the page, whose security policy allows no `eval` of its own. */
export class ViewerPage {
  readonly page: Page;
  /** Failed requests, errors on the console, exceptions. */
  readonly complaints: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(LIMIT_MS);
    page.on('response', (response) => {
      if (response.status() >= 400) this.complaints.push(`${response.status()} ${response.url()}`);
    });
    page.on('requestfailed', (request) => this.complaints.push(`failed: ${request.url()}`));
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => this.complaints.push(`exception: ${error.message}`));
  }

  /** Resolves when every tile of the view is there. */
  async settled(): Promise<void> {
    const isSettled = 'viewer.world.getItemCount() === 1 && viewer.world.getItemAt(0).getFullyLoaded()';
    await waitFor(
      () => this.page.evaluate<boolean>(isSettled),
      `the picture is there: ${this.complaints.join()}`,
    );
    // What was loaded last is drawn with the next frame.
    await this.page.evaluate(
      'new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))',
    );
  }

  /** Each pixel of the picture on one of the screen, with `x`, `y` of the picture in the middle. */
  async zoomToFullSize(x: number, y: number): Promise<void> {
    await this.page.evaluate(`{
      const { viewport } = viewer;
      viewport.zoomTo(viewport.imageToViewportZoom(1), null, true);
      const { canvas } = viewer.drawer;
      // The middle of an odd number of pixels is the middle of a pixel.
      const [x, y] = [${x} + (canvas.width % 2) / 2, ${y} + (canvas.height % 2) / 2];
      viewport.panTo(viewport.imageToViewportCoordinates(x, y), true);
      viewport.applyConstraints(true);
    }`);
    await this.settled();
  }

  /** What part of the picture `size` pixels in the middle of the canvas show. */
  async middle({ width, height }: Size): Promise<Part> {
    return this.page.evaluate<Part>(`(() => {
      const { canvas } = viewer.drawer;
      const item = viewer.world.getItemAt(0);
      const at = (x, y) => item.viewerElementToImageCoordinates(new OpenSeadragon.Point(x, y));
      const [left, top] = [canvas.width - ${width}, canvas.height - ${height}].map((rest) => Math.floor(rest / 2));
      const [start, end] = [at(left, top), at(left + ${width}, top + ${height})];
      return { x: start.x, y: start.y, width: end.x - start.x, height: end.y - start.y };
    })()`);
  }

  /** `size` pixels in the middle of the canvas as RGB. */
  async pixels({ width, height }: Size): Promise<Buffer> {
    const encoded = await this.page.evaluate<string>(`(() => {
      const { canvas } = viewer.drawer;
      const [left, top] = [canvas.width - ${width}, canvas.height - ${height}].map((rest) => Math.floor(rest / 2));
      const { data } = canvas.getContext('2d').getImageData(left, top, ${width}, ${height});
      let text = '';
      for (let i = 0; i < data.length; i++) if (i % 4 < 3) text += String.fromCharCode(data[i]);
      return btoa(text);
    })()`);
    return Buffer.from(encoded, 'base64');
  }

  text(selector: string): Promise<string> {
    return this.page.locator(selector).innerText();
  }
}

/**
 * A page of 127.0.0.1 in a browser that is closed with the scope.
 *
 * @param prepare runs before the page is opened.
 */
export async function openPage(
  scope: Scope,
  url: string,
  viewport: Size,
  prepare: (page: Page) => Promise<void> = () => Promise.resolve(),
): Promise<ViewerPage> {
  const browser = await chromium.launch({
    executablePath: programPath('chromium'),
    args: ARGUMENTS,
    timeout: LIMIT_MS,
  });
  scope.defer(() => browser.close());
  const page = new ViewerPage(await browser.newPage({ viewport }));
  await prepare(page.page);
  await page.page.goto(url);
  return page;
}
