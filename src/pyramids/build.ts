/**
 * A child process that makes one pyramid: slowly, so that tiles are not delayed, and compared with its source before
 * anybody sees it. It reads its job from standard input and says on standard error why it failed.
 */
import fs from 'node:fs';
import os from 'node:os';
import sharp from 'sharp';
import { OpenFiles } from '../image/open-files.ts';
import { openFileSource, statIdentity } from '../image/file-source.ts';
import { openImage } from '../image/open.ts';
import type { ImageReader } from '../image/reader.ts';
import type { BuildJob } from './build-job.ts';
import { differenceOf } from './compare.ts';

const LOWEST_PRIORITY = 19;
const TILE = 256;
const JPEG_QUALITY = 90;

/** Mean difference of a sample: of JPEG tiles at this quality it is under 2; of other pyramids nothing. */
const MAX_JPEG_DIFFERENCE = 4;

os.setPriority(LOWEST_PRIORITY);
sharp.cache(false);
sharp.concurrency(1);

const job = JSON.parse(fs.readFileSync(0, 'utf8')) as BuildJob;
const temporary = `${job.target}.${Date.now().toString(36)}.part`;
try {
  await build(job);
} catch (error) {
  fs.rmSync(temporary, { force: true });
  throw error;
}

async function build({ source, target }: BuildJob): Promise<void> {
  const reader = await open(source);
  const isLossy = reader.info.format === 'jpeg' && [1, 3].includes(reader.info.bands);
  await write(reader, source, isLossy);
  const difference = await differenceOf(reader, await open(temporary));
  if (difference > (isLossy ? MAX_JPEG_DIFFERENCE : 0))
    throw new Error(`the pyramid differs from its source by ${difference}`);
  // Whole seconds, so that marking it as used does not make another version of it.
  const second = Math.floor(Date.now() / 1000);
  fs.utimesSync(temporary, second, second);
  const descriptor = fs.openSync(temporary, 'r+');
  fs.fsyncSync(descriptor);
  fs.closeSync(descriptor);
  fs.renameSync(temporary, target);
}

/** As it is stored: what turns and describes it comes from the source. */
function open(file: string): Promise<ImageReader> {
  const identity = statIdentity(fs.statSync(file));
  return openImage(openFileSource({ path: file, identity }, new OpenFiles(4), 'sync'), { isOriented: false });
}

async function write({ info }: ImageReader, source: string, isLossy: boolean): Promise<void> {
  const deep = info.bitsPerSample === 16;
  const spaces: Readonly<Record<number, string>> = deep
    ? { 1: 'grey16', 3: 'rgb16', 4: 'rgb16' }
    : { 1: 'b-w', 3: 'srgb', 4: info.colorSpace === 'cmyk' ? 'cmyk' : 'srgb' };
  const space = spaces[info.bands];
  if (space === undefined) throw new Error(`${info.bands} bands are left as they are`);
  let picture = sharp(source, {
    failOn: 'none', limitInputPixels: false, ignoreIcc: true, sequentialRead: true, unlimited: true,
  }); // prettier-ignore
  if (deep || space === 'cmyk') picture = picture.pipelineColourspace(space);
  await picture
    .toColourspace(space)
    .tiff({
      tile: true, tileWidth: TILE, tileHeight: TILE, pyramid: true, bigtiff: true,
      ...(isLossy ? { compression: 'jpeg', quality: JPEG_QUALITY } : { compression: 'deflate', predictor: 'horizontal' }),
    })
    .toFile(temporary); // prettier-ignore
}
