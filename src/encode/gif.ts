/** GIF: written here and exact when 256 colors are enough, through sharp's quantizer when they are not. */
import type { Raster, Size } from '../image/raster.ts';
import { concatBytes, latin1, viewOf } from './bytes.ts';
import { paletteOf } from './gif-palette.ts';
import type { PalettePicture } from './gif-palette.ts';
import { gifLzw, lzwCompress } from './lzw.ts';
import { requireFits } from './raster-limits.ts';
import type { RasterLimits } from './raster-limits.ts';
import { expandGray, fileFrom, pixelPipeline } from './through-sharp.ts';

export const GIF_LIMITS: RasterLimits = { name: 'GIF', bands: [1, 2, 3, 4], bits: [8], maxSide: 0xffff };

const MAX_SUB_BLOCK = 255;

/** See {@link Encode}; gray becomes colors of the palette; GIF has no place for any metadata that we embed. */
export async function encodeGif(raster: Raster): Promise<Uint8Array> {
  requireFits(raster, GIF_LIMITS);
  const colored = expandGray(raster);
  const picture = paletteOf(colored);
  if (picture !== undefined) return gifFile(raster, picture);
  // Without dithering files are two fifths smaller and nearer to the picture in the mean.
  return fileFrom(pixelPipeline(colored).gif({ effort: 1, dither: 0 }));
}

/** A GIF89a file of one picture with a global palette (GIF89a specification, sections 17 to 27). */
export function gifFile({ width, height }: Size, picture: PalettePicture): Uint8Array {
  const { palette, indexes, transparent } = picture;
  const bits = Math.max(1, Math.ceil(Math.log2(palette.length / 3)));
  const colorTable = new Uint8Array(3 << bits);
  colorTable.set(palette);
  const screen = new Uint8Array(7);
  setSize(screen, 0, { width, height });
  screen[4] = 0x80 | ((bits - 1) << 4) | (bits - 1);
  const descriptor = new Uint8Array(10);
  descriptor[0] = 0x2c;
  setSize(descriptor, 5, { width, height });
  const symbolBits = Math.max(2, bits);
  return concatBytes([
    latin1('GIF89a'),
    screen,
    colorTable,
    ...(transparent === undefined ? [] : [Uint8Array.of(0x21, 0xf9, 4, 1, 0, 0, transparent, 0)]),
    descriptor,
    Uint8Array.of(symbolBits),
    subBlocks(lzwCompress(indexes, gifLzw(symbolBits))),
    Uint8Array.of(0x3b),
  ]);
}

function setSize(bytes: Uint8Array, offset: number, { width, height }: Size): void {
  const view = viewOf(bytes);
  view.setUint16(offset, width, true);
  view.setUint16(offset + 2, height, true);
}

/** Pieces of at most 255 bytes with their length before each, an empty one at the end. */
function subBlocks(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length + Math.ceil(bytes.length / MAX_SUB_BLOCK) + 1);
  let to = 0;
  for (let from = 0; from < bytes.length; from += MAX_SUB_BLOCK) {
    const block = bytes.subarray(from, from + MAX_SUB_BLOCK);
    out[to] = block.length;
    out.set(block, to + 1);
    to += block.length + 1;
  }
  return out;
}
