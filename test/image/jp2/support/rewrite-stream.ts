/**
 * Moves the packet headers and the lengths of packets of a real codestream to where no encoder at hand puts them: PPM,
 * PPT (ISO/IEC 15444-1, A.7.4 and A.7.5), PLM, PLT (A.7.2, A.7.3). Samples stay the same.
 */
import type { Codestream } from '../../../../src/image/jp2/codestream/codestream.ts';
import { MARKER, SOT_BYTES } from '../../../../src/image/jp2/codestream/markers.ts';
import { Chunks } from '../../../../src/image/jp2/codestream/chunks.ts';
import { readTileHeader } from '../../../../src/image/jp2/codestream/tile-header.ts';
import { Contributions } from '../../../../src/image/jp2/packets/contributions.ts';
import { resolutionOf, tileGeometry, type TileGeometry } from '../../../../src/image/jp2/packets/geometry.ts';
import { packetOrder } from '../../../../src/image/jp2/packets/packet-order.ts';
import { isMarker, PacketParser } from '../../../../src/image/jp2/packets/packet-parser.ts';
import { PrecinctMaker, type Precinct } from '../../../../src/image/jp2/packets/precinct.ts';
import { memorySource } from '../../../../src/image/memory-source.ts';
import { segment, u16, u32, u8 } from './build-stream.ts';
import { openStream } from './streams.ts';

export interface Arrangement {
  /** Where packet headers go; with their packets when left out. */
  readonly headers?: 'PPM' | 'PPT';
  /** Where lengths of packets are stated; nowhere when left out. */
  readonly lengths?: 'PLM' | 'PLT';
  /** Bytes of packed headers in a segment; small ones make many segments. */
  readonly segmentBytes?: number;
}

/** Of one tile-part. */
export interface Part {
  readonly tile: number;
  readonly geometry: TileGeometry;
  /** Numbers of the precincts that its packets are of. */
  readonly precincts: number[];
  /** SOT as it was. */
  readonly sot: Uint8Array;
  /** Marker segments that stay. */
  readonly segments: Uint8Array[];
  readonly headers: Uint8Array[];
  /** SOP and code-blocks. */
  readonly bodies: (readonly [sop: Uint8Array, blocks: Uint8Array])[];
}

const MOVED: readonly number[] = [MARKER.TLM, MARKER.PLM, MARKER.PLT, MARKER.PPM, MARKER.PPT];
const SOP_BYTES = 6;

/** @param bytes a bare codestream whose packet headers are with their packets. */
export async function rewriteStream(bytes: Uint8Array, arrangement: Arrangement): Promise<Uint8Array> {
  const { codestream } = await openStream(memorySource(bytes));
  const parts = await partsOf(bytes, codestream);
  const { headers, segmentBytes = 60_000 } = arrangement;
  const numbers = new Map<number, number>();
  const written = parts.map((part) => writePart(part, arrangement, numbers));
  const ppm = parts.flatMap((part) => [Uint8Array.from(u32(sizeOf(part.headers))), ...part.headers]);
  return joined([
    ...keptSegments(bytes.subarray(0, codestream.header.firstTilePart), 2, bytes.subarray(0, 2)),
    ...(headers === 'PPM' ? numbered(MARKER.PPM, joined(ppm), segmentBytes) : []),
    ...(arrangement.lengths === 'PLM'
      ? numbered(MARKER.PLM, packetLengthsOfAll(parts, headers !== undefined), segmentBytes)
      : []),
    ...written,
    Uint8Array.from(u16(MARKER.EOC)),
  ]);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces));
}

const sizeOf = (pieces: readonly Uint8Array[]): number => pieces.reduce((sum, { length }) => sum + length, 0);

function keptSegments(header: Uint8Array, from: number, start: Uint8Array): Uint8Array[] {
  const kept = [start];
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  for (let at = from; at + 4 <= header.length;) {
    const end = at + 2 + view.getUint16(at + 2);
    if (!MOVED.includes(view.getUint16(at))) kept.push(header.subarray(at, end));
    at = end;
  }
  return kept;
}

function packetLengthsOfAll(parts: readonly Part[], isPacked: boolean): Uint8Array {
  const lists = parts.map((part) => {
    const lengths = packetLengths(part, isPacked);
    if (lengths.length > 255) throw new RangeError('PLM has one byte for the length of the lengths');
    return Uint8Array.from([lengths.length, ...lengths]);
  });
  return joined(lists);
}

/** Segments that begin with their number. */
function numbered(marker: number, body: Uint8Array, size: number, first = 0): Uint8Array[] {
  const count = Math.max(1, Math.ceil(body.length / size));
  if (first + count > 256) throw new RangeError('more segments than there are numbers');
  return Array.from({ length: count }, (_, i) =>
    Uint8Array.from(segment(marker, u8(first + i), [...body.subarray(i * size, (i + 1) * size)])),
  );
}

