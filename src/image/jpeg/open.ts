/** Opens a JPEG file: its header, virtual levels, facts. */
import { ServerError } from '../../errors.ts';
import type { BlockReader } from '../block-reader.ts';
import type { ColorSpace, ImageInfo } from '../info.ts';
import { halvedSizes, virtualLevel } from '../levels.ts';
import type { ImageReader } from '../reader.ts';
import { readExifOrientation, readExifResolution } from './exif-resolution.ts';
import { readJpegHeader } from './header.ts';
import type { JpegHeader } from './header.ts';
import { LevelCache } from './level-cache.ts';
import { damagedJpeg } from './markers.ts';
import type { JpegFrame } from './markers.ts';
import { JpegReader } from './reader.ts';

/** Shared by all JPEG files of a thread. */
const decodedLevels = new LevelCache(64 * 2 ** 20);

/** The file is in memory while it is decoded. */
const MAX_FILE_BYTES = 2 ** 29;

/** Coefficients of a progressive file are all in memory before its first pixel: 1 GB. */
const MAX_PROGRESSIVE_SAMPLES = 2 ** 29;

/** Not even a flat gray picture gets so many pixels out of a byte; checked where decoding takes seconds. */
const MAX_PIXELS_PER_BYTE = 1_024;
const MANY_PIXELS = 2 ** 27;

const COLOR_SPACES: Readonly<Record<number, ColorSpace>> = { 1: 'gray', 3: 'rgb', 4: 'cmyk' };

/** Names of the coding processes that are not decoded, by their SOF marker (T.81, table B.1). */
const UNSUPPORTED: Readonly<Record<number, string>> = {
  0xc3: 'lossless',
  0xc5: 'hierarchical',
  0xc6: 'hierarchical',
  0xc7: 'hierarchical',
  0xcb: 'lossless',
  0xcd: 'hierarchical',
  0xce: 'hierarchical',
  0xcf: 'hierarchical',
};

/**
 * Opens a JPEG file. CMYK and YCCK come as CMYK with 0 for no ink, as in TIFF, whichever way the file has it.
 *
 * @throws {ServerError} `damaged`, `too-large`, or `unsupported` for lossless, hierarchical and 12-bit files.
 */
export async function openJpeg(blocks: BlockReader): Promise<ImageReader> {
  const header = await readJpegHeader(blocks);
  checkFrame(header.frame, blocks.size);
  return new JpegReader(blocks.source, await describeJpeg(header), decodedLevels);
}

function checkFrame({ marker, precision, width, height, components }: JpegFrame, fileBytes: number): void {
  const process = UNSUPPORTED[marker];
  if (process !== undefined) throw new ServerError('unsupported', `${process} JPEG is not supported`);
  if (precision !== 8) throw new ServerError('unsupported', `JPEG with ${precision} bits is not supported`);
  if (COLOR_SPACES[components.length] === undefined) {
    throw new ServerError('unsupported', `JPEG with ${components.length} components is not supported`);
  }
  const pixels = width * height;
  if (pixels === 0) throw damagedJpeg('it has no size');
  const isProgressive = marker === 0xc2 || marker === 0xca;
  if (fileBytes > MAX_FILE_BYTES || (isProgressive && pixels * components.length > MAX_PROGRESSIVE_SAMPLES)) {
    throw new ServerError('too-large', 'this JPEG is too large');
  }
  if (pixels > MANY_PIXELS && pixels > fileBytes * MAX_PIXELS_PER_BYTE)
    throw damagedJpeg('it has far too few bytes');
}

async function describeJpeg({ frame, density, icc, exif, xmp }: JpegHeader): Promise<ImageInfo> {
  const bands = frame.components.length;
  const resolution = await chooseResolution(density, exif);
  const orientation = exif && (await readExifOrientation(exif));
  return {
    format: 'jpeg',
    levels: halvedSizes({ width: frame.width, height: frame.height }).map((size) =>
      virtualLevel(size, 'jpeg'),
    ),
    bands,
    bitsPerSample: 8,
    sampleFormat: 'uint',
    colorSpace: COLOR_SPACES[bands] ?? 'multiband',
    sampleRange: { min: Array<number>(bands).fill(0), max: Array<number>(bands).fill(255) },
    metadata: xmp === undefined ? {} : { xmp },
    pages: [{ name: '', scale: 1 }],
    ...(resolution && { resolution }),
    ...(icc && { icc }),
    ...(exif && { exif }),
    ...(orientation !== undefined && { orientation }),
  };
}

/** JFIF's density where it has a unit, else EXIF's, else the ratio that JFIF states. */
async function chooseResolution(
  density: ImageInfo['resolution'],
  exif: Uint8Array | undefined,
): Promise<ImageInfo['resolution']> {
  if (exif === undefined || (density !== undefined && density.unit !== 'none')) return density;
  return (await readExifResolution(exif)) ?? density;
}
