/** The headers of the parts of one tile: its own parameters, lengths of packets, packed packet headers. */
import type { ByteSource } from '../../source.ts';
import { damagedJp2 } from '../damage.ts';
import type { Chunks } from './chunks.ts';
import type { MainHeader } from './main-header.ts';
import { MARKER, SOT_BYTES } from './markers.ts';
import { addSegment, noSettings, resolveParameters, type TileParameters } from './parameters.ts';
import { parseSot, type TileParts } from './part-list.ts';
import { inOrder, readIndex } from './tile-parts.ts';

export interface TilePart {
  /** Of the packets, behind SOD. */
  readonly start: number;
  readonly end: number;
  /** Encoded lengths of its packets (PLT or PLM), where they are stated. */
  readonly packetLengths: readonly Uint8Array[];
}

export interface TileHeader {
  readonly parameters: TileParameters;
  readonly parts: readonly TilePart[];
  /** All packet headers of the tile one after the other, where they are not with the packets (PPM, PPT). */
  readonly packedHeaders?: Uint8Array;
  /** Some part is cut off or makes no sense. */
  readonly isDamaged: boolean;
}

/** What the main header has for every tile-part, by number of the tile-part. */
export interface MainIndexes {
  readonly packetLengths: readonly Uint8Array[];
  readonly packedHeaders: readonly Uint8Array[];
}

const FIRST_READ = 2_048;

/**
 * PLM, A.7.2: `{ u8 bytes, lengths }`, PPM, A.7.4: `{ u32 bytes, headers }`, for one tile-part after the other; both
 * go on from segment to segment.
 */
export async function readMainIndexes(source: ByteSource, header: MainHeader): Promise<MainIndexes> {
  return {
    packetLengths: splitList(await readIndex(source, header, MARKER.PLM), 1),
    packedHeaders: splitList(await readIndex(source, header, MARKER.PPM), 4),
  };
}

function splitList(bodies: readonly Uint8Array[], lengthBytes: number): Uint8Array[] {
  const bytes = new Uint8Array(Buffer.concat(bodies));
  const parts: Uint8Array[] = [];
  for (let at = 0; at + lengthBytes <= bytes.length;) {
    let length = 0;
    for (let i = 0; i < lengthBytes; i++) length = length * 256 + bytes[at++]!;
    parts.push(bytes.subarray(at, at + length));
    at += length;
  }
  return parts;
}

export interface TileHeaderParts {
  readonly header: MainHeader;
  readonly tileParts: TileParts;
  readonly indexes: MainIndexes;
}

/**
 * Reads the headers of a tile's parts; undefined when the tile-parts are not where the list says.
 *
 * @throws {ServerError} `damaged`, `unsupported` as the parsers of the segments do.
 */
export async function readTileHeader(
  chunks: Chunks,
  { header, tileParts, indexes }: TileHeaderParts,
  tile: number,
): Promise<TileHeader | undefined> {
  const { starts, ends, order, first } = tileParts;
  const componentCount = header.canvas.components.length;
  const settings = noSettings();
  const parts: TilePart[] = [];
  const packed: Uint8Array[] = [];
  let isDamaged = false;
  for (let i = first[tile]!; i < first[tile + 1]!; i++) {
    const part = order[i]!;
    const reader = new PartReader(chunks, starts[part]!, ends[part]!);
    if (parseSot(await reader.bytes(0, SOT_BYTES))?.tile !== tile) return undefined;
    const segments = await readSegments(reader);
    if (segments === undefined) {
      isDamaged = true;
      break;
    }
    for (const { marker, body } of segments.list) addSegment(settings, marker, body, componentCount);
    const plt = inOrder(segments.list.filter(isKind(MARKER.PLT)).map(({ body }) => body));
    const ppt = inOrder(segments.list.filter(isKind(MARKER.PPT)).map(({ body }) => body));
    const inMain = indexes.packetLengths[part];
    const ppm = indexes.packedHeaders[part];
    packed.push(...ppt, ...(ppm === undefined ? [] : [ppm]));
    parts.push({
      start: segments.end,
      end: ends[part]!,
      packetLengths: plt.length > 0 || inMain === undefined ? plt : [inMain],
    });
  }
  const parameters = resolveParameters(componentCount, header.settings, settings);
  return {
    parameters,
    parts,
    ...(packed.length > 0 ? { packedHeaders: new Uint8Array(Buffer.concat(packed)) } : {}),
    isDamaged,
  };
}

interface Segment {
  readonly marker: number;
  readonly body: Uint8Array;
}

const isKind =
  (kind: number) =>
  ({ marker, body }: Segment): boolean =>
    marker === kind && body.length > 0;

/** The segments of a tile-part up to SOD, and where its packets begin; undefined when there is no SOD. */
async function readSegments(
  reader: PartReader,
): Promise<{ readonly list: readonly Segment[]; readonly end: number } | undefined> {
  const list: Segment[] = [];
  let at = SOT_BYTES;
  while (at + 2 <= reader.length) {
    const [high = 0, low = 0] = await reader.bytes(at, 2);
    const marker = high * 256 + low;
    if (marker === MARKER.SOD) return { list, end: reader.start + at + 2 };
    if (marker < 0xff01 || at + 4 > reader.length) return undefined;
    const [, , above = 0, below = 0] = await reader.bytes(at, 4);
    const length = above * 256 + below;
    if (length < 2 || at + 2 + length > reader.length) return undefined;
    list.push({ marker, body: (await reader.bytes(at + 4, length - 2)).slice() });
    at += 2 + length;
  }
  return undefined;
}

/** Reads from the beginning of a tile-part, further the longer its header turns out to be. */
class PartReader {
  readonly start: number;
  readonly length: number;
  readonly #chunks: Chunks;
  #view: Uint8Array = new Uint8Array(0);

  constructor(chunks: Chunks, start: number, end: number) {
    this.#chunks = chunks;
    this.start = start;
    this.length = end - start;
  }

  /** A view of bytes of the tile-part, counted from its SOT. */
  async bytes(at: number, length: number): Promise<Uint8Array> {
    if (at + length > this.length) throw damagedJp2('a tile-part is cut off');
    if (at + length > this.#view.length) {
      const wanted = Math.min(Math.max(FIRST_READ, 4 * (at + length)), this.length);
      this.#view = await this.#chunks.view(this.start, at + length, wanted);
    }
    return this.#view.subarray(at, at + length);
  }
}
