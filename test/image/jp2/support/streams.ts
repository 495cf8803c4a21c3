/** Opened codestreams, and windows of them at any reduction, below the reader. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { BlockReader } from '../../../../src/image/block-reader.ts';
import { readContainer } from '../../../../src/image/jp2/boxes/container.ts';
import { Codestream } from '../../../../src/image/jp2/codestream/codestream.ts';
import { readMainHeader } from '../../../../src/image/jp2/codestream/main-header.ts';
import { noSettings, resolveParameters } from '../../../../src/image/jp2/codestream/parameters.ts';
import type { TileParameters } from '../../../../src/image/jp2/codestream/parameters.ts';
import { decodeWindow } from '../../../../src/image/jp2/decode-window.ts';
import { pictureBounds } from '../../../../src/image/jp2/picture-window.ts';
import { pictureBands } from '../../../../src/image/jp2/picture/bands.ts';
import type { PictureBands } from '../../../../src/image/jp2/picture/bands.ts';
import type { Raster, Rectangle } from '../../../../src/image/raster.ts';
import type { ByteSource } from '../../../../src/image/source.ts';

export const JP2_FIXTURES = path.resolve('fixtures/images/jp2');

/** Names of all files there. */
export function jp2Fixtures(): string[] {
  return readdirSync(JP2_FIXTURES).sort();
}

export interface OpenStream {
  readonly codestream: Codestream;
  readonly bands: PictureBands;
  readonly parameters: TileParameters;
  /** Levels of decomposition that all components have. */
  readonly levels: number;
}

export async function openStream(source: ByteSource): Promise<OpenStream> {
  const blocks = new BlockReader(source);
  const container = await readContainer(blocks);
  const header = await readMainHeader(blocks, container.codestream);
  const { components } = header.canvas;
  const parameters = resolveParameters(components.length, header.settings, noSettings());
  return {
    codestream: new Codestream(source, header),
    bands: pictureBands(header.canvas, container.picture),
    parameters,
    levels: Math.min(...parameters.components.map(({ coding }) => coding.levels)),
  };
}

export interface StreamWish {
  readonly reduction: number;
  readonly layers: number;
  /** Of the picture at the reduction; all of it when left out. */
  readonly window?: Rectangle;
  readonly isStrict?: boolean;
}

export function sizeAt({ codestream }: OpenStream, reduction: number): { width: number; height: number } {
  const { x0, y0, x1, y1 } = pictureBounds(codestream.header.canvas, reduction);
  return { width: x1 - x0, height: y1 - y0 };
}

export function readStream(stream: OpenStream, wish: StreamWish): Promise<Raster> {
  const { reduction, layers, isStrict = true } = wish;
  const all = pictureBounds(stream.codestream.header.canvas, reduction);
  const { x, y, width, height } = wish.window ?? { x: 0, y: 0, ...sizeAt(stream, reduction) };
  const window = { ...all, x0: all.x0 + x, y0: all.y0 + y, x1: all.x0 + x + width, y1: all.y0 + y + height };
  const never = { throwIfAborted: () => undefined };
  return decodeWindow(stream.codestream, stream.bands, { window, reduction, layers, isStrict }, never);
}

/** A window cut out of a raster. */
export function cropRaster({ width, bands, data }: Raster, window: Rectangle): number[] {
  const samples: number[] = [];
  for (let y = window.y; y < window.y + window.height; y++) {
    const start = (y * width + window.x) * bands;
    for (const sample of data.subarray(start, start + window.width * bands)) samples.push(sample);
  }
  return samples;
}
