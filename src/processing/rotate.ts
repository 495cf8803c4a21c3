/** Rotation by quarter turns, and mirroring: pixels move, none is computed. */
import type { Raster } from '../image/raster.ts';
import { bytesOf, newSamples, pixelBytes, typeOf } from './chain.ts';
import { kernelMemory } from './pixel-kernels.ts';
import { reshaped } from './rasters.ts';

export type QuarterTurn = 90 | 180 | 270;

/** Rows that are turned at once, unless they are very long. */
const MAX_ROWS = 256;
const MAX_BYTES = 2 ** 20;

/** Clockwise; the size is swapped for 90 and 270. (BEHAVIOUR 5: ROT; IIIF Image API 3.0, 4.3) */
export function rotate<R extends Raster>(raster: R, degrees: QuarterTurn): R {
  return degrees === 180 ? reversed(raster, (y) => raster.height - 1 - y) : turned(raster, degrees);
}

/** Left becomes right. */
export function flipHorizontal<R extends Raster>(raster: R): R {
  return reversed(raster, (y) => y);
}

function turned<R extends Raster>(raster: R, degrees: 90 | 270): R {
  const { width, height, bands } = raster;
  const type = typeOf(raster);
  const size = pixelBytes(type);
  const result = newSamples(type, width * height);
  const [source, target] = [bytesOf(raster.data), bytesOf(result)];
  const most = Math.min(height, MAX_ROWS, Math.max(1, Math.floor(MAX_BYTES / (width * size))));
  const memory = kernelMemory();
  memory.load([]);
  const [from, to] = [memory.reserve(most * width * size), memory.reserve(most * width * size)];
  const { bytes, kernels } = memory;
  for (let top = 0; top < height; top += most) {
    const rows = Math.min(most, height - top);
    bytes.set(source.subarray(top * width * size, (top + rows) * width * size), from);
    const column = rows * size;
    const [start, acrossRow, downColumn] =
      degrees === 90 ? [to + column - size, column, -size] : [to + (width - 1) * column, -column, size];
    kernels.transpose(from, width, rows, size, start, acrossRow, downColumn);
    if (rows === height) {
      target.set(bytes.subarray(to, to + width * column));
      continue;
    }
    // The rows are a stripe of columns now.
    const left = (degrees === 90 ? height - top - rows : top) * size;
    for (let x = 0, at = to, out = left; x < width; x++, at += column, out += height * size)
      target.set(bytes.subarray(at, at + column), out);
  }
  return reshaped(raster, { width: height, height: width, bands }, result);
}

/** Every row from right to left, in another place. */
function reversed<R extends Raster>(raster: R, rowOf: (y: number) => number): R {
  const { width, height } = raster;
  const type = typeOf(raster);
  const size = pixelBytes(type);
  const result = newSamples(type, width * height);
  const [source, target] = [bytesOf(raster.data), bytesOf(result)];
  const row = width * size;
  const memory = kernelMemory();
  memory.load([]);
  const [from, to] = [memory.reserve(row), memory.reserve(row)];
  const { bytes, kernels } = memory;
  for (let y = 0; y < height; y++) {
    bytes.set(source.subarray(y * row, (y + 1) * row), from);
    kernels.reverse(from, width, size, to);
    target.set(bytes.subarray(to, to + row), rowOf(y) * row);
  }
  return reshaped(raster, raster, result);
}
