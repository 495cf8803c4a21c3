/** Decoded components to a raster: upsampling, palette, order, depth, color. */
import { unassociateAlpha } from '../../tiff/alpha.ts';
import { expansion } from '../../tiff/unpack.ts';
import { allocateSamples, type Raster, type Samples, type Size } from '../../raster.ts';
import type { Bounds } from '../core/types.ts';
import type { Palette } from '../boxes/header-boxes.ts';
import type { BandSource, PictureBands } from './bands.ts';
import { labToTiff } from './lab.ts';
import { invertBands, yccToRgb } from './ycc.ts';

/** Samples of one component. */
export interface Plane extends Bounds {
  readonly samples: Int32Array;
  /** Points of the reference grid from one sample to the next, at full size. */
  readonly dx: number;
  readonly dy: number;
}

/** A window of the picture, counted like planes from the canvas's origin; `dx` and `dy` are those of its pixels. */
export interface PictureWindow extends Bounds {
  readonly dx: number;
  readonly dy: number;
}

/**
 * The raster of a window.
 *
 * @param planes by component, at the reduction of the window; each holds what the window needs.
 */
export function paint(
  bands: PictureBands,
  window: PictureWindow,
  planes: readonly (Plane | undefined)[],
): Raster {
  const size = { width: window.x1 - window.x0, height: window.y1 - window.y0 };
  const data = allocateSamples(size.width * size.height * bands.sources.length, bands.rasterBits, 'uint');
  bands.sources.forEach((source, band) => {
    const plane = planes[source.component]!;
    const columns = indexesOf({ start: window.x0, count: size.width, step: window.dx }, plane.dx, [
      plane.x0,
      plane.x1,
    ]);
    const rows = indexesOf({ start: window.y0, count: size.height, step: window.dy }, plane.dy, [
      plane.y0,
      plane.y1,
    ]);
    const values = valuesOf(source, bands);
    fillBand(data, { band, bands: bands.sources.length, size }, { plane, columns, rows, values });
  });
  return finish(bands, size, data);
}

/** What is left to do when every band has its samples, over the whole of the raster's bits. */
export function finish(bands: PictureBands, { width, height }: Size, data: Samples): Raster {
  const { rasterBits, conversion, sources } = bands;
  const raster: Raster = {
    width,
    height,
    bands: sources.length,
    bitsPerSample: rasterBits,
    sampleFormat: 'uint',
    data,
  };
  switch (conversion.kind) {
    case 'none':
      break;
    case 'ycc':
      yccToRgb(raster);
      break;
    case 'ycck':
      yccToRgb(raster);
      invertBands(raster, 3);
      break;
    case 'cmy':
      invertBands(raster, 3);
      break;
    case 'inverted':
      invertBands(raster, 1);
      break;
    case 'lab':
      if (data instanceof Uint16Array) labToTiff(data, sources.length, conversion.range);
  }
  if (bands.isPremultiplied) unassociateAlpha(raster);
  return raster;
}

interface PixelRange {
  readonly start: number;
  readonly count: number;
  /** Points of the reference grid from one pixel to the next. */
  readonly step: number;
}

/**
 * For every pixel of a row or column the sample of the plane that it shows: the last one that does not lie behind it.
 * Pixels before the first sample show that.
 */
function indexesOf(
  { start, count, step }: PixelRange,
  sampleStep: number,
  [first, end]: [number, number],
): Int32Array {
  const indexes = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const sample = Math.floor(((start + i) * step) / sampleStep);
    indexes[i] = Math.min(Math.max(sample, first), end - 1) - first;
  }
  return indexes;
}

/** From a sample, with `offset` added to it, to a value of the raster. */
interface Values {
  readonly offset: number;
  /** For small ranges a table; for others the value is multiplied. */
  readonly table?: ArrayLike<number>;
  readonly factor: number;
}

const MAX_TABLE_BITS = 16;

function valuesOf(source: BandSource, { palette, rasterBits }: PictureBands): Values {
  if (source.column !== undefined && palette !== undefined) {
    return { offset: 0, table: paletteTable(palette, source.column, rasterBits), factor: 1 };
  }
  const offset = source.isSigned ? 2 ** (source.precision - 1) : 0;
  const factor = scale(source.precision, rasterBits);
  if (factor === 1 || source.precision > MAX_TABLE_BITS) return { offset, factor };
  return { offset, factor, table: expansionTo(source.precision, rasterBits) };
}

const tables = new Map<string, ArrayLike<number>>();

/** Samples of `bits` bits over the whole of `rasterBits`: their high bits again below (BEHAVIOUR 4). */
export function expansionTo(bits: number, rasterBits: number): ArrayLike<number> {
  const isUsual = (bits <= 8 && rasterBits === 8) || (bits > 8 && bits <= 16 && rasterBits === 16);
  if (isUsual) return expansion(bits);
  const key = `${bits} ${rasterBits}`;
  const known = tables.get(key);
  if (known !== undefined) return known;
  const factor = scale(bits, rasterBits);
  const table = Float64Array.from({ length: 2 ** bits }, (_, value) => Math.round(value * factor));
  tables.set(key, table);
  return table;
}

const scale = (bits: number, rasterBits: number): number => (2 ** rasterBits - 1) / (2 ** bits - 1);

/** The colors of a column; an index behind the last one means the last one. */
function paletteTable({ columns, count, values }: Palette, column: number, rasterBits: number): Float64Array {
  const { precision, isSigned } = columns[column]!;
  const offset = isSigned ? 2 ** (precision - 1) : 0;
  const factor = scale(precision, rasterBits);
  return Float64Array.from({ length: count }, (_, color) =>
    Math.round((values[color * columns.length + column]! + offset) * factor),
  );
}

interface BandTarget {
  readonly band: number;
  readonly bands: number;
  readonly size: Size;
}

interface BandOrigin {
  readonly plane: Plane;
  readonly columns: Int32Array;
  readonly rows: Int32Array;
  readonly values: Values;
}

function fillBand(data: Samples, { band, bands, size }: BandTarget, origin: BandOrigin): void {
  const { plane, columns, rows, values } = origin;
  const { samples } = plane;
  const { offset, table, factor } = values;
  const stride = plane.x1 - plane.x0;
  const last = table === undefined ? 0 : table.length - 1;
  for (let y = 0; y < size.height; y++) {
    const row = rows[y]! * stride;
    let to = y * size.width * bands + band;
    for (let x = 0; x < size.width; x++, to += bands) {
      const value = samples[row + columns[x]!]! + offset;
      if (table !== undefined) data[to] = table[value < 0 ? 0 : value > last ? last : value]!;
      else data[to] = factor === 1 ? value : Math.round(value * factor);
    }
  }
}
