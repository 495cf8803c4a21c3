/** PNG of 1 to 4 bands with 8 or 16 bits, written here: half of sharp's bytes at its default level, in less time. */
import { endianness } from 'node:os';
import { after, type Awaitable } from '../awaitable.ts';
import type { Raster } from '../image/raster.ts';
import { recycling } from '../recycling.ts';
import { concatBytes, latin1, viewOf } from './bytes.ts';
import { deflated, deflatedBlocks } from './deflate.ts';
import type { Embed, Encoding } from './encoder.ts';
import { colorsOfBands, withFittingProfile } from './icc.ts';
import { pngChunk, pngChunkParts, pngMetadataChunks } from './png-chunks.ts';
import { filterNone, filterUp } from './png-filter.ts';
import { requireFits } from './raster-limits.ts';
import type { RasterLimits } from './raster-limits.ts';

export const PNG_LIMITS: RasterLimits = {
  name: 'PNG',
  bands: [1, 2, 3, 4],
  bits: [8, 16],
  maxSide: 0x7fffffff,
};

const SIGNATURE = latin1('\x89PNG\r\n\x1a\n');
/** Gray, gray and alpha, RGB, RGBA. */
const COLOR_TYPES = [0, 4, 2, 6];
/** Rows are filtered and deflated in blocks of about this size, so that a large picture needs no second copy. */
const BLOCK_BYTES = 512 * 1024;

/** See {@link Encode}; level 0 stores, 1–9 filter and deflate. */
export function encodePng(
  raster: Raster,
  encoding: Extract<Encoding, { format: 'png' }>,
  embed: Embed,
): Awaitable<Uint8Array> {
  requireFits(raster, PNG_LIMITS);
  return after(compressedRows(raster, encoding.level), (blocks) => {
    const file = concatBytes([
      SIGNATURE,
      pngChunk('IHDR', header(raster)),
      ...pngMetadataChunks(withFittingProfile(embed, colorsOfBands(raster.bands))),
      ...blocks.flatMap((block) => pngChunkParts('IDAT', block)),
      pngChunk('IEND', new Uint8Array(0)),
    ]);
    for (const block of blocks) recycling.giveBack(block);
    return file;
  });
}

function header({ width, height, bitsPerSample, bands }: Raster): Uint8Array {
  const body = new Uint8Array(13);
  const view = viewOf(body);
  view.setUint32(0, width);
  view.setUint32(4, height);
  view.setUint8(8, bitsPerSample);
  view.setUint8(9, COLOR_TYPES[bands - 1]!);
  return body;
}

function compressedRows(raster: Raster, level: number): Awaitable<readonly Uint8Array[]> {
  const rowBytes = (raster.width * raster.bands * raster.bitsPerSample) / 8;
  const blockRows = Math.max(1, Math.floor(BLOCK_BYTES / rowBytes));
  const filter = level === 0 ? filterNone : filterUpFromTop(rowBytes);
  if (blockRows >= raster.height) {
    const filtered = filter(rowsOf(raster, 0, raster.height), rowBytes);
    return after(deflated(filtered, level), (block) => {
      recycling.giveBack(filtered);
      return [block];
    });
  }
  return deflatedBlocks(filteredBlocks(), level);

  function* filteredBlocks(): Generator<Uint8Array> {
    for (let row = 0; row < raster.height; row += blockRows) {
      yield filter(rowsOf(raster, row, Math.min(row + blockRows, raster.height)), rowBytes);
    }
  }
}

/** Filter Up for one block after the other: it remembers the last row of the block before. */
function filterUpFromTop(rowBytes: number): typeof filterNone {
  let above: Uint8Array = new Uint8Array(rowBytes);
  return (rows) => {
    const filtered = filterUp(rows, above, rowBytes);
    above = rows.subarray(rows.length - rowBytes);
    return filtered;
  };
}

/** The samples of some rows with the high byte first; 8-bit ones without a copy. */
function rowsOf({ data, width, bands }: Raster, fromRow: number, toRow: number): Uint8Array {
  const rowSamples = width * bands;
  const rows = data.subarray(fromRow * rowSamples, toRow * rowSamples);
  if (rows instanceof Uint8Array) return rows;
  const bytes = Buffer.from(rows.buffer.slice(rows.byteOffset, rows.byteOffset + rows.byteLength));
  return endianness() === 'LE' ? bytes.swap16() : bytes;
}
