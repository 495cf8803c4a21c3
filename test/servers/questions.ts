/** The same questions to a web server and to the program itself: the answers must be the same. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { cgiParams, fcgiRequest, type Where } from '../support/fcgi-client.ts';
import { httpRequest } from '../support/http-client.ts';

interface Question {
  readonly name: string;
  readonly uri: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number;
}

/** For servers whose settings have this URI_MAP. */
export const URI_MAP = 'iiif=>IIIF,deepzoom=>DeepZoom,zoomify=>Zoomify';

const IIP = '/fcgi-bin/iipsrv.fcgi';
const TILE = `${IIP}?FIF=rgb-jpeg.tif&JTL=2,3`;

const QUESTIONS: readonly Question[] = [
  { name: 'an info.json', uri: '/iiif/rgb-jpeg.tif/info.json', status: 200 },
  { name: 'an identifier with encoded signs', uri: '/iiif/sub%2Fwith%20space.tif/info.json', status: 200 },
  { name: 'an IIIF region', uri: '/iiif/rgb-deflate.tif/square/^100,/90/gray.png', status: 200 },
  { name: 'a redirect', uri: '/iiif/rgb-jpeg.tif', status: 303 },
  { name: 'a tile over IIP', uri: TILE, status: 200 },
  { name: 'a tile over DeepZoom', uri: '/deepzoom/rgb-jpeg.tif_files/10/1_1.jpg', status: 200 },
  { name: 'a tile over Zoomify', uri: '/zoomify/rgb-jpeg.tif/TileGroup0/2-1-1.jpg', status: 200 },
  { name: 'a CVT', uri: `${IIP}?FIF=rgb-lzw-512.tif&RGN=0.1,0.2,0.5,0.5&WID=300&CVT=png`, status: 200 },
  { name: 'text', uri: `${IIP}?FIF=grey16.tif&OBJ=IIP,1.0&OBJ=Basic-info&OBJ=Resolutions`, status: 200 },
  { name: 'an image that is not there', uri: `${IIP}?FIF=nowhere.tif&JTL=0,0`, status: 404 },
  { name: 'a malformed request', uri: '/iiif/rgb-jpeg.tif/full/nonsense/0/default.jpg', status: 400 },
  { name: 'HEAD', uri: TILE, method: 'HEAD', status: 200 },
  { name: 'OPTIONS', uri: TILE, method: 'OPTIONS', status: 204 },
  { name: 'a method that is not offered', uri: TILE, method: 'DELETE', status: 405 },
];

/** Headers that a web server passes on as they are. */
const HEADERS = [
  'content-type',
  'content-length',
  'content-disposition',
  'last-modified',
  'etag',
  'cache-control',
  'link',
  'location',
  'vary',
  'allow',
  'access-control-allow-origin',
  'x-powered-by',
];

export interface Front {
  /** Where the web server listens. */
  readonly port: number;
  /** A program with the same settings. */
  readonly direct: Where;
}

/** Asks every question, each as a test of its own. */
export async function askEverything(test: TestContext, front: Front): Promise<void> {
  for (const question of QUESTIONS) {
    await test.test(question.name, () => askBoth(front, question));
  }
  await test.test('what the client has already, by date and by tag', () => askConditionally(front));
}

async function askBoth(front: Front, question: Question): Promise<void> {
  const { uri, method = 'GET', headers = {} } = question;
  const got = await httpRequest(front.port, uri, { method, headers });
  const host = `127.0.0.1:${front.port}`;
  const right = await fcgiRequest(front.direct, cgiParams(uri, { method, host, headers }));
  assert.equal(right.status, question.status, right.body.toString('utf8', 0, 200));
  assert.equal(got.status, right.status, got.body.toString('utf8', 0, 200));
  assert.deepEqual(picked(got.headers), picked(right.headers));
  assert.ok(got.body.equals(right.body), `${got.body.length} bytes differ from ${right.body.length}`);
}

function picked(headers: Readonly<Record<string, string>>): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(HEADERS.map((name) => [name, headers[name]]));
}

async function askConditionally(front: Front): Promise<void> {
  const first = await httpRequest(front.port, TILE);
  const { etag = '', 'last-modified': modified = '' } = first.headers;
  assert.match(etag, /^(W\/)?"[^"]+"$/);
  for (const headers of [{ 'If-None-Match': etag }, { 'If-Modified-Since': modified }]) {
    const answer = await httpRequest(front.port, TILE, { headers });
    assert.deepEqual([answer.status, answer.body.length], [304, 0], JSON.stringify(headers));
    assert.equal(answer.headers['etag'], etag);
  }
  for (const headers of [
    { 'If-None-Match': '"other"' },
    { 'If-Modified-Since': 'Thu, 01 Jan 1998 00:00:00 GMT' },
  ]) {
    const answer = await httpRequest(front.port, TILE, { headers });
    assert.equal(answer.status, 200, JSON.stringify(headers));
    assert.ok(answer.body.equals(first.body));
  }
}
