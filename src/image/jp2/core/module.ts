/** This thread's instance of the WebAssembly module, and its memory: fixed places for one block, planes behind. */
import { ServerError } from '../../../errors.ts';
import { instantiate } from '../../../wasm/load.ts';

/** What src/wasm/jp2 exports; comments are there. Addresses and counts are whole numbers. */
export interface Exports {
  readonly memory: WebAssembly.Memory;
  bytesAddress(): number;
  segmentsAddress(): number;
  coefficientsAddress(): number;
  heapBase(): number;
  decodeBlock(
    width: number,
    height: number,
    orientation: number,
    planes: number,
    style: number,
    segmentCount: number,
  ): number;
  decodeHighThroughputBlock(
    width: number,
    height: number,
    planes: number,
    missingPlanes: number,
    style: number,
    segmentCount: number,
  ): number;
  unshiftRegion(count: number, threshold: number, shift: number): void;
  storeIntegers(
    first: number,
    blockWidth: number,
    width: number,
    height: number,
    fraction: number,
    target: number,
    targetBytes: number,
  ): void;
  storeFloats(
    first: number,
    blockWidth: number,
    width: number,
    height: number,
    step: number,
    target: number,
    targetBytes: number,
  ): void;
  inverse53: InverseTransform;
  inverse97: InverseTransform;
  inverseRct: ColorTransform;
  inverseIct: ColorTransform;
  finishPlane(
    plane: number,
    rowBytes: number,
    width: number,
    height: number,
    isFloat: number,
    shift: number,
    least: number,
    most: number,
  ): void;
  interleavePlane(
    plane: number,
    rowBytes: number,
    width: number,
    height: number,
    isFloat: number,
    shift: number,
    most: number,
    sampleBytes: number,
    target: number,
    pixelSamples: number,
  ): void;
  interleaveThree(
    first: number,
    second: number,
    third: number,
    rowBytes: number,
    width: number,
    height: number,
    isFloat: number,
    shift: number,
    most: number,
    target: number,
  ): void;
}

type InverseTransform = (
  plane: number,
  rowBytes: number,
  width: number,
  height: number,
  parities: number,
  low: number,
  lowBytes: number,
) => void;

type ColorTransform = (
  first: number,
  second: number,
  third: number,
  rowBytes: number,
  width: number,
  height: number,
) => void;

/** An instance that grew over this is given up after the tile: WebAssembly memory never shrinks. */
const KEPT_BYTES = 64 << 20;
/** No tile needs more: `MAX_TILE_SAMPLES` four-byte samples, the resolutions below them, margins. */
const MAX_BYTES = 512 << 20;

/** The module's functions and its memory as arrays, with places given out one behind the other. */
export class Core {
  readonly exports: Exports;
  bytes: Uint8Array;
  words: Int32Array;
  floats: Float32Array;
  private next: number;

  constructor(exports: Exports) {
    this.exports = exports;
    this.bytes = new Uint8Array(exports.memory.buffer);
    this.words = new Int32Array(exports.memory.buffer);
    this.floats = new Float32Array(exports.memory.buffer);
    this.next = exports.heapBase();
  }

  /** The address of `bytes` bytes, aligned to 64; what is there is left from before. */
  allocate(bytes: number): number {
    const address = (this.next + 63) & ~63;
    const end = address + bytes + 64;
    if (end > MAX_BYTES) throw new ServerError('too-large', 'the part of the picture is too large to decode');
    this.next = address + bytes;
    const missing = end - this.bytes.byteLength;
    if (missing > 0) this.grow(missing);
    return address;
  }

  /** Gives back everything behind `address`. */
  release(address: number = this.exports.heapBase()): void {
    this.next = address;
  }

  private grow(bytes: number): void {
    try {
      this.exports.memory.grow(Math.ceil(bytes / 65536));
    } catch (cause) {
      throw new ServerError('overloaded', 'no memory to decode the picture', { cause });
    }
    this.bytes = new Uint8Array(this.exports.memory.buffer);
    this.words = new Int32Array(this.exports.memory.buffer);
    this.floats = new Float32Array(this.exports.memory.buffer);
  }
}

let kept: Core | undefined;

/** Runs `work` with this thread's core; nothing that it allocated outlives the call. */
export function withCore<T>(work: (core: Core) => T): T {
  const core = (kept ??= new Core(instantiate<Exports>('jp2')));
  core.release();
  try {
    return work(core);
  } finally {
    if (core.bytes.byteLength > KEPT_BYTES) kept = undefined;
  }
}
