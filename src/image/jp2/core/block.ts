/** One code-block: its bytes into the module's memory, its coefficients into the plane that they belong to. */
import type { Core } from './module.ts';
import type { Band, Bounds, CodeBlock, CodeBlockStyle } from './types.ts';

/** As in src/wasm/jp2/memory.as.ts, where the reasons are. */
const MAX_BLOCK_SAMPLES = 4096;
const MAX_BLOCK_BYTES = 262144;
const MAX_SEGMENTS = 128;
const GUARD_BYTES = 4;
/** Bits of a coefficient's magnitude. */
const MAX_PLANES = 31;

const HIGH_THROUGHPUT = 64;

const ORIENTATIONS = { LL: 0, HL: 1, LH: 2, HH: 3 } as const;

/** Where coefficients of a band go. */
export interface BandTarget {
  /** What of the band is there. */
  readonly bounds: Bounds;
  /** The address of its first coefficient, and the bytes from one row to the next. */
  readonly address: number;
  readonly rowBytes: number;
}

/** What turns whole coefficients into those of the transform. */
export interface Quantization {
  /** `undefined` for whole numbers. */
  readonly step: number | undefined;
  readonly roiShift: number;
}

/** SPcod's bits (Table A.19), as the module takes them. */
export function styleBits(style: CodeBlockStyle): number {
  return (
    (style.bypass ? 1 : 0) |
    (style.resetContexts ? 2 : 0) |
    (style.terminateAll ? 4 : 0) |
    (style.verticallyCausal ? 8 : 0) |
    (style.predictableTermination ? 16 : 0) |
    (style.segmentationSymbols ? 32 : 0) |
    (style.highThroughput ? HIGH_THROUGHPUT : 0)
  );
}

/**
 * Decodes `block` and stores what of it lies in `target`.
 *
 * @returns whether everything in it was as it should be.
 */
export function decodeBlock(
  core: Core,
  block: CodeBlock,
  band: Band,
  style: number,
  quantization: Quantization,
  target: BandTarget,
): boolean {
  const { width, height } = block;
  const planes = band.magnitudeBits + quantization.roiShift - block.zeroBitPlanes;
  if (block.segments.length === 0 || planes === 0) return true;
  if (planes < 0 || planes > MAX_PLANES || width * height > MAX_BLOCK_SAMPLES) return false;
  const segmentCount = placeSegments(core, block);
  const { exports } = core;
  const status =
    (style & HIGH_THROUGHPUT) !== 0
      ? exports.decodeHighThroughputBlock(width, height, planes, block.zeroBitPlanes, style, segmentCount)
      : exports.decodeBlock(width, height, ORIENTATIONS[band.orientation], planes, style, segmentCount);
  const fraction = planes > 30 ? 0 : 1;
  const { roiShift } = quantization;
  if (roiShift > 0 && roiShift + fraction < 32)
    exports.unshiftRegion(width * height, 2 ** (roiShift + fraction), roiShift);
  storeBlock(core, block, fraction, quantization.step, target);
  return status === 0;
}

/** Copies the segments and their table; returns how many there are. */
function placeSegments(core: Core, block: CodeBlock): number {
  const { bytes, words, exports } = core;
  const start = exports.bytesAddress();
  const table = exports.segmentsAddress() >> 2;
  let room = MAX_BLOCK_BYTES;
  let position = start;
  let count = 0;
  for (const segment of block.segments) {
    if (count === MAX_SEGMENTS) break;
    const first = position;
    for (const chunk of segment.chunks) {
      const fitting = chunk.length <= room ? chunk : chunk.subarray(0, room);
      bytes.set(fitting, position);
      position += fitting.length;
      room -= fitting.length;
    }
    words[table + 2 * count] = position - first;
    words[table + 2 * count + 1] = segment.passes;
    for (const end = position + GUARD_BYTES; position < end; position++) bytes[position] = 0xff;
    count++;
  }
  return count;
}

function storeBlock(
  core: Core,
  block: CodeBlock,
  fraction: number,
  step: number | undefined,
  { bounds, address, rowBytes }: BandTarget,
): void {
  const x0 = Math.max(block.x, bounds.x0);
  const y0 = Math.max(block.y, bounds.y0);
  const width = Math.min(block.x + block.width, bounds.x1) - x0;
  const height = Math.min(block.y + block.height, bounds.y1) - y0;
  if (width <= 0 || height <= 0) return;
  const first = (y0 - block.y) * block.width + x0 - block.x;
  const target = address + (y0 - bounds.y0) * rowBytes + (x0 - bounds.x0) * 4;
  if (step === undefined)
    core.exports.storeIntegers(first, block.width, width, height, fraction, target, rowBytes);
  else core.exports.storeFloats(first, block.width, width, height, step / 2 ** fraction, target, rowBytes);
}
