/** Opens a JPEG 2000 file: boxes, main header, facts. Tiles are looked for when the first window is read. */
import type { BlockReader } from '../block-reader.ts';
import type { ImageInfo } from '../info.ts';
import { virtualLevel } from '../levels.ts';
import type { Size } from '../raster.ts';
import type { ImageReader } from '../reader.ts';
import { readContainer, type Container } from './boxes/container.ts';
import { Codestream } from './codestream/codestream.ts';
import { readMainHeader, type MainHeader } from './codestream/main-header.ts';
import { resolveParameters, noSettings, type TileParameters } from './codestream/parameters.ts';
import { levelSizes } from './levels.ts';
import type { WindowDecoder } from './native/decoder.ts';
import { pictureBands, type PictureBands } from './picture/bands.ts';
import { Jp2Reader, rowsAtOnce } from './reader.ts';

export interface Jp2Settings {
  /** KAKADU_READMODE 1: damaged codestreams are refused; else they are shown as far as they go. */
  readonly isStrict: boolean;
  /** Asked before our own decoder; what it does not decode is left to that. */
  readonly native?: WindowDecoder | undefined;
  /** Whoever wrote the file stores luma and color differences, whatever it says; else it is believed. */
  readonly isYcc?: boolean;
}

/**
 * Opens JP2, JPX, JPH and bare codestreams.
 *
 * @throws {ServerError} `damaged`, or `unsupported` for what only other parts of the standard define.
 */
export async function openJp2(
  blocks: BlockReader,
  { isStrict, native, isYcc = false }: Jp2Settings,
): Promise<ImageReader> {
  const container = await readContainer(blocks);
  const header = await readMainHeader(blocks, container.codestream);
  const { canvas, settings } = header;
  const parameters = resolveParameters(canvas.components.length, settings, noSettings());
  const bands = pictureBands(canvas, container.picture, isYcc);
  const decompositions = Math.min(...parameters.components.map(({ coding }) => coding.levels));
  const levels = levelSizes(canvas, decompositions);
  const info = describe(container, { header, parameters, bands, levels });
  return new Jp2Reader(new Codestream(blocks.source, header), info, {
    bands,
    isStrict,
    // It tells nothing of damage that it passes over.
    native: isStrict ? undefined : native,
  });
}

interface Parts {
  readonly header: MainHeader;
  readonly parameters: TileParameters;
  readonly bands: PictureBands;
  readonly levels: readonly Size[];
}

function describe(
  { picture, xmp, exif }: Container,
  { header, parameters, bands, levels }: Parts,
): ImageInfo {
  const { highThroughput } = parameters.components[0]!.coding.style;
  const compression = highThroughput ? 'htj2k' : 'jpeg2000';
  const count = bands.sources.length;
  const components = Math.max(count, header.canvas.components.length);
  const top = 2 ** bands.rasterBits - 1;
  return {
    format: 'jp2',
    levels: levels.map((size) => ({
      ...virtualLevel(size, compression),
      rowsTogether: rowsAtOnce(size.width, components),
    })),
    bands: count,
    bitsPerSample: bands.storedBits,
    sampleFormat: 'uint',
    colorSpace: bands.colorSpace,
    sampleRange: { min: Array<number>(count).fill(0), max: Array<number>(count).fill(top) },
    metadata: xmp === undefined ? {} : { xmp },
    pages: [{ name: '', scale: 1 }],
    layers: parameters.layers,
    ...(picture.resolution && { resolution: picture.resolution }),
    ...(bands.icc && { icc: bands.icc }),
    ...(exif && { exif }),
  };
}
