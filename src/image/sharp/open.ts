/** Opens the formats that libvips decodes: PNG, WebP, GIF, AVIF. */
import { ServerError } from '../../errors.ts';
import type { BlockReader } from '../block-reader.ts';
import { readExif } from '../exif.ts';
import { FlatReader } from '../flat/flat-reader.ts';
import type { ImageInfo } from '../info.ts';
import { halvedSizes, virtualLevel } from '../levels.ts';
import type { OpenContext } from '../open-context.ts';
import type { ImageReader } from '../reader.ts';
import { describeAvif } from './avif.ts';
import { SharpDecoder } from './decoder.ts';
import { colorSpaceOf, damagedPicture, type PictureFacts } from './facts.ts';
import { describeGif } from './gif.ts';
import { describePng } from './png.ts';
import { describeWebp } from './webp.ts';

/** The file is in memory while it is decoded. */
const MAX_FILE_BYTES = 2 ** 29;

/** Pixels that a decoder holds at once. */
const MAX_HELD_BYTES = 2 ** 29;

/** Where rows are decoded one after the other, time is the limit: so many pixels take some ten seconds. */
const MAX_PIXELS = 2 ** 30;

/** Below this no claim of a header can do harm. */
const MANY_PIXELS = 2 ** 24;

type Describe = (blocks: BlockReader) => Promise<PictureFacts>;

const through =
  (describe: Describe) =>
  async (blocks: BlockReader, { levels }: OpenContext): Promise<ImageReader> => {
    const facts = await describe(blocks);
    checkSize(facts, blocks.size);
    const info = await infoOf(facts);
    const { source } = blocks;
    return new FlatReader({ source, info, decoder: new SharpDecoder(source, info) }, levels);
  };

/** @throws {ServerError} `damaged`, `too-large`, `unsupported`; all of these three readers. */
export const openPng = through(describePng);
export const openWebp = through(describeWebp);
export const openGif = through(describeGif);
export const openAvif = through(describeAvif);

function checkSize(facts: PictureFacts, fileBytes: number): void {
  const { width, height, bands, bitsPerSample, isStreamed, largestRatio, format } = facts;
  const pixels = width * height;
  if (!(pixels > 0)) throw damagedPicture(format, 'it has no size');
  const bytes = (pixels * bands * bitsPerSample) / 8;
  if (pixels > MANY_PIXELS && largestRatio !== undefined && bytes > fileBytes * largestRatio)
    throw damagedPicture(format, 'it has far too few bytes');
  if (fileBytes > MAX_FILE_BYTES || pixels > MAX_PIXELS || (!isStreamed && bytes > MAX_HELD_BYTES))
    throw new ServerError('too-large', 'this picture is too large for a file without levels');
}

async function infoOf(facts: PictureFacts): Promise<ImageInfo> {
  const { format, width, height, bands, bitsPerSample, compression, icc, exif } = facts;
  const said = await readExif(exif);
  const resolution = facts.resolution ?? said.resolution;
  const isTurned = said.orientation !== undefined && facts.isUpright !== true;
  return {
    format,
    levels: halvedSizes({ width, height }).map((size) => virtualLevel(size, compression)),
    bands,
    bitsPerSample,
    sampleFormat: 'uint',
    colorSpace: colorSpaceOf(bands),
    sampleRange: {
      min: Array<number>(bands).fill(0),
      max: Array<number>(bands).fill(2 ** bitsPerSample - 1),
    },
    metadata: { ...said.metadata, ...facts.metadata },
    pages: [{ name: '', scale: 1 }],
    ...(resolution && { resolution }),
    ...(icc && { icc }),
    ...(exif && { exif }),
    ...(isTurned && { orientation: said.orientation }),
  };
}
