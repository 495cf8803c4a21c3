import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { parseLogLine } from '../../src/shadow/access-log.ts';
import { compareAnswers, psnrOf } from '../../src/shadow/compare.ts';
import type { ReplayReport } from '../../src/shadow/replay.ts';
import { freePort } from '../support/ports.ts';
import { runProgram, startProgram } from '../support/program.ts';
import { scopeOf } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';

describe('lines of access logs', () => {
  for (const [line, method, uri, status] of [
    ['1.2.3.4 - - [10/Oct/2025:13:55:36 +0000] "GET /a?b=1&c=%20 HTTP/1.1" 200 2326', 'GET', '/a?b=1&c=%20', 200],
    ['::1 - bob [10/Oct/2025:13:55:36 +0000] "HEAD /iiif/x HTTP/2.0" 404 - "http://r/" "Mozilla \\"5\\""', 'HEAD', '/iiif/x', 404],
    ['host:443 1.2.3.4 - - [x] "GET /p HTTP/1.0" 304 0 rt=0.001', 'GET', '/p', 304],
    ['1 - - [x] "GET /\\xC3\\xBC.tif?a=\\"b\\" HTTP/1.1" 200 1', 'GET', '/%C3%BC.tif?a="b"', 200],
  ] as const) {
    it(`give ${method} ${uri}`, () => assert.deepEqual(parseLogLine(line), { method, uri, status }));
  } // prettier-ignore
  for (const line of ['', 'nonsense', '1 - - [x] "POST /a HTTP/1.1" 200 1', '1 - - [x] "GET http://evil/ HTTP/1.1" 200 1', '1 - - [x] "-" 400 0']) {
    it(`give nothing: ${line}`, () => assert.equal(parseLogLine(line), undefined));
  } // prettier-ignore
});

const answer = (body: Uint8Array | string, contentType = 'text/plain', status = 200) => ({
  status,
  contentType,
  body: Buffer.from(body),
});

describe('two answers', () => {
  const picture = (value: number, width = 8) =>
    sharp({ create: { width, height: 8, channels: 3, background: { r: value, g: value, b: value } } })
      .png()
      .toBuffer();

  it('are the same as texts and JSON by what they say', async () => {
    const compare = async (a: string, b: string) => (await compareAnswers(answer(a), answer(b), 40)).kind;
    assert.equal(await compare('a\r\nb \n', 'a\nb'), 'same');
    assert.equal(await compare('{"a":1,"b":[1,2]}', '{ "b": [1,2], "a": 1 }'), 'same');
    assert.equal(await compare('{"b":[1,2]}', '{"b":[2,1]}'), 'text');
  });

  it('differ by status first, then type, size, pixels', async () => {
    const png = 'image/png';
    const [black, gray, wide] = [await picture(0), await picture(1), await picture(0, 9)];
    const compare = (a: Parameters<typeof compareAnswers>[0], b: typeof a) => compareAnswers(a, b, 40);
    assert.deepEqual(await compare(answer('x', png, 404), answer(black, png)), { kind: 'status', from: 404, to: 200 });
    assert.deepEqual(await compare(answer('x', png, 404), answer('y', 'text/html', 404)), { kind: 'same' });
    assert.deepEqual(await compare(answer(black, png), answer(black.subarray(1), 'image/jpeg')), { kind: 'type', from: png, to: 'image/jpeg' });
    assert.deepEqual(await compare(answer(black, png), answer(wide, png)), { kind: 'size', from: '8x8', to: '9x8' });
    assert.deepEqual(await compare(answer(black, png), answer('no', png)), { kind: 'undecodable', which: 'to' });
    // One step of 255 in three of four bands: 10 log10(255² / 0.75).
    assert.deepEqual(await compare(answer(black, png), answer(gray, png)), { kind: 'close', psnr: 49.4 });
    assert.deepEqual(await compare(answer(black, png), answer(await picture(100), png)), { kind: 'pixels', psnr: 9.4 });
  }); // prettier-ignore

  it('have a PSNR of 99 when they are equal', () =>
    assert.equal(psnrOf(Uint8Array.of(1), Uint8Array.of(1)), 99));
});

