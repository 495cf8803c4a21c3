/** Requests that are hostile in their texts, numbers and names; no socket, but real pictures. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { defaultConfig } from '../../src/config/read-config.ts';
import { createImageServer, type ImageServer } from '../../src/image-server.ts';
import { makeRequest, type Request } from '../../src/server/request.ts';
import { headerValue, type Response } from '../../src/server/response.ts';
import { checkAnswer } from '../fuzz/check-answer.ts';
import { IMAGES } from '../support/fixtures.ts';
import { memoryLog } from '../support/log.ts';
import { Scope } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';

const IIP = '/fcgi-bin/iipsrv.fcgi?';
const INFO = `${IIP}IIIF=tiny.tif/info.json`;

/** What may not come out of a text as it went in. */
const TEXTS = [
  'a"b',
  "a'b",
  'a\r\nX-Evil: 1',
  'a\nX-Evil: 1',
  'a\0b',
  'a\\b',
  '</script><script>',
  'é\u2028',
  'a, b',
];

const NUMBERS = [
  ...[
    '-1',
    '-99999999999999999999',
    '1e308',
    '1e309',
    '-1e309',
    '1e-400',
    'NaN',
    'Infinity',
    '-Infinity',
    '0x7fffffff',
  ],
  ...[
    '9'.repeat(10_000),
    `-${'9'.repeat(10_000)}`,
    `0.${'0'.repeat(10_000)}1`,
    `1e${'9'.repeat(10_000)}`,
    '2147483648',
  ],
];

const NUMBER_COMMANDS = [
  ...['WID', 'HEI', 'CNT', 'GAM', 'ROT', 'LYR', 'QLT', 'SDS', 'BIT'].map(
    (name) => (n: string) => `${name}=${n}&CVT=jpeg`,
  ),
  ...['JTL', 'PTL', 'TIL'].map((name) => (n: string) => `${name}=${n},${n}`),
  (n: string) => `RGN=${n},${n},${n},${n}&WID=8&CVT=jpeg`,
  (n: string) => `MINMAX=-:${n},${n}&WID=8&CVT=jpeg`,
  (n: string) => `SHD=${n},${n}&WID=8&CVT=jpeg`,
  (n: string) => `CTW=[${n},${n};${n}]&WID=8&CVT=jpeg`,
  (n: string) => `CNV=[${Array(9).fill(n).join(',')}]&WID=8&CVT=jpeg`,
  (n: string) => `PFL=${n}:${n},${n}-${n},${n}`,
  (n: string) => `SPECTRA=${n},${n},${n},${n}`,
];

