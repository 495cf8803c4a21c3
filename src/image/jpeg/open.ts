/** Opens a JPEG file: its header, virtual levels, facts. */
import { ServerError } from '../../errors.ts';
import type { BlockReader } from '../block-reader.ts';
import { readExif } from '../exif.ts';
import { FlatReader } from '../flat/flat-reader.ts';
import type { ColorSpace, ImageInfo } from '../info.ts';
import { halvedSizes, virtualLevel } from '../levels.ts';
import type { OpenContext } from '../open-context.ts';
import type { ImageReader } from '../reader.ts';
import { FlatJpeg } from './flat-jpeg.ts';
import { readJpegHeader } from './header.ts';
import type { JpegHeader } from './header.ts';
import { damagedJpeg, MARKER } from './markers.ts';
import type { JpegFrame } from './markers.ts';

/** The file is in memory while it is decoded. */
const MAX_FILE_BYTES = 2 ** 29;

/** Coefficients of a progressive file are all in memory before its first pixel: 1 GB. */
const MAX_PROGRESSIVE_SAMPLES = 2 ** 29;

/** Not even a flat gray picture gets so many pixels out of a byte; checked where decoding takes seconds. */
const MAX_PIXELS_PER_BYTE = 1_024;
const MANY_PIXELS = 2 ** 27;

const COLOR_SPACES: Readonly<Record<number, ColorSpace>> = { 1: 'gray', 3: 'rgb', 4: 'cmyk' };

/** Where an end marker is looked for. */
const MAX_TRAILER_BYTES = 8_192;

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
export async function openJpeg(blocks: BlockReader, { levels, report }: OpenContext): Promise<ImageReader> {
  const header = await readJpegHeader(blocks);
  checkFrame(header.frame, blocks.size);
  if (!(await hasEnd(blocks))) report('the file is cut off: what is there is shown, the rest is gray', {});
  const { source } = blocks;
  const info = await describeJpeg(header);
  const decoder = new FlatJpeg({ source, info, scanAt: header.scanAt }, levels);
  return new FlatReader({ source, info, decoder }, levels);
}

/** Whether there is an EOI near the end; behind it may be what other programs have put there. */
async function hasEnd(blocks: BlockReader): Promise<boolean> {
  const length = Math.min(MAX_TRAILER_BYTES, blocks.size);
  const tail = await blocks.bytes(blocks.size - length, length);
  return Buffer.from(tail.buffer, tail.byteOffset, tail.length).includes(Buffer.of(0xff, MARKER.EOI));
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
  const facts = await readExif(exif);
  // JFIF's density where it has a unit, else EXIF's, else the ratio that JFIF states.
  const isUsable = density !== undefined && density.unit !== 'none';
  const resolution = isUsable ? density : (facts.resolution ?? density);
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
    metadata: { ...facts.metadata, ...(xmp !== undefined && { xmp }) },
    pages: [{ name: '', scale: 1 }],
    ...(resolution && { resolution }),
    ...(icc && { icc }),
    ...(exif && { exif }),
    ...(facts.orientation !== undefined && { orientation: facts.orientation }),
  };
}
