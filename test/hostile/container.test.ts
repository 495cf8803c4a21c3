/** The program with the settings that it has by itself, where there are 512 MB for it and all that it starts. */
import assert from 'node:assert/strict';
import { copyFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { cgiParams, fcgiRequest, type Where } from '../support/fcgi-client.ts';
import { limitMemory, MEMORY_LIMIT_MISSING } from '../support/memory-limit.ts';
import { FIXTURES, startProgram } from '../support/program.ts';
import { scopeOf } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { diceOf } from '../fuzz/dice.ts';
import { GoodTraffic } from './damaged/good-traffic.ts';
import { GOOD_REQUESTS, SIX } from './damaged/damaged-files.ts';

const CONTAINER_BYTES = 512 * 2 ** 20;
const IIP = '/fcgi-bin/iipsrv.fcgi?';
const CLIENTS = 12;
const SECONDS = Number(process.env['IIPSRV_CONTAINER_SECONDS'] ?? '25');
const SEED = 20_261_126;
const HOSTILE = path.resolve('fixtures/hostile');

const GOOD_FILES = ['rgb-jpeg.tif', 'rgb-deflate.tif', 'grey16.tif', 'rgb-tiled.jp2', 'photo.jpg', 'cmyk.tif', 'float-dem.tif', 'rgb-webp.tif', 'photo-progressive.jpg'] as const; // prettier-ignore

/** Pictures that are decoded whole, in processes; the memory that each takes is tens of megabytes. */
const FLAT = ['large.png', 'large.webp', 'large.jpg', 'large.avif', 'large.gif'] as const;

const KINDS: readonly ((name: string, n: number) => string)[] = [
  (name, n) => `${IIP}FIF=${name}&JTL=3,${n % 12}`,
  (name, n) => `${IIP}FIF=${name}&WID=${1000 + n}&CVT=png`,
  (name, n) => `${IIP}FIF=${name}&WID=${3000 + n}&CVT=jpeg`,
  (name, n) => `${IIP}FIF=${name}&WID=${4000 + n}&CVT=tiff`,
  (name, n) => `${IIP}FIF=${name}&ROT=${n % 360}&WID=${1500 + n}&CVT=webp`,
  (name, n) => `${IIP}FIF=${name}&WID=${300 + n}&CVT=avif`,
  (name, n) => `${IIP}FIF=${name}&SPECTRA=1,0,5,${n % 50}`,
  (name) => `${IIP}FIF=${name}&OBJ=histogram`,
];

describe('a container of 512 MB', { skip: MEMORY_LIMIT_MISSING, timeout: 300_000 }, () => {
  it('is enough for good and hostile traffic', async (test) => {
      const scope = scopeOf(test);
      const folder = await tempFolder(scope);
      const names = await fill(folder);
      const group = limitMemory(scope, CONTAINER_BYTES);
      const program = await startProgram(scope, {
        env: { FILESYSTEM_PREFIX: folder + path.sep },
        wrapper: group.wrapper,
      });
      const traffic = await GoodTraffic.start(program.where, GOOD_REQUESTS);
      const memory = { peak: 0 };
      const look = (): void => void (memory.peak = Math.max(memory.peak, group.usedBytes()));
      const watch = setInterval(look, 50);
      const work = () => askAtRandom(program.where, names);
      const run = await traffic.during(work).finally(() => clearInterval(watch));
      test.diagnostic(`${run.times.length} good answers, others: ${[...run.done].map(([status, count]) => `${count} × ${status}`).join(', ')}`);
      test.diagnostic(`at most ${Math.round(memory.peak / 2 ** 20)} MB at a time`);
      assert.deepEqual(run.wrong, []);
      assert.equal(group.kills(), 0, 'the kernel ended a process for want of memory');
      assert.ok((run.done.get(200) ?? 0) > CLIENTS, 'next to nothing was answered');
    }); // prettier-ignore
});

/** @returns all names. */
async function fill(folder: string): Promise<readonly string[]> {
  for (const name of GOOD_FILES) await copyFile(path.join(FIXTURES, name), path.join(folder, name));
  const hostile = (await readdir(HOSTILE, { withFileTypes: true })).filter((entry) => entry.isFile());
  for (const { name } of hostile) await copyFile(path.join(HOSTILE, name), path.join(folder, name));
  const create = { width: 3000, height: 2600, channels: 3, background: '#468', noise: { type: 'gaussian', mean: 120, sigma: 30 } } as const; // prettier-ignore
  const noise = await sharp({ create }).png({ compressionLevel: 1 }).toBuffer();
  for (const name of FLAT) {
    const picture = sharp(noise);
    await writeFile(path.join(folder, name), await (name.endsWith('avif') ? picture.avif({ effort: 0 }) : picture.toFormat(path.extname(name).slice(1) as 'png')).toBuffer()); // prettier-ignore
  }
  return [...GOOD_FILES, ...FLAT, ...FLAT, ...hostile.map(({ name }) => name)];
}

/** Statuses of the answers, with how many had each. */
async function askAtRandom(where: Where, names: readonly string[]): Promise<ReadonlyMap<number, number>> {
  const counts = new Map<number, number>();
  const end = performance.now() + SECONDS * 1_000;
  const client = async (number: number): Promise<void> => {
    const dice = diceOf(SEED, number);
    for (let n = number; performance.now() < end; n += CLIENTS) {
      const name = dice.pick(names);
      const uri = dice.chance(0.5) ? dice.pick(KINDS)(name, n) : dice.pick(SIX(name));
      const { status } = await fcgiRequest(where, cgiParams(uri));
      counts.set(status, (counts.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)));
  return counts;
}
