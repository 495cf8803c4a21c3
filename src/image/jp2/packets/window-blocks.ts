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
  const found = needs.map((need) => findBlocks(packets, need));
  const ranges: [number, number][] = [];
  for (const part of found.flat(3)) addRanges(ranges, packets, part, { layers, chunks });
  await chunks.load(ranges);
  return needs.map((need, i) => ({
    component: componentOf(packets, need, { found: found[i]!, chunks, layers }),
    window: need.wish.window,
  }));
}

/** Code-blocks in one precinct's part of a band, in whole blocks from the origin. */
interface FoundPart {
  readonly precinct: Precinct;
  readonly part: PrecinctBand;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Per resolution and band. */
type FoundParts = readonly (readonly FoundPart[][])[];

function findBlocks(packets: TilePackets, need: Need): FoundParts {
  const found = need.resolutions.map(({ bands }) => bands.map((): FoundPart[] => []));
  for (const number of need.precincts) {
    const precinct = packets.precinct(number);
    if (precinct === undefined) continue;
    const { resolution, bands } = precinct.resolution;
    for (const part of precinct.bands) {
      const band = bands.indexOf(part.band);
      const bounds = need.bounds[resolution]![band]!;
      if (!isEmpty(bounds)) found[resolution]![band]!.push(neededPart(precinct, part, bounds));
    }
  }
  return found;
}

function neededPart(precinct: Precinct, part: PrecinctBand, bounds: Bounds): FoundPart {
  const { block } = precinct.resolution;
  const width = 1 << block.x;
  const height = 1 << block.y;
  const left = Math.max(Math.floor(bounds.x0 / width), part.firstColumn);
  const top = Math.max(Math.floor(bounds.y0 / height), part.firstRow);
  const right = Math.min(Math.ceil(bounds.x1 / width), part.firstColumn + part.columns);
  const bottom = Math.min(Math.ceil(bounds.y1 / height), part.firstRow + part.rows);
  return { precinct, part, left, top, right, bottom };
}

/** Where the numbers of a code-block are in the state. */
function placeOf(
  { blocks, firstColumn, firstRow, columns }: PrecinctBand,
  column: number,
  row: number,
): number {
  return blocks + ((row - firstRow) * columns + column - firstColumn) * BLOCK.size;
}

interface Held {
  readonly layers: number;
  readonly chunks: Chunks;
}

/** Adds what is not held yet of the bytes of code-blocks. */
function addRanges(
  ranges: [number, number][],
  { contributions }: TilePackets,
  { precinct, part, left, top, right, bottom }: FoundPart,
  { layers, chunks }: Held,
): void {
  const { state } = precinct;
  const { next, layers: layerOf, offsets, lengths } = contributions;
  for (let row = top; row < bottom; row++)
    for (let column = left; column < right; column++) {
      const head = state[placeOf(part, column, row) + BLOCK.head]!;
      for (let i = head; i !== -1 && layerOf[i]! < layers; i = next[i]!)
        if (lengths[i]! > 0 && !chunks.holds(offsets[i]!, lengths[i]!))
          ranges.push([offsets[i]!, lengths[i]!]);
    }
}

interface BlockBytes extends Held {
  readonly found: FoundParts;
}

function componentOf(packets: TilePackets, need: Need, { found, chunks, layers }: BlockBytes): TileComponent {
  const { coding, roiShift } = need.geometry.parameters;
  const { style, isReversible } = coding;
  const source: BlockSource = { contributions: packets.contributions, layers, style, chunks };
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
      bands: geometries.map((band, b): Band => {
        const parts = found[r]![b]!;
        return bandOf(band, { [Symbol.iterator]: () => blocksOf(parts, source) });
      }),
    })),
  };
}

interface BlockSource extends Held {
  readonly contributions: Contributions;
  readonly style: CodeBlockStyle;
}

/** One after the other, when it is wanted: thousands that are held at once cost more than decoding small ones. */
function* blocksOf(parts: readonly FoundPart[], source: BlockSource): Generator<CodeBlock, void> {
  const { contributions, layers } = source;
  for (const { precinct, part, left, top, right, bottom } of parts) {
    const { state, resolution } = precinct;
    const width = 1 << resolution.block.x;
    const height = 1 << resolution.block.y;
    for (let row = top; row < bottom; row++)
      for (let column = left; column < right; column++) {
        const at = placeOf(part, column, row);
        const head = state[at + BLOCK.head]!;
        if (head === -1 || contributions.layers[head]! >= layers) continue;
        const x = Math.max(column * width, part.x0);
        const y = Math.max(row * height, part.y0);
        yield {
          x,
          y,
          width: Math.min((column + 1) * width, part.x1) - x,
          height: Math.min((row + 1) * height, part.y1) - y,
          zeroBitPlanes: state[at + BLOCK.zeroPlanes]!,
          segments: segmentsOf(head, source),
        };
      }
  }
}

/** Written out: copying objects costs ten times as much. */
function bandOf(geometry: BandGeometry, blocks: Iterable<CodeBlock>): Band {
  const { x0, y0, x1, y1, orientation, exponent, mantissa, magnitudeBits } = geometry;
  return { x0, y0, x1, y1, orientation, exponent, mantissa, magnitudeBits, blocks };
}

function segmentsOf(head: number, { contributions, layers, style, chunks }: BlockSource): Segment[] {
  const { next, layers: layerOf, offsets, lengths, passes } = contributions;
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
