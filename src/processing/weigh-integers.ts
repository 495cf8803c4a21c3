/** Changing the size of rasters of 8 and 16 bits by weighted means in whole numbers: first of rows, then of columns. */
import type { Raster, Samples } from '../image/raster.ts';
import { lendSamples } from '../recycling.ts';
import { bytesOf } from './chain.ts';
import { canBeFixed, fixedTaps, type FixedTaps } from './fixed-taps.ts';
import { kernelMemory, type PixelKernels } from './pixel-kernels.ts';
import { reshaped } from './rasters.ts';
import { sourceRows, type ResamplePlan, type RowRange, type Strip } from './resample-plan.ts';

/** Bytes of source rows, and of output rows, that are worked on at a time, if a single row does not need more. */
const PIECE_BYTES = 2 ** 18;

/** Bytes that the source rows of one output row may take; the kernels' memory never shrinks. */
const MOST_BYTES = 2 ** 22;

/** Whether `weighIntegers` can: 1, 3 or 4 bands of 8 or 16 bits, not too many source pixels for one of the output. */
export function areIntegersFor({ rows, columns }: ResamplePlan, raster: Raster): boolean {
  const { bands, data } = raster;
  if (!(data instanceof Uint8Array || data instanceof Uint16Array)) return false;
  if (bands !== 1 && bands !== 3 && bands !== 4) return false;
  const needed = (rows.count + 1) * raster.width * bands * data.BYTES_PER_ELEMENT;
  return canBeFixed(rows) && canBeFixed(columns) && needed <= MOST_BYTES;
}

/**
 * Some rows of the output of a plan, in memory that may be given back; `source` has at least the rows that they are made
 * of. The same as `weighRows` but for rounding: 1 of 255, 16 of 65,535 at the most.
 */
export function weighIntegers<R extends Raster>(source: Strip<R>, plan: ResamplePlan, output: RowRange): R {
  const { bands, bitsPerSample, sampleFormat } = source.raster;
  const { width } = plan.to;
  const { height } = output;
  const made = lendSamples(width * height * bands, bitsPerSample, sampleFormat);
  new IntegerWeighing(source, plan).make(output, made);
  return reshaped(source.raster, { width, height, bands }, made);
}

/** The memory of the kernels while they make rows of one source. */
class IntegerWeighing {
  readonly #source: Strip;
  readonly #plan: ResamplePlan;
  readonly #down: FixedTaps;
  readonly #across: FixedTaps;
  readonly #rowSamples: number;
  readonly #rowBytes: number;
  readonly #madeBytes: number;
  readonly #memory = kernelMemory();
  readonly #at: Areas;

  constructor(source: Strip, plan: ResamplePlan) {
    const { width, bands, data } = source.raster;
    this.#source = source;
    this.#plan = plan;
    this.#rowSamples = width * bands;
    this.#rowBytes = this.#rowSamples * data.BYTES_PER_ELEMENT;
    this.#madeBytes = plan.to.width * bands * data.BYTES_PER_ELEMENT;
    // The kernel of one band takes four pixels at a time, and eight weights of each.
    const positions = Math.ceil(plan.to.width / 4) * 4;
    this.#across = fixedTaps(plan.columns, { multiple: bands === 1 ? 8 : 2, positions });
    this.#down = fixedTaps(plan.rows, { multiple: 2, positions: plan.to.height });
    const starts = new Int32Array(positions);
    starts.set(plan.columns.starts);
    const [startsAt, across, down] = this.#memory.load([starts, this.#across.weights, this.#down.weights]);
    this.#at = {
      starts: startsAt!,
      across: across!,
      down: down!,
      // One row more than counts: of an odd number of taps the last is read with the next row.
      source: this.#memory.reserve(Math.max(PIECE_BYTES, plan.rows.count * this.#rowBytes) + this.#rowBytes),
      middle: this.#memory.reserve(2 * (this.#rowSamples + this.#across.length * bands)),
      made: this.#memory.reserve(Math.max(PIECE_BYTES, this.#madeBytes)),
    };
  }

  make(output: RowRange, made: Samples): void {
    const into = bytesOf(made);
    for (const piece of this.#pieces(output)) {
      this.#makePiece(piece);
      const end = this.#at.made + piece.height * this.#madeBytes;
      const rows = this.#memory.bytes.subarray(this.#at.made, end);
      into.set(rows, (piece.top - output.top) * this.#madeBytes);
    }
  }

  /** Output rows that, as their source rows, fit into a piece. */
  *#pieces({ top: start, height: rows }: RowRange): Iterable<RowRange> {
    const fits = (range: RowRange): boolean =>
      sourceRows(this.#plan, range).height * this.#rowBytes <= PIECE_BYTES &&
      range.height * this.#madeBytes <= PIECE_BYTES;
    const end = start + rows;
    for (let top = start; top < end;) {
      let height = 1;
      while (top + height < end && fits({ top, height: height + 1 })) height++;
      yield { top, height };
      top += height;
    }
  }

  #makePiece({ top, height }: RowRange): void {
    const { raster, top: sourceTop } = this.#source;
    const { rows, to } = this.#plan;
    const { kernels, bytes } = this.#memory;
    const needed = sourceRows(this.#plan, { top, height });
    const first = (needed.top - sourceTop) * this.#rowSamples;
    bytes.set(
      bytesOf(raster.data.subarray(first, first + needed.height * this.#rowSamples)),
      this.#at.source,
    );
    const isWide = raster.bitsPerSample === 16;
    const weighRows = isWide ? kernels.weighRows16 : kernels.weighRows8;
    const weighColumns = columnsKernel(kernels, raster.bands);
    const groups = this.#across.length / (raster.bands === 1 ? 8 : 2);
    for (let row = 0; row < height; row++) {
      const from = this.#at.source + (rows.starts[top + row]! - needed.top) * this.#rowBytes;
      const weights = this.#at.down + 2 * (top + row) * this.#down.length;
      weighRows(from, this.#rowBytes, weights, this.#down.length / 2, this.#at.middle, this.#rowSamples);
      const made = this.#at.made + row * this.#madeBytes;
      weighColumns(this.#at.middle, this.#at.starts, this.#at.across, groups, made, to.width, isWide);
    }
  }
}

interface Areas {
  readonly starts: number;
  readonly across: number;
  readonly down: number;
  /** Source rows of a piece. */
  readonly source: number;
  /** A row between both passes. */
  readonly middle: number;
  /** Output rows of a piece. */
  readonly made: number;
}

function columnsKernel(kernels: PixelKernels, bands: number): PixelKernels['weighGray'] {
  if (bands === 1) return kernels.weighGray;
  return bands === 3 ? kernels.weighColors : kernels.weighFour;
}
