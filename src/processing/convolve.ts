/** Convolution with a small kernel: blur, sharpen, find edges. */
import type { Raster } from '../image/raster.ts';
import {
  bytesOf,
  Chain,
  newSamples,
  pixelBytes,
  requireFloats,
  typeOf,
  type MakeSteps,
  type SampleType,
} from './chain.ts';
import { kernelMemory, type KernelMemory } from './pixel-kernels.ts';

/** The weights of a square with an odd side, row after row. */
export type ConvolutionKernel = readonly number[];

// The three edge finders see changes along rows only; sobel and scharr are bright where a row grows brighter, prewitt
// where it grows darker. All weights were found by least squares from recorded pictures.
const KERNELS: ReadonlyMap<string, ConvolutionKernel> = new Map([
  ['sobel', [-1, 0, 1, -2, 0, 2, -1, 0, 1]],
  ['prewitt', [1, 0, -1, 1, 0, -1, 1, 0, -1]],
  ['scharr', [-3, 0, 3, -10, 0, 10, -3, 0, 3]],
  ['laplace', [-1, -1, -1, -1, 8, -1, -1, -1, -1]],
  ['gaussian', [1, 2, 1, 2, 4, 2, 1, 2, 1]],
  ['sharpen', [0, -1, 0, -1, 5, -1, 0, -1, 0]],
  ['emboss', [-2, -1, 0, -1, 1, 1, 0, 1, 2]],
]);

/** The kernel of a name, 3 x 3; `undefined` for an unknown name. (BEHAVIOUR 5: CNV) */
export function namedKernel(name: string): ConvolutionKernel | undefined {
  return KERNELS.get(name);
}

/** Rows and columns around a pixel that a kernel looks at. @throws {RangeError} for one without a side of 1, 3 or 5. */
export function kernelReach(kernel: ConvolutionKernel): number {
  const side = Math.sqrt(kernel.length);
  if (side !== 1 && side !== 3 && side !== 5) throw new RangeError(`a kernel of ${kernel.length} weights`);
  return (side - 1) / 2;
}

/**
 * Steps, a convolution and steps again, row by row:
 *
 * out(x, y) = sum of weight(dx, dy) * in(x + dx, y + dy), divided by the kernel's sum when that is positive. Pixels over the
 * edge are those at the edge. Bands do not mix. (BEHAVIOUR 8)
 */
export class Convolution {
  readonly reach: number;
  readonly #kernel: ConvolutionKernel;
  readonly #before: Chain;
  readonly #after: Chain;

  /** @throws {RangeError} for a kernel that is no square with a side of 1, 3 or 5, and when `before` gives no floats. */
  constructor(
    input: SampleType,
    before: readonly MakeSteps[],
    kernel: ConvolutionKernel,
    after: readonly MakeSteps[],
  ) {
    this.reach = kernelReach(kernel);
    this.#kernel = normalized(kernel);
    this.#before = new Chain(input, before);
    requireFloats(this.#before.output);
    this.#after = new Chain(this.#before.output, after);
  }

  apply(raster: Raster): Raster {
    const { width, height } = raster;
    const output = this.#after.output;
    const data = newSamples(output, width * height);
    const [source, target] = [bytesOf(raster.data), bytesOf(data)];
    const [inRow, outRow] = [width * pixelBytes(typeOf(raster)), width * pixelBytes(output)];
    const rows = new RowWindow(this.#before, this.#after, width, this.#kernel);
    for (let row = -this.reach; row < height + this.reach; row++) {
      const y = Math.min(Math.max(row, 0), height - 1);
      rows.take(source.subarray(y * inRow, (y + 1) * inRow));
      if (row >= this.reach) target.set(rows.give(outRow), (row - this.reach) * outRow);
    }
    return { width, height, ...output, data };
  }
}

/** Weights that add up to 1 where that is possible. */
function normalized(kernel: ConvolutionKernel): ConvolutionKernel {
  const sum = kernel.reduce((a, b) => a + b, 0);
  // Weights that cancel out may leave a rounding error behind, which is no positive sum.
  return sum > 1e-9 ? kernel.map((weight) => weight / sum) : kernel;
}

/** Bytes of an address and a weight. */
const TAP_BYTES = 8;

/** As many rows of floats in the kernels' memory as a kernel is high, each with the margins that it needs. */
class RowWindow {
  readonly #memory: KernelMemory;
  readonly #before: Chain;
  readonly #after: Chain;
  readonly #width: number;
  readonly #side: number;
  readonly #pixel: number;
  readonly #constants: readonly number[];
  readonly #areas: readonly [number, number];
  readonly #rows: readonly number[];
  readonly #table: number;
  readonly #taps: readonly { readonly dx: number; readonly dy: number; readonly weight: number }[];
  #taken = 0;

  constructor(before: Chain, after: Chain, width: number, kernel: ConvolutionKernel) {
    const memory = kernelMemory();
    this.#memory = memory;
    this.#before = before;
    this.#after = after;
    this.#width = width;
    this.#side = Math.sqrt(kernel.length);
    this.#pixel = pixelBytes(before.output);
    this.#constants = memory.load([...before.constants, ...after.constants]);
    const area = Math.max(before.areaBytes(width), after.areaBytes(width));
    this.#areas = [memory.reserve(area), memory.reserve(area)];
    this.#rows = Array.from({ length: this.#side }, () =>
      memory.reserve(this.#pixel * (width + this.#side - 1)),
    );
    this.#table = memory.reserve(TAP_BYTES * kernel.length);
    this.#taps = kernel
      .map((weight, i) => ({ dx: i % this.#side, dy: Math.floor(i / this.#side), weight }))
      .filter(({ weight }) => weight !== 0);
  }

  /** Adds the next row from above, in the samples of the input. */
  take(row: Uint8Array): void {
    const { bytes, kernels } = this.#memory;
    bytes.set(row, this.#areas[0]);
    const made = this.#before.run(kernels, this.#areas, this.#width, this.#constants);
    const margin = ((this.#side - 1) / 2) * this.#pixel;
    const start = this.#rows[this.#taken % this.#side]!;
    const length = this.#width * this.#pixel;
    bytes.copyWithin(start + margin, made, made + length);
    for (let at = 0; at < margin; at += this.#pixel) {
      bytes.copyWithin(start + at, made, made + this.#pixel);
      bytes.copyWithin(start + margin + length + at, made + length - this.#pixel, made + length);
    }
    this.#taken++;
  }

  /** The row in the middle of those that were taken last, after all steps; a view until the next call. */
  give(length: number): Uint8Array {
    const { bytes, kernels } = this.#memory;
    const table = new DataView(bytes.buffer, this.#table);
    this.#taps.forEach(({ dx, dy, weight }, i) => {
      const row = this.#rows[(this.#taken + dy) % this.#side]!;
      table.setUint32(i * TAP_BYTES, row + dx * this.#pixel, true);
      table.setFloat32(i * TAP_BYTES + 4, weight, true);
    });
    kernels.weigh(this.#areas[0], (this.#width * this.#pixel) / 4, this.#table, this.#taps.length);
    const constants = this.#constants.slice(this.#before.constants.length);
    const made = this.#after.run(kernels, this.#areas, this.#width, constants);
    return bytes.subarray(made, made + length);
  }
}
