/** Steps that look at one pixel at a time, run one after the other over blocks that stay in the processor's cache. */
import { rasterOf, type Raster, type RasterBits, type SampleFormat, type Samples } from '../image/raster.ts';
import { lendSamples } from '../recycling.ts';
import { kernelMemory, type PixelKernels } from './pixel-kernels.ts';

/** Bands and type of samples between two steps. */
export interface SampleType {
  readonly bands: number;
  readonly bitsPerSample: RasterBits;
  readonly sampleFormat: SampleFormat;
}

/** A block of pixels on its way through one step. */
export interface Block {
  readonly from: number;
  readonly to: number;
  readonly pixels: number;
  /** Where the step's constants lie. */
  readonly constants: readonly number[];
}

/** One step, made for rasters of one type. */
export interface BlockStep {
  readonly output: SampleType;
  /** Tables and weights: the same arrays for the same step, so that they are not copied for every strip. */
  readonly constants: readonly ArrayBufferView[];
  readonly run: (kernels: PixelKernels, block: Block) => void;
  /** Of a step that is one look into a table for each sample: the tables, one for each band. */
  readonly tables?: readonly Uint8Array[];
  /** This step and the next as one; `undefined` where they are two. */
  readonly mergedWith?: (next: BlockStep) => BlockStep | undefined;
}

/**
 * Makes what has to be done to rasters of a type: one step, some, or none where they are as they shall be.
 *
 * @throws {RangeError} for rasters that the step does not take.
 */
export type MakeSteps = (input: SampleType) => readonly BlockStep[];

/** All steps in a row, each made for what the one before gives; as few as they can be. */
export function makeSteps(input: SampleType, makers: readonly MakeSteps[]): readonly BlockStep[] {
  const steps: BlockStep[] = [];
  for (const make of makers) {
    for (const step of make(steps.at(-1)?.output ?? input)) {
      const merged = steps.at(-1)?.mergedWith?.(step);
      if (merged === undefined) steps.push(step);
      else steps[steps.length - 1] = merged;
    }
  }
  return steps;
}

/** Bytes of the widest samples of a block: two of them and a table of 16 bits fit into any second-level cache. */
const BLOCK_BYTES = 65_536;

export const pixelBytes = ({ bands, bitsPerSample }: SampleType): number => (bands * bitsPerSample) / 8;

export const FLOAT = { bitsPerSample: 32, sampleFormat: 'float' } as const;
export const BYTE = { bitsPerSample: 8, sampleFormat: 'uint' } as const;
export const WORD = { bitsPerSample: 16, sampleFormat: 'uint' } as const;

export class Chain {
  readonly input: SampleType;
  readonly output: SampleType;
  readonly #steps: readonly BlockStep[];
  readonly #constants: readonly ArrayBufferView[];
  readonly #widest: number;

  constructor(input: SampleType, makers: readonly MakeSteps[]) {
    const steps = makeSteps(input, makers);
    this.input = input;
    this.output = steps.at(-1)?.output ?? input;
    this.#steps = steps;
    this.#constants = steps.flatMap(({ constants }) => constants);
    this.#widest = Math.max(...[input, ...steps.map(({ output }) => output)].map(pixelBytes));
  }

  /** Constants of all steps, for `run`. */
  get constants(): readonly ArrayBufferView[] {
    return this.#constants;
  }

  /** Bytes that an area for so many pixels must have at any step. */
  areaBytes(pixels: number): number {
    return this.#widest * pixels;
  }

  /**
   * Runs all steps over pixels that lie in one of two areas.
   *
   * @param addresses of `constants`.
   * @returns the area in which the result lies.
   */
  run(
    kernels: PixelKernels,
    areas: readonly [number, number],
    pixels: number,
    addresses: readonly number[],
  ): number {
    let [from, to] = areas;
    let used = 0;
    for (const step of this.#steps) {
      const constants = addresses.slice(used, used + step.constants.length);
      step.run(kernels, { from, to, pixels, constants });
      used += step.constants.length;
      [from, to] = [to, from];
    }
    return from;
  }

  /** Sends `samples` of the input's type through all steps into `target`, which has room for as many pixels. */
  transfer(samples: Samples, target: Samples): void {
    const memory = kernelMemory();
    const addresses = memory.load(this.#constants);
    const most = Math.max(1, Math.floor(BLOCK_BYTES / this.#widest));
    const areas = [memory.reserve(this.areaBytes(most)), memory.reserve(this.areaBytes(most))] as const;
    const [source, result] = [bytesOf(samples), bytesOf(target)];
    const { bytes, kernels } = memory;
    const [inBytes, outBytes] = [pixelBytes(this.input), pixelBytes(this.output)];
    const total = source.length / inBytes;
    for (let done = 0; done < total; done += most) {
      const pixels = Math.min(most, total - done);
      bytes.set(source.subarray(done * inBytes, (done + pixels) * inBytes), areas[0]);
      const at = this.run(kernels, areas, pixels, addresses);
      result.set(bytes.subarray(at, at + pixels * outBytes), done * outBytes);
    }
  }

  get isEmpty(): boolean {
    return this.#steps.length === 0;
  }

  /** The raster after all steps; the raster itself when there are none. */
  apply(raster: Raster): Raster {
    if (this.#steps.length === 0) return raster;
    const data = newSamples(this.output, raster.width * raster.height);
    this.transfer(raster.data, data);
    return rasterOf(raster, this.output, data);
  }
}

/** Made in one place, so that all have one shape: see `rasterOf`. */
export const sampleType = (
  bands: number,
  { bitsPerSample, sampleFormat }: Pick<SampleType, 'bitsPerSample' | 'sampleFormat'>,
): SampleType => ({ bands, bitsPerSample, sampleFormat });

export const typeOf = (type: SampleType): SampleType => sampleType(type.bands, type);

export const isSameType = (one: SampleType, other: SampleType): boolean =>
  one.bands === other.bands &&
  one.bitsPerSample === other.bitsPerSample &&
  one.sampleFormat === other.sampleFormat;

/** Memory for so many pixels, which may be given back; its content is arbitrary. */
export function newSamples({ bands, bitsPerSample, sampleFormat }: SampleType, pixels: number): Samples {
  return lendSamples(pixels * bands, bitsPerSample, sampleFormat);
}

export function bytesOf({ buffer, byteOffset, byteLength }: Samples): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** @throws {RangeError} for integers. */
export function requireFloats({ bitsPerSample, sampleFormat }: SampleType): void {
  if (sampleFormat !== 'float')
    throw new RangeError(`a step for floats was given ${bitsPerSample}-bit integers`);
}
