/** What must hold of every answer to every request over pictures that are whole. */
import assert from 'node:assert/strict';
import sharp from 'sharp';
import { memorySource } from '../../src/image/memory-source.ts';
import { openImage } from '../../src/image/open.ts';
import { headerValue, type Response } from '../../src/server/response.ts';
import { SECRETS } from '../hostile/answers.ts';

const STATUSES: ReadonlySet<number> = new Set([200, 204, 303, 304, 400, 404, 405, 413, 501]);
const REFUSED = /^(?:Error\/\d+:[^\r\n]*\r\n)?[^\r\n]+\r\n$/;
/** One picture, decoded as far as this many pixels. */
const MAX_PIXELS = 2 ** 24;

export async function checkAnswer(response: Response, method: string): Promise<void> {
  const { status, headers, body } = response;
  const text = Buffer.from(body).toString('latin1');
  assert.ok(STATUSES.has(status), `status ${status}: ${text.slice(0, 300)}`);
  assert.equal(headerValue(response, 'x-content-type-options'), 'nosniff');
  for (const [name, value] of headers) {
    assert.match(name, /^[A-Za-z-]+$/);
    assert.match(value, /^[\x20-\x7e]*$/, `header ${name}: ${JSON.stringify(value)}`);
  }
  if (method === 'HEAD' || status === 204 || status === 304) return void assert.equal(body.length, 0);
  const type = headerValue(response, 'content-type') ?? '';
  if (!type.startsWith('image/')) checkText(text, headers);
  if (status >= 400) assert.match(Buffer.from(body).toString(), REFUSED);
  else if (status === 200) await checkBody(type, body);
}

function checkText(text: string, headers: Response['headers']): void {
  const all = `${JSON.stringify(headers)}${text}`;
  for (const secret of SECRETS) assert.ok(!all.includes(secret), `it tells ${secret}: ${all.slice(0, 300)}`);
  assert.doesNotMatch(text, /\n\s+at /, 'a stack');
}

async function checkBody(type: string, body: Uint8Array): Promise<void> {
  if (type.includes('json')) JSON.parse(Buffer.from(body).toString());
  else if (type.includes('xml')) checkXml(Buffer.from(body).toString());
  else if (type.startsWith('image/')) await checkPicture(type, body);
}

/** Good enough to find what was not escaped: tags pair up, and nothing in a text looks like one. */
function checkXml(text: string): void {
  const open: string[] = [];
  for (const [tag, close, name = '', isEmpty] of text.matchAll(
    /<(\/?)([A-Za-z:]+)(?:\s+[\w:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*(\/?)>/g,
  )) {
    if (close === '/') assert.equal(open.pop(), name, tag);
    else if (isEmpty !== '/') open.push(name);
  }
  assert.deepEqual(open, [], text.slice(0, 300));
  assert.doesNotMatch(text, /&(?!(?:amp|lt|gt|quot|apos|#\d+);)/, 'an & that is not escaped');
}

/** By libvips; TIFF, of whose compressions and numbers of bands libvips knows some only, by our own reader. */
async function checkPicture(type: string, body: Uint8Array): Promise<void> {
  if (type === 'image/tiff') return checkTiff(body);
  const image = sharp(body, { failOn: 'warning', limitInputPixels: MAX_PIXELS });
  const { width = 0, height = 0, channels = 0 } = await image.metadata();
  assert.ok(width > 0 && height > 0 && channels > 0, `${type} of ${width} × ${height}`);
  const { data } = await image.raw().toBuffer({ resolveWithObject: true });
  assert.ok(data.length >= width * height, `${type} of ${data.length} bytes`);
}

async function checkTiff(body: Uint8Array): Promise<void> {
  const reader = await openImage(memorySource(body));
  const { width, height } = reader.info.levels[0]!;
  assert.ok(width * height <= MAX_PIXELS);
  const window = { x: 0, y: 0, width, height };
  const { data, bands } = await reader.readWindow({ page: 0, level: 0, window });
  assert.equal(data.length, width * height * bands);
}
