/** The code-blocks that a window of a tile-component needs, with their bytes, as the core decodes them. */
import type { Cancellation } from '../../reader.ts';
import type { Chunks } from '../codestream/chunks.ts';
import type { Band, Bounds, CodeBlock, CodeBlockStyle, Segment, TileComponent } from '../core/types.ts';
import { isEmpty } from '../core/window.ts';
import { passesLeftInSegment } from './coding-passes.ts';
import type { Contributions } from './contributions.ts';
import type { BandGeometry } from './geometry.ts';
import { BLOCK, type Precinct, type PrecinctBand } from './precinct.ts';
import type { TilePackets } from './tile-packets.ts';
import { needOf, samplesOf, type ComponentWish, type Need } from './window-needs.ts';

export interface BlockParts {
  readonly layers: number;
  readonly chunks: Chunks;
  readonly cancellation: Cancellation;
}

/** A component with the code-blocks of its window. */
export interface ComponentBlocks {
  readonly component: TileComponent;
  readonly window: Bounds;
}

/**
 * Parses the packets and reads the bytes that windows of some components need.
 *
 * @throws {ServerError} as parsing and reading do.
 */
export async function readBlocks(
  packets: TilePackets,
  wishes: readonly ComponentWish[],
  { layers, chunks, cancellation }: BlockParts,
): Promise<ComponentBlocks[]> {
  const needs = wishes.map((wish) => needOf(packets, wish));
  const precincts = needs.flatMap((need) => need.precincts);
  const isWhole = needs.reduce((sum, need) => sum + need.samples, 0) * 2 > samplesOf(packets.geometry);
  await packets.parse({ precincts, layers, isWhole }, chunks, cancellation);
  const found = needs.map((need) => findBlocks(packets, need, layers));
  const ranges: [number, number][] = [];
  for (const bands of found)
    for (const { blocks } of bands.flat()) addRanges(ranges, packets, blocks, layers);
  await chunks.load(ranges);
  return needs.map((need, i) => ({
    component: componentOf(packets, need, { bands: found[i]!, chunks, layers }),
    window: need.wish.window,
  }));
}

/** A code-block that something was said of. */
interface FoundBlock extends Bounds {
  readonly state: Int32Array;
  /** Where its numbers are in the state. */
  readonly at: number;
}

interface FoundBand {
  readonly blocks: FoundBlock[];
}

/** Per resolution and band. */
function findBlocks(packets: TilePackets, need: Need, layers: number): FoundBand[][] {
  const found = need.resolutions.map(({ bands }) => bands.map((): FoundBand => ({ blocks: [] })));
  for (const number of need.precincts) {
    const precinct = packets.precinct(number);
    if (precinct === undefined) continue;
    const { resolution, bands } = precinct.resolution;
    for (const part of precinct.bands) {
      const band = bands.indexOf(part.band);
      const bounds = need.bounds[resolution]![band]!;
      addBlocks(found[resolution]![band]!.blocks, { precinct, part, bounds, packets, layers });
    }
  }
  return found;
}

interface Place {
  readonly precinct: Precinct;
  readonly part: PrecinctBand;
  readonly bounds: Bounds;
  readonly packets: TilePackets;
  readonly layers: number;
}

function addBlocks(blocks: FoundBlock[], { precinct, part, bounds, packets, layers }: Place): void {
  if (isEmpty(bounds)) return;
  const { state, resolution } = precinct;
  const [width, height] = [2 ** resolution.block.x, 2 ** resolution.block.y];
  const left = Math.max(Math.floor(bounds.x0 / width), part.firstColumn);
  const top = Math.max(Math.floor(bounds.y0 / height), part.firstRow);
  const right = Math.min(Math.ceil(bounds.x1 / width), part.firstColumn + part.columns);
  const bottom = Math.min(Math.ceil(bounds.y1 / height), part.firstRow + part.rows);
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) {
      const index = (row - part.firstRow) * part.columns + column - part.firstColumn;
      const at = part.blocks + index * BLOCK.size;
      const head = state[at + BLOCK.head]!;
      if (head === -1 || packets.contributions.layers[head]! >= layers) continue;
      blocks.push({
        x0: Math.max(column * width, part.x0),
        y0: Math.max(row * height, part.y0),
        x1: Math.min((column + 1) * width, part.x1),
        y1: Math.min((row + 1) * height, part.y1),
        state,
        at,
      });
    }
  }
}

function addRanges(
  ranges: [number, number][],
  { contributions }: TilePackets,
  blocks: readonly FoundBlock[],
  layers: number,
): void {
  const { next, layers: layerOf, offsets, lengths } = contributions;
  for (const { state, at } of blocks) {
    for (let i = state[at + BLOCK.head]!; i !== -1 && layerOf[i]! < layers; i = next[i]!) {
      if (lengths[i]! > 0) ranges.push([offsets[i]!, lengths[i]!]);
    }
  }
}

interface BlockBytes {
  readonly bands: readonly (readonly FoundBand[])[];
  readonly chunks: Chunks;
  readonly layers: number;
}

function componentOf(packets: TilePackets, need: Need, { bands, chunks, layers }: BlockBytes): TileComponent {
  const { coding, roiShift } = need.geometry.parameters;
  const { style, isReversible } = coding;
  const blockOf = ({ x0, y0, x1, y1, state, at }: FoundBlock): CodeBlock => ({
    x: x0,
    y: y0,
    width: x1 - x0,
    height: y1 - y0,
    zeroBitPlanes: state[at + BLOCK.zeroPlanes]!,
    segments: segmentsOf(packets.contributions, { head: state[at + BLOCK.head]!, layers, style }, chunks),
  });
  return {
    isReversible,
    style,
    precision: need.wish.size.precision,
    isSigned: need.wish.size.isSigned,
    roiShift,
    resolutions: need.resolutions.map(({ x0, y0, x1, y1, bands: geometries }, r) => ({
      x0,
      y0,
      x1,
      y1,
      bands: geometries.map((band, b): Band => bandOf(band, bands[r]![b]!.blocks.map(blockOf))),
    })),
  };
}

/** Written out: copying objects costs ten times as much. */
function bandOf(geometry: BandGeometry, blocks: readonly CodeBlock[]): Band {
  const { x0, y0, x1, y1, orientation, exponent, mantissa, magnitudeBits } = geometry;
  return { x0, y0, x1, y1, orientation, exponent, mantissa, magnitudeBits, blocks };
}

interface ContributionList {
  readonly head: number;
  readonly layers: number;
  readonly style: CodeBlockStyle;
}

function segmentsOf(
  { next, layers: layerOf, offsets, lengths, passes }: Contributions,
  { head, layers, style }: ContributionList,
  chunks: Chunks,
): Segment[] {
  const segments: { chunks: Uint8Array[]; passes: number }[] = [];
  let done = 0;
  let left = 0;
  for (let i = head; i !== -1 && layerOf[i]! < layers; i = next[i]!) {
    if (left === 0) {
      left = passesLeftInSegment(style, done);
      segments.push({ chunks: [], passes: 0 });
    }
    const segment = segments[segments.length - 1]!;
    if (lengths[i]! > 0) {
      const bytes = chunks.piece(offsets[i]!, lengths[i]!);
      if (bytes === undefined) throw new RangeError('the bytes of a code-block were not read');
      segment.chunks.push(bytes);
    }
    segment.passes += passes[i]!;
    done += passes[i]!;
    left -= passes[i]!;
  }
  return segments;
}
