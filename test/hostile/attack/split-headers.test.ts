/** Line breaks and quotes that are to become headers or JSON of the attacker's: what counts is the answer on the wire. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cgiParams } from '../../support/fcgi-client.ts';
import { scopeOf } from '../../support/scope.ts';
import { assertHarmless, assertServes, httpText, IIP, openDoors, rawFcgi, rawHttp } from './doors.ts';

/** Ways to end a header's line and to begin another. */
const BREAKS = [
  'a\r\nX-Evil: 1',
  'a\nX-Evil: 1',
  'a\rX-Evil: 1',
  'a\r\n\r\n<script>',
  'a\0\r\nX-Evil: 1',
  'a\u560d\u560aX-Evil: 1',
  'a\x85X-Evil: 1',
  'a\u2028X-Evil: 1',
  'a\x0bX-Evil: 1',
  'a","evil":"1',
  "a'><script>alert(1)</script>",
  'a\\',
  'a:99999999999',
  '[::1]\r\nX-Evil: 1',
  'x'.repeat(60_000),
];

const URIS = [
  '/iiif/tiny.tif',
  '/iiif/tiny.tif/info.json',
  '/iiif/tiny.tif/full/max/0/default.jpg',
  '/deepzoom/tiny.tif.dzi',
  '/zoomify/tiny.tif/ImageProperties.xml',
  `${IIP}?FIF=tiny.tif&OBJ=Max-size`,
  `${IIP}?IIIF=tiny.tif`,
  `${IIP}?FIF=nowhere.tif&JTL=0,0`,
];

/** Parameters of FastCGI that a client's words come in. */
const PARAMS = [
  'HTTP_HOST', 'SERVER_NAME', 'SERVER_PORT', 'HTTP_X_IIIF_ID', 'HTTP_ACCEPT', 'HTTP_IF_NONE_MATCH', 'HTTP_IF_MODIFIED_SINCE',
  'HTTP_X_REQUEST_ID', 'HTTP_ORIGIN', 'REMOTE_ADDR', 'HTTPS', 'SCRIPT_NAME', 'PATH_INFO', 'REQUEST_METHOD', 'SERVER_PROTOCOL',
] as const; // prettier-ignore

describe('line breaks and quotes', { timeout: 300_000 }, () => {
  it('in a parameter of FastCGI become no header and no JSON', async (test) => {
    const doors = await openDoors(scopeOf(test));
    for (const name of PARAMS)
      for (const text of BREAKS)
        for (const uri of URIS) {
          const what = `${name} ${JSON.stringify(text.slice(0, 40))} ${uri}`;
          // Without a host the name of the server counts.
          const params = { ...cgiParams(uri), ...(name.startsWith('SERVER') ? { HTTP_HOST: '' } : {}), [name]: text };
          const answer = await rawFcgi(doors.program.where, params);
          assert.ok([200, 204, 303, 304, 400, 404, 405].includes(answer.status), `${what}: ${answer.status}`);
          assertHarmless(answer, what);
          if (answer.status === 200 && uri.endsWith('info.json')) assertNoEvil(answer.body, what);
        }
    await assertServes(doors);
  }); // prettier-ignore

  it('in the name of a picture and in BASE_URL become no header either', async (test) => {
    const scope = scopeOf(test);
    for (const text of BREAKS.slice(0, -1).filter((each) => !each.includes('\0'))) {
      const doors = await openDoors(scope, { BASE_URL: `https://b.org/${text}/` });
      const names = [
        'tiny.tif',
        text,
        encodeURIComponent(text),
        encodeURIComponent(encodeURIComponent(text)),
      ];
      for (const name of names)
        for (const uri of [`/iiif/${name}`, `/iiif/${name}/info.json`, `${IIP}?IIIF=${name}`]) {
          const what = `${JSON.stringify(text)} ${JSON.stringify(uri)}`;
          const answer = await rawFcgi(doors.program.where, cgiParams(uri));
          assert.ok([200, 303, 400, 404].includes(answer.status), `${what}: ${answer.status}`);
          assertHarmless(answer, what);
          if (answer.status === 200) assertNoEvil(answer.body, what);
        }
    }
  });

  it('in headers through nginx become no header either', async (test) => {
    const doors = await openDoors(scopeOf(test));
    if (doors.nginxPort === undefined) return test.skip('not installed: nginx');
    for (const text of BREAKS)
      for (const name of ['Host', 'X-IIIF-ID', 'Accept', 'If-None-Match', 'X-Forwarded-Host', 'X-Request-Id'])
        for (const uri of URIS.slice(0, 4)) {
          const what = `${name} ${JSON.stringify(text.slice(0, 40))} ${uri} through nginx`;
          const [headers, host] = name === 'Host' ? [[], text] : [[`${name}: ${text}`], 'example.org'];
          const answer = await rawHttp(doors.nginxPort, Buffer.from(httpText(uri, headers, host)));
          if (answer === undefined) continue;
          assert.ok([200, 303, 304, 400, 404, 406, 413, 414, 494].includes(answer.status), `${what}: ${answer.status}`);
          assertHarmless(answer, what);
          if (answer.status === 200 && uri.endsWith('info.json')) assertNoEvil(unchunked(answer), what);
        }
    await assertServes(doors);
  }); // prettier-ignore
});

function assertNoEvil(body: Buffer, what: string): void {
  const info = JSON.parse(body.toString()) as Record<string, unknown>;
  assert.equal(info['evil'], undefined, what);
}

/** Answers with a length come as they are. */
function unchunked({ lines, body }: { readonly lines: readonly string[]; readonly body: Buffer }): Buffer {
  assert.ok(lines.some((line) => /^content-length:/i.test(line)));
  return body;
}
