/** The WebAssembly deflate (src/wasm/deflate), and the memory that it works in. */
import { recycling } from '../recycling.ts';
import { instantiate } from '../wasm/load.ts';

type Address = number;

/** What src/wasm/deflate exports; there is said what each does. */
interface DeflateKernel {
  readonly memory: WebAssembly.Memory;
  heapBase(): Address;
  bound(length: number): number;
  deflateRuns(from: Address, length: number, to: Address): number;
}

const PAGE = 65_536;

let kept: DeflateKernel | undefined;

/**
 * One zlib stream of bytes and of runs of equal bytes, as zlib's Z_RLE makes it, in less than half of its time. It may be
 * given back.
 */
export function deflatedRuns(bytes: Uint8Array): Uint8Array {
  const kernel = (kept ??= instantiate<DeflateKernel>('deflate'));
  const from = align(kernel.heapBase());
  const to = align(from + bytes.length);
  const missing = to + kernel.bound(bytes.length) - kernel.memory.buffer.byteLength;
  if (missing > 0) kernel.memory.grow(Math.ceil(missing / PAGE));
  const memory = new Uint8Array(kernel.memory.buffer);
  memory.set(bytes, from);
  const length = kernel.deflateRuns(from, bytes.length, to);
  const output = recycling.lend(length);
  output.set(memory.subarray(to, to + length));
  return output;
}

const align = (address: Address): Address => (address + 15) & ~15;