/** @param numbers of PPT segments that the tile has so far, by tile: OpenJPEG takes no number twice. */
function writePart(
  part: Part,
  { headers, lengths, segmentBytes = 60_000 }: Arrangement,
  numbers: Map<number, number>,
): Uint8Array {
  const isPacked = headers !== undefined;
  const packets = part.bodies.flatMap(([sop, blocks], i) =>
    isPacked ? [sop, blocks] : [sop, part.headers[i]!, blocks],
  );
  const first = numbers.get(part.tile) ?? 0;
  const ppt = headers === 'PPT' ? numbered(MARKER.PPT, joined(part.headers), segmentBytes, first) : [];
  numbers.set(part.tile, first + ppt.length);
  const after = joined([
    ...part.segments,
    ...(lengths === 'PLT' ? numbered(MARKER.PLT, packetLengths(part, isPacked), segmentBytes) : []),
    ...ppt,
    Uint8Array.from(u16(MARKER.SOD)),
    ...packets,
  ]);
  const sot = part.sot.slice();
  sot.set(u32(SOT_BYTES + after.length), 6);
  return joined([sot, after]);
}

/** Seven bits a byte, the highest first. */
function packetLengths(part: Part, isPacked: boolean): Uint8Array {
  const bytes = part.bodies.flatMap(([sop, blocks], i) => {
    const length = sop.length + blocks.length + (isPacked ? 0 : part.headers[i]!.length);
    const digits = [length & 0x7f];
    for (let rest = length >> 7; rest > 0; rest >>= 7) digits.unshift((rest & 0x7f) | 0x80);
    return digits;
  });
  return Uint8Array.from(bytes);
}

/** What goes on from one part of a tile to the next. */
interface TileState {
  readonly geometry: TileGeometry;
  readonly order: Generator<number, void>;
  readonly parser: PacketParser;
  readonly layers: Uint16Array;
  readonly precincts: Map<number, Precinct>;
  readonly maker: PrecinctMaker;
}

/** In the order of the file. */
export async function partsOf(bytes: Uint8Array, codestream: Codestream): Promise<Part[]> {
  const { header, source } = codestream;
  const tileParts = await codestream.tileParts();
  const states = new Map<number, TileState>();
  const parts: Part[] = [];
  for (const [i, tile] of tileParts.tiles.entries()) {
    const [start, end] = [tileParts.starts[i]!, tileParts.ends[i]!];
    const indexes = { packetLengths: [], packedHeaders: [] };
    const own = await readTileHeader(new Chunks(source), { header, tileParts, indexes }, tile);
    const place = own?.parts.find((part) => part.end === end);
    if (own === undefined || place === undefined)
      throw new RangeError('a tile-part is not where it should be');
    const state = states.get(tile) ?? newState(codestream, own.parameters, tile);
    states.set(tile, state);
    const head = bytes.subarray(start, place.start - 2);
    const part: Part = {
      tile,
      geometry: state.geometry,
      precincts: [],
      sot: head.subarray(0, SOT_BYTES),
      segments: keptSegments(head, SOT_BYTES, new Uint8Array(0)),
      headers: [],
      bodies: [],
    };
    addPackets(part, state, bytes, [place.start, end]);
    parts.push(part);
  }
  return parts;
}

function newState(
  { header }: Codestream,
  parameters: Parameters<typeof tileGeometry>[1],
  tile: number,
): TileState {
  const geometry = tileGeometry(header.canvas, parameters, tile);
  return {
    geometry,
    order: packetOrder(geometry, parameters),
    parser: new PacketParser(new Contributions()),
    layers: new Uint16Array(geometry.precinctCount),
    precincts: new Map(),
    maker: new PrecinctMaker(),
  };
}

function addPackets(part: Part, state: TileState, bytes: Uint8Array, [start, end]: [number, number]): void {
  const { geometry, order, parser, layers, precincts, maker } = state;
  for (let at = start; at < end;) {
    const { value: number, done } = order.next();
    if (done === true) throw new RangeError('more bytes than packets');
    const resolution = resolutionOf(geometry, number);
    const { style } = geometry.components[resolution.component]!.parameters.coding;
    const precinct = (): Precinct => {
      const known = precincts.get(number) ?? maker.create(resolution, number - resolution.firstPrecinct);
      precincts.set(number, known);
      return known;
    };
    const isRight = parser.parse({ bytes, at, end }, layers[number]!++, style, precinct);
    if (!isRight) throw new RangeError('a packet header makes no sense');
    const behindSop = isMarker(bytes, at, MARKER.SOP) ? at + SOP_BYTES : at;
    part.precincts.push(number);
    part.headers.push(bytes.subarray(behindSop, parser.headerEnd));
    const next = parser.headerEnd + parser.bodyLength;
    part.bodies.push([bytes.subarray(at, behindSop), bytes.subarray(parser.headerEnd, next)]);
    at = next;
  }
}