describe('a hostile request', { timeout: 300_000 }, () => {
  const scope = new Scope();
  let server: ImageServer;
  let hidden: ImageServer;
  let folder = '';
  const start = async (filesystemPrefix: string, more: object = {}): Promise<ImageServer> => {
    const config = {
      ...defaultConfig({ cpus: 1 }),
      threads: 1,
      maxOutputSide: 600,
      filesystemPrefix,
      ...more,
    };
    const made = await createImageServer(config, memoryLog(), '9.9.9');
    scope.defer(() => made.stop());
    return made;
  };
  const ask = async (request: Partial<Request>, from = server): Promise<Response> => {
    const made = makeRequest({ host: 'example.org', ...request });
    const response = await from.respond(made, new AbortController().signal);
    await checkAnswer(response, made.method);
    return response;
  };

  before(async () => {
    server = await start(`${IMAGES}/`);
    folder = await tempFolder(scope);
    await copyFile(path.join(IMAGES, 'tiny.tif'), path.join(folder, 'good.tif'));
    await mkdir(path.join(folder, 'folder.tif'));
    execFileSync('mkfifo', [path.join(folder, 'fifo.tif')]);
    const socket = createServer();
    await new Promise<void>((resolve) => socket.listen(path.join(folder, 'socket.tif'), resolve));
    scope.defer(() => void socket.close());
    for (const [name, target] of Object.entries(LINKS)) await symlink(target, path.join(folder, name));
    hidden = await start(`${folder}/`);
  });
  after(() => scope.end());

  const LINKS = { 'zero.tif': '/dev/zero', 'random.tif': '/dev/urandom', 'environ.tif': '/proc/self/environ', 'mem.tif': '/proc/self/mem' }; // prettier-ignore

  for (const text of TEXTS) {
    const shown = JSON.stringify(text);
    for (const [where, request] of Object.entries({
      'the host': { uri: INFO, host: text },
      'X-IIIF-ID': { uri: INFO, iiifId: `https://a.org/${text}` },
    })) {
      it(`with ${shown} in ${where} is answered in valid JSON`, async () => {
        const { status, body } = await ask(request);
        assert.equal(status, 200);
        const info = JSON.parse(Buffer.from(body).toString()) as Record<string, unknown>;
        assert.ok(String(info['@id'] ?? info['id']).includes(text));
      });
      it(`with ${shown} in ${where} is redirected within one header`, async () => {
        const response = await ask({ ...request, uri: `${IIP}IIIF=tiny.tif` });
        assert.equal(response.status, 303);
        assert.match(headerValue(response, 'location') ?? '', /^[\x21-\x7e]+$/);
      });
    }
    it(`to a server with ${shown} in its BASE_URL is answered safely`, async () => {
      const other = await start(`${IMAGES}/`, { baseUrl: `https://b.org/${text}/` });
      assert.equal((await ask({ uri: INFO }, other)).status, 200);
      assert.equal((await ask({ uri: `${IIP}IIIF=tiny.tif` }, other)).status, 303);
    });
    it(`for an image named ${shown} is refused in one line`, async () => {
      for (const name of [text, encodeURIComponent(text), encodeURIComponent(encodeURIComponent(text))])
        assert.ok([400, 404].includes((await ask({ uri: `${IIP}FIF=${name}&OBJ=${name}` })).status));
    });
  }

  for (const number of NUMBERS) {
    it(`with the number ${number.slice(0, 30)} (${number.length} signs) is answered or refused`, async () => {
      for (const command of NUMBER_COMMANDS) await ask({ uri: `${IIP}FIF=tiny.tif&${command(number)}` });
      for (const part of [
        `${number},0,1,1/max/0`,
        `full/${number},/0`,
        `full/pct:${number}/0`,
        `full/max/${number}`,
      ])
        await ask({ uri: `${IIP}IIIF=tiny.tif/${part}/default.jpg` });
      for (const uri of [
        `DeepZoom=tiny.tif_files/${number}/${number}_0.jpg`,
        `Zoomify=tiny.tif/TileGroup0/${number}-0-0.jpg`,
      ])
        await ask({ uri: IIP + uri });
    });
  }

  for (const command of ['CTW=[', 'CNV=[', 'RGN=', 'TIL=0,', 'MINMAX=1:']) {
    for (const separator of [',', ';']) {
      it(`with a million numbers in ${command}…${separator} costs less than 2 s`, async () => {
        const start = process.cpuUsage();
        await ask({
          uri: `${IIP}FIF=tiny.tif&${command}${`1${separator}`.repeat(1_000_000)}&WID=8&CVT=jpeg`,
        });
        const { user, system } = process.cpuUsage(start);
        assert.ok(user + system < 2_000_000, `${(user + system) / 1000} ms`);
      });
    }
  }

  for (const name of [
    'fifo.tif',
    'socket.tif',
    'folder.tif',
    ...Object.keys(LINKS),
    'a'.repeat(4096),
    'a/'.repeat(2048),
  ]) {
    it(`for ${name.slice(0, 20)} (${name.length} signs), which is no file, finds nothing`, async () => {
      for (const uri of [
        `FIF=${name}&JTL=0,0`,
        `IIIF=${name}/info.json`,
        `DeepZoom=${name}.dzi`,
        `Zoomify=${name}/ImageProperties.xml`,
      ])
        assert.ok([400, 404].includes((await ask({ uri: IIP + uri }, hidden)).status), uri);
      assert.equal((await ask({ uri: `${IIP}FIF=good.tif&JTL=0,0` }, hidden)).status, 200);
    });
  }
});
