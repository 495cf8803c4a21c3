/**
 * The first and the hundredth tile of a picture of 100 megapixels without tiles, with and without its pyramid, in one
 * thread: `node .build/test/bench/flat/main.js` after `npm test -- architecture` has compiled it. Names (`jpeg`,
 * `progressive`, `png`, `strips`) choose pictures, `--no-pyramids` leaves pyramids out.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import sharp, { type Sharp } from 'sharp';
import { openFileSource, statIdentity, type FileVersion } from '../../../src/image/file-source.ts';
import { LevelStore, storeMemory } from '../../../src/image/flat/level-store.ts';
import { OpenFiles } from '../../../src/image/open-files.ts';
import { openImage } from '../../../src/image/open.ts';
import { PyramidCache } from '../../../src/pyramids/pyramid-cache.ts';
import { throughPyramids } from '../../../src/pyramids/with-pyramid.ts';

const SIDE = 10_000;
const TILE = 256;
const TILES = 100;

sharp.cache(false);
sharp.concurrency(1);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'iipsrv-flat-'));
const identityOf = (file: string) => statIdentity(fs.statSync(file));

const PICTURES: readonly (readonly [string, string, (picture: Sharp) => Sharp])[] = [
  ['jpeg', 'jpg', (picture) => picture.jpeg({ quality: 85 })],
  ['progressive', 'jpg', (picture) => picture.jpeg({ quality: 85, progressive: true })],
  ['png', 'png', (picture) => picture.png({ compressionLevel: 1 })],
  ['strips', 'tif', (picture) => picture.tiff({ compression: 'deflate', predictor: 'horizontal' })],
];
const { values: flags, positionals: chosen } = parseArgs({
  allowPositionals: true,
  options: { 'no-pyramids': { type: 'boolean', default: false } },
});

async function paint(): Promise<Record<string, string>> {
  const samples = new Uint8Array(SIDE * SIDE * 3);
  const block = SIDE * 3 * 512;
  let seed = 1;
  for (let i = 0; i < block; i++) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    samples[i] = 128 + 80 * Math.sin(i / 300) * Math.cos(i / (SIDE * 90)) + (seed >> 27);
  }
  for (let at = block; at < samples.length; at += block) samples.copyWithin(at, 0, block);
  const large = sharp(samples, { raw: { width: SIDE, height: SIDE, channels: 3 }, limitInputPixels: false });
  const made: Record<string, string> = {};
  for (const [name, extension, encode] of PICTURES) {
    if (chosen.length > 0 && !chosen.includes(name)) continue;
    made[name] = path.join(folder, `${name}.${extension}`);
    await encode(large.clone()).toFile(made[name]);
  }
  return made;
}

/** Milliseconds of the first, the hundredth and the median tile, at places spread over the picture. */
async function measure(file: string, directory: string | undefined): Promise<string> {
  const files = new OpenFiles(8);
  const levels = new LevelStore(storeMemory(128_000_000));
  const open = (version: FileVersion) => openFileSource(version, files, 'sync');
  const wrap = throughPyramids(directory ?? '', open);
  const reader = await openImage(open({ path: file, identity: identityOf(file) }), { levels, wrap });
  const times: number[] = [];
  const count = Math.floor(SIDE / TILE);
  for (let i = 0; i < TILES; i++) {
    const window = {
      x: ((i * 7) % count) * TILE,
      y: (Math.floor(i / 10) % count) * TILE,
      width: TILE,
      height: TILE,
    };
    const started = performance.now();
    await reader.readWindow({ page: 0, level: 0, window });
    times.push(performance.now() - started);
  }
  reader.close();
  const median = times.toSorted((a, b) => a - b)[TILES / 2]!;
  return `${times[0]!.toFixed(1)} | ${times[TILES - 1]!.toFixed(1)} | ${median.toFixed(1)}`;
}

async function makePyramid(file: string, directory: string): Promise<string> {
  const started = performance.now();
  await new Promise<void>((resolve) => {
    const warn = (facts: object, message: string) => {
      console.error(message, facts);
      resolve();
    };
    new PyramidCache({
      directory, maxBytes: 1e11, log: { info: () => {}, warn }, onMade: () => resolve(),
    }).want(file, identityOf(file)); // prettier-ignore
  });
  return `${((performance.now() - started) / 1000).toFixed(1)} s`;
}

try {
  console.log('| 10,000 × 10,000 RGB | first tile, ms | hundredth | median | pyramid made in |');
  for (const [name, file] of Object.entries(await paint())) {
    console.log(
      `| ${name}, ${Math.round(fs.statSync(file).size / 2 ** 20)} MB | ${await measure(file, undefined)} | |`,
    );
    if (flags['no-pyramids']) continue;
    const directory = fs.mkdtempSync(path.join(folder, 'pyramids-'));
    const seconds = await makePyramid(file, directory);
    console.log(`| ${name}, with its pyramid | ${await measure(file, directory)} | ${seconds} |`);
  }
} finally {
  fs.rmSync(folder, { recursive: true });
}
