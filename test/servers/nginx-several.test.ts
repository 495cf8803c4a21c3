import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { freePort } from '../support/ports.ts';
import { startProgram } from '../support/program.ts';
import { httpRequest, type HttpAnswer } from '../support/http-client.ts';
import { scopeOf } from '../support/scope.ts';
import { NGINX_MISSING, startNginxWith } from './nginx.ts';
import { URI_MAP } from './questions.ts';

const IIP = '/fcgi-bin/iipsrv.fcgi?';
const IMAGES = [
  'rgb-jpeg.tif',
  'rgb-deflate.tif',
  'grey16.tif',
  'rgb-lzw-512.tif',
  'lab8.tif',
  'float-dem.tif',
  'sub/with space.tif',
];

/** The same image, as each protocol asks for it. */
function addressesOf(image: string): readonly string[] {
  const name = encodeURIComponent(image);
  return [
    `/iiif/${name}/info.json`,
    `/iiif/${name}/full/100,/0/default.jpg`,
    `${IIP}FIF=${name}&JTL=0,0`,
    `${IIP}OBJ=Max-size&FIF=${name}`,
    `${IIP}IIIF=${name}/info.json`,
    `${IIP}DeepZoom=${name}_files/0/0_0.jpg`,
    `${IIP}Zoomify=${name}/TileGroup0/0-0-0.jpg`,
    `/deepzoom/${name}.dzi`,
    `/deepzoom/${name}_files/0/0_0.jpg`,
    `/zoomify/${name}/ImageProperties.xml`,
    `/zoomify/${name}/TileGroup0/0-0-0.jpg`,
  ];
}

const upstreamOf = ({ headers }: HttpAnswer): string => headers['x-upstream'] ?? 'none';

describe('nginx in front of several programs', () => {
  it(
    'sends all requests for an image to the same one, and to another when that is gone',
    { skip: NGINX_MISSING, timeout: 300_000 },
    async (test) => {
      const scope = scopeOf(test);
      const ports = [await freePort(), await freePort()] as const;
      const programs = await Promise.all(
        ports.map((port) => startProgram(scope, { where: { port }, env: { URI_MAP } })),
      );
      const { port } = await startNginxWith(scope, 'nginx/iipsrv-several.conf', {
        'server 127.0.0.1:9000 ': `server 127.0.0.1:${ports[0]} `,
        'server 127.0.0.1:9001 ': `server 127.0.0.1:${ports[1]} `,
      });
      const homes = new Map<string, string>();
      for (const image of IMAGES) {
        const answers = await Promise.all(addressesOf(image).map((uri) => httpRequest(port, uri)));
        for (const answer of answers) assert.equal(answer.status, 200, `${image}: ${answer.body.toString()}`);
        const seen = new Set(answers.map(upstreamOf));
        assert.equal(seen.size, 1, `${image} has several homes: ${[...seen].join(' ')}`);
        homes.set(image, [...seen].join());
      }
      assert.equal(new Set(homes.values()).size, 2, 'both programs have images');
      await programs[0]?.stop();
      for (const image of IMAGES) {
        const answer = await httpRequest(port, `/iiif/${encodeURIComponent(image)}/info.json`);
        assert.equal(answer.status, 200);
        assert.match(upstreamOf(answer), new RegExp(`:${ports[1]}$`));
      }
    },
  );
});
