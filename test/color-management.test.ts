/** COLOR_MANAGEMENT from the request to the bytes, against the conversion that libvips makes of the whole picture. */
import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import { readConfig } from '../src/config/read-config.ts';
import { createImageServer, type ImageServer } from '../src/image-server.ts';
import { makeRequest } from '../src/server/request.ts';
import { fixture } from './image/support/sources.ts';
import { memoryLog } from './support/log.ts';
import { Scope } from './support/scope.ts';
import { tempFolder } from './support/temp-folder.ts';

const SIZE = { width: 512, height: 300 };

/** Libvips is asked for a grid of colors; between them pixels are interpolated. */
const LEAST_PSNR = 45;

const MODES = ['srgb', 'embed'] as const;
type Mode = (typeof MODES)[number];

describe('COLOR_MANAGEMENT', () => {
  const servers = new Map<Mode, ImageServer>();
  const scope = new Scope();
  let folder: string;
  let alive: NodeJS.Timeout;

  before(async () => {
    folder = await tempFolder(scope);
    const samples = Uint8Array.from({ length: SIZE.width * SIZE.height * 3 }, (_, i) => {
      const [x, y] = [Math.floor(i / 3) % SIZE.width, Math.floor(i / 3 / SIZE.width)];
      return [x >> 1, (y * 255) / SIZE.height, (x + y) & 255][i % 3]!;
    });
    const wide = sharp(samples, { raw: { ...SIZE, channels: 3 } }).withIccProfile('p3');
    await wide.clone().tiff({ tile: true, tileWidth: 256, tileHeight: 256, compression: 'jpeg', quality: 95 }).toFile(path.join(folder, 'wide.tif')); // prettier-ignore
    await wide.clone().png().toFile(path.join(folder, 'wide.png'));
    for (const name of ['cmyk.tif', 'grey8.tif']) copyFileSync(fixture(name), path.join(folder, name));
    for (const mode of MODES) {
      const settings = { FILESYSTEM_PREFIX: folder + path.sep, COLOR_MANAGEMENT: mode, OMP_NUM_THREADS: '1' };
      const { config } = readConfig(settings, { cpus: 1, avifCodecs: [] });
      servers.set(mode, await createImageServer(config, memoryLog(), '1.3'));
    }
    alive = setInterval(() => undefined, 60_000);
  });
  after(async () => {
    clearInterval(alive);
    for (const server of servers.values()) await server.stop();
    await scope.end();
  });

  const ask = async (mode: Mode, query: string): Promise<Buffer> => {
    const request = makeRequest({ query });
    const { status, body } = await servers.get(mode)!.respond(request, new AbortController().signal);
    assert.equal(status, 200, query);
    return Buffer.from(body);
  };
  const profileOf = async (picture: Buffer) => (await sharp(picture).metadata()).icc;

  it('srgb converts as libvips does and sends no profile', async () => {
    for (const name of ['wide.tif', 'wide.png']) {
      const answer = await ask('srgb', `IIIF=${name}/full/max/0/default.png`);
      assert.equal(await profileOf(answer), undefined);
      const made = await sharp(answer).raw().toBuffer();
      const truth = await sharp(path.join(folder, name)).toColourspace('srgb').raw().toBuffer();
      assertAlike(made, truth);
      const stored = await sharp(path.join(folder, name), { ignoreIcc: true }).raw().toBuffer();
      assert.throws(() => assertAlike(made, stored), 'the profile makes a difference');
    }
  });

  it('srgb converts stored tiles too', async () => {
    const tile = await ask('srgb', 'FIF=wide.tif&JTL=0,1');
    assert.equal(await profileOf(tile), undefined);
    const truth = sharp(path.join(folder, 'wide.tif')).extract({
      left: 256,
      top: 0,
      width: 256,
      height: 256,
    });
    const [a, b] = [sharp(tile), truth.toColourspace('srgb')];
    const [mean, expected] = [await a.stats(), await sharp(await b.png().toBuffer()).stats()];
    mean.channels.forEach((channel, band) =>
      assert.ok(Math.abs(channel.mean - expected.channels[band]!.mean) < 2, `band ${band}`),
    );
  });

  it('embed leaves pixels as they are and sends the profile', async () => {
    const answer = await ask('embed', 'IIIF=wide.png/full/max/0/default.png');
    assert.ok((await profileOf(answer)) !== undefined);
    const made = await sharp(answer, { ignoreIcc: true }).raw().toBuffer();
    assert.deepEqual(made, await sharp(path.join(folder, 'wide.png'), { ignoreIcc: true }).raw().toBuffer());
  });

  it('changes nothing of gray pictures without a profile, and of CMYK', async () => {
    for (const name of ['grey8.tif', 'cmyk.tif']) {
      const [a, b] = [await ask('srgb', `IIIF=${name}/full/max/0/default.png`), await ask('embed', `IIIF=${name}/full/max/0/default.png`)]; // prettier-ignore
      assert.deepEqual(a, b, name);
    }
  });
});

function assertAlike(made: Uint8Array, truth: Uint8Array): void {
  assert.equal(made.length, truth.length);
  const squares = made.reduce((sum, value, i) => sum + (value - truth[i]!) ** 2, 0);
  const decibels = 10 * Math.log10((255 * 255 * made.length) / squares);
  assert.ok(decibels > LEAST_PSNR, `${decibels} dB`);
}
