/** The WebAssembly loops over samples (src/wasm/pixels), and the memory that they share. */
import { instantiate } from '../wasm/load.ts';

type Address = number;

/** What src/wasm/pixels exports; there is said what each does. */
export interface PixelKernels {
  readonly memory: WebAssembly.Memory;
  heapBase(): Address;
  lookup(from: Address, to: Address, count: number, table: Address): void;
  lookup16(from: Address, to: Address, count: number, table: Address): void;
  lookupBand8: LookupBand;
  lookupBand16: LookupBand;
  colors8: LookupColors;
  colors16: LookupColors;
  normalize8: Normalize;
  normalize16: Normalize;
  normalize32: Normalize;
  normalizeFloat: Normalize;
  contrast8(from: Address, to: Address, count: number, scale: number, slack: number): void;
  contrast16(from: Address, to: Address, count: number, scale: number, slack: number): void;
  gamma(from: Address, to: Address, count: number, exponent: number, ofZero: number): void;
  logarithm(from: Address, to: Address, count: number): void;
  invert(from: Address, to: Address, count: number): void;
  twist(from: Address, bands: number, to: Address, outputs: number, pixels: number, columns: Address): void;
  shade(from: Address, bands: number, to: Address, pixels: number, x: number, y: number, z: number): void;
  colormap(from: Address, bands: number, to: Address, pixels: number, map: Address, segments: number): void;
  gray8: MixBands;
  gray16: MixBands;
  cielab8: MixBands;
  cielab16: MixBands;
  cielabFloat: MixBands;
  weigh(to: Address, count: number, table: Address, taps: number): void;
  weighRows8: WeighRows;
  weighRows16: WeighRows;
  weighGray: WeighColumns;
  weighColors: WeighColumns;
  weighFour: WeighColumns;
  pick(from: Address, bands: number, to: Address, kept: number, pixels: number, size: number): void;
  highByte16(from: Address, to: Address, count: number): void;
  highByte32(from: Address, to: Address, count: number): void;
  transpose(
    from: Address,
    width: number,
    height: number,
    size: number,
    to: Address,
    acrossRow: number,
    downColumn: number,
  ): void;
  reverse(from: Address, pixels: number, size: number, to: Address): void;
}

type LookupBand = (
  from: Address,
  fromStride: number,
  to: Address,
  toStride: number,
  pixels: number,
  table: Address,
) => void;
type LookupColors = (from: Address, stride: number, to: Address, pixels: number, table: Address) => void;
type Normalize = (
  from: Address,
  to: Address,
  count: number,
  offsets: Address,
  factors: Address,
  period: number,
) => void;
type WeighRows = (
  from: Address,
  stride: number,
  weights: Address,
  pairs: number,
  to: Address,
  count: number,
) => void;
type WeighColumns = (
  from: Address,
  starts: Address,
  weights: Address,
  length: number,
  to: Address,
  width: number,
  isWide: boolean,
) => void;
type MixBands = (from: Address, bands: number, to: Address, pixels: number) => void;

/** Kernels read and write up to so many bytes behind the end of what they are given. */
export const OVERRUN = 64;

const PAGE = 65_536;

/** A thread's instance, and the areas that its memory is divided into for one piece of work. */
export class KernelMemory {
  readonly kernels: PixelKernels;
  #bytes: Uint8Array;
  #loaded: readonly ArrayBufferView[] = [];
  #addresses: readonly Address[] = [];
  #top = 0;

  constructor() {
    this.kernels = instantiate<PixelKernels>('pixels');
    this.#bytes = new Uint8Array(this.kernels.memory.buffer);
  }

  /** All of the memory; the next `reserve` may make another array of it. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /**
   * Puts constants at the beginning and forgets all areas.
   *
   * @returns where each constant is. Those that are there from the last time, the same arrays, are not copied again.
   */
  load(constants: readonly ArrayBufferView[]): readonly Address[] {
    const isLoaded =
      constants.length === this.#loaded.length && constants.every((array, i) => array === this.#loaded[i]);
    if (!isLoaded) {
      this.#top = this.kernels.heapBase();
      this.#addresses = constants.map(({ byteLength }) => this.reserve(byteLength));
      constants.forEach(({ buffer, byteOffset, byteLength }, i) => {
        this.#bytes.set(new Uint8Array(buffer, byteOffset, byteLength), this.#addresses[i]);
      });
      this.#loaded = constants;
    }
    const last = constants.length - 1;
    this.#top = last < 0 ? this.kernels.heapBase() : this.#addresses[last]! + constants[last]!.byteLength;
    return this.#addresses;
  }

  /** An area of its own until the next `load`, at an address that vectors like; nothing is known of its bytes. */
  reserve(length: number): Address {
    const address = (this.#top + 15) & ~15;
    this.#top = address + length + OVERRUN;
    const missing = this.#top + OVERRUN - this.#bytes.length;
    if (missing > 0) {
      this.kernels.memory.grow(Math.ceil(missing / PAGE));
      this.#bytes = new Uint8Array(this.kernels.memory.buffer);
    }
    return address;
  }
}

let shared: KernelMemory | undefined;

/** The one of this thread: whoever uses it is done before anything else runs. */
export function kernelMemory(): KernelMemory {
  shared ??= new KernelMemory();
  return shared;
}