describe('iipsrv shadow', () => {
  const LOG = [
    '/?FIF=rgb-deflate.tif&JTL=3,5', '/?FIF=rgb-deflate.tif&WID=300&CVT=jpeg', '/?FIF=grey8.tif&obj=Max-size',
    '/iiif/rgb-deflate.tif/info.json', '/?FIF=only.tif&JTL=0,0', '/?FIF=rgb-deflate.tif&PTL=3,5',
  ].map((uri) => `1.2.3.4 - - [x] "GET ${uri} HTTP/1.1" 200 1`); // prettier-ignore

  it('finds what differs between two servers, and nothing between equal ones', { timeout: 120_000 }, async (test) => {
    const scope = scopeOf(test);
    const [one, two, three] = [await freePort(), await freePort(), await freePort()];
    const URI_MAP = 'iiif=>IIIF';
    await startProgram(scope, { httpPort: one, env: { URI_MAP } });
    await startProgram(scope, { httpPort: two, env: { URI_MAP, CORS: '*' } });
    await startProgram(scope, { httpPort: three, env: { URI_MAP, JPEG_QUALITY: '5', MAX_CVT: '200' } });
    const log = path.join(await tempFolder(scope), 'access.log');
    await writeFile(log, `${LOG.join('\n')}\n1 - - [x] "POST / HTTP/1.1" 200 1\n`);
    const shadow = (to: number, ...options: string[]) =>
      runProgram(['shadow', '--from', `http://127.0.0.1:${one}`, '--to', `http://127.0.0.1:${to}/`, ...options, log]);
    const equal = await shadow(two, '--json');
    const report = JSON.parse(equal.stdout) as ReplayReport;
    assert.deepEqual([equal.status, report.lines, report.requests, report.counts.same, report.findings], [0, 7, 6, 6, []], equal.stdout);
    const other = await shadow(three, '--json', '--psnr', '45');
    const { counts, findings } = JSON.parse(other.stdout) as ReplayReport;
    assert.equal(other.status, 3);
    assert.deepEqual([counts.pixels, counts.size, counts.same], [1, 1, 3], other.stdout);
    assert.deepEqual(findings.find(({ difference }) => difference.kind === 'size')?.difference, { kind: 'size', from: '300x200', to: '200x133' });
    const text = await shadow(three, '--rate', '50', '--concurrency', '1');
    assert.match(text.stdout, /^7 lines, 6 requests\n/);
    assert.match(text.stdout, /^size 300x200 -> 200x133 \/\?FIF=rgb-deflate\.tif&WID=300&CVT=jpeg$/m);
  }); // prettier-ignore

  it('says when nobody answers, and what is wrong with its arguments', { timeout: 60_000 }, async (test) => {
    const scope = scopeOf(test);
    const port = await freePort();
    await startProgram(scope, { httpPort: port });
    const log = path.join(await tempFolder(scope), 'access.log');
    await writeFile(log, `${LOG[0]}\n`);
    const dead = await runProgram(['shadow', '--from', `http://127.0.0.1:${port}`, '--to', 'http://127.0.0.1:1', log]);
    assert.equal(dead.status, 3);
    assert.match(dead.stdout, /^status 200 -> 0 \(/m);
    for (const args of [['shadow'], ['shadow', '--from', 'x', '--to', 'http://a', log], ['shadow', '--rate', 'x', '--from', 'http://a', '--to', 'http://b', log], ['warm', 'a']]) {
      assert.equal((await runProgram(args)).status, 2, args.join(' '));
    }
    const missing = await runProgram(['shadow', '--from', 'http://127.0.0.1:1', '--to', 'http://127.0.0.1:1', `${log}.none`]);
    assert.deepEqual([missing.status, missing.stdout], [1, '']);
  }); // prettier-ignore
});
