/** The WebAssembly decoders of tiles (src/wasm/codecs), and the memory that they work in. */
import { instantiate } from '../../wasm/load.ts';
import { recycling } from '../../recycling.ts';

type Address = number;
type Sum = (at: Address, rows: number, rowLength: number, step: number) => void;

/** What src/wasm/codecs exports; there is said what each does. */
export interface CodecKernels {
  readonly memory: WebAssembly.Memory;
  heapBase(): Address;
  lzw(from: Address, length: number, to: Address, capacity: number): number;
  sum8: Sum;
  sum16: Sum;
  sum32: Sum;
  gatherPlanes(from: Address, to: Address, rows: number, rowLength: number, sampleBytes: number): void;
}

const PAGE = 65_536;
const INPUT_SLACK = 64;
const OUTPUT_SLACK = 512;

/** A thread keeps memory up to this size; for a larger tile or strip an instance is made and forgotten. */
const MAX_KEPT_BYTES = 2 ** 24;

let kept: CodecKernels | undefined;

/** An instance with room for so many bytes behind its own. */
function kernelsFor(length: number): CodecKernels {
  kept ??= instantiate<CodecKernels>('codecs');
  const kernels = length > MAX_KEPT_BYTES ? instantiate<CodecKernels>('codecs') : kept;
  const missing = kernels.heapBase() + length - kernels.memory.buffer.byteLength;
  if (missing > 0) kernels.memory.grow(Math.ceil(missing / PAGE));
  return kernels;
}

/** LZW of `input` undone to at most `length` bytes, fewer where it ends before; `undefined` when it is broken. */
export function lzwByKernel(input: Uint8Array, length: number): Uint8Array | undefined {
  const kernels = kernelsFor(input.length + length + INPUT_SLACK + OUTPUT_SLACK + 32);
  const memory = new Uint8Array(kernels.memory.buffer);
  const from = align(kernels.heapBase());
  const to = align(from + input.length + INPUT_SLACK);
  memory.set(input, from);
  memory.fill(0, from + input.length, to);
  const written = kernels.lzw(from, input.length, to, length);
  if (written < 0) return undefined;
  const output = recycling.lend(written);
  output.set(memory.subarray(to, to + written));
  return output;
}

type Words = Uint8Array | Uint16Array | Uint32Array;

/** Adds up differences in rows of `rowLength` samples, each to the one `step` before; in place. */
export function sumByKernel(samples: Words, rowLength: number, step: number): void {
  const rows = Math.floor(samples.length / rowLength);
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  const kernels = kernelsFor(bytes.length + OUTPUT_SLACK + 16);
  const memory = new Uint8Array(kernels.memory.buffer);
  const at = align(kernels.heapBase());
  memory.set(bytes, at);
  const sum = ({ 1: 'sum8', 2: 'sum16', 4: 'sum32' } as const)[samples.BYTES_PER_ELEMENT as 1 | 2 | 4];
  kernels[sum](at, rows, rowLength, step);
  bytes.set(memory.subarray(at, at + bytes.length));
}

/** Rows of byte planes, whose differences are added up, to samples with the lowest byte first. */
export function gatherByKernel(
  bytes: Uint8Array,
  sampleBytes: number,
  { rowLength, step }: { readonly rowLength: number; readonly step: number },
): Uint8Array {
  const rowBytes = rowLength * sampleBytes;
  const rows = Math.floor(bytes.length / rowBytes);
  const kernels = kernelsFor(2 * bytes.length + OUTPUT_SLACK + 32);
  const memory = new Uint8Array(kernels.memory.buffer);
  const from = align(kernels.heapBase());
  const to = align(from + bytes.length);
  memory.set(bytes, from);
  kernels.sum8(from, rows, rowBytes, step);
  kernels.gatherPlanes(from, to, rows, rowLength, sampleBytes);
  const output = recycling.lend(bytes.length);
  output.fill(0, rows * rowBytes);
  output.set(memory.subarray(to, to + rows * rowBytes));
  return output;
}

const align = (address: number): number => (address + 15) & ~15;
