/** What makes a large JPEG 2000 slow: how its codestream is cut into tiles, precincts and packets. */
import { BlockReader } from '../image/block-reader.ts';
import { readContainer } from '../image/jp2/boxes/container.ts';
import { Chunks } from '../image/jp2/codestream/chunks.ts';
import { readMainHeader, type MainHeader } from '../image/jp2/codestream/main-header.ts';
import { MARKER } from '../image/jp2/codestream/markers.ts';
import { readMainIndexes, readTileHeader } from '../image/jp2/codestream/tile-header.ts';
import { readTileParts } from '../image/jp2/codestream/tile-parts.ts';
import type { ByteSource } from '../image/source.ts';

/** The codestream as far as it decides how much is read and decoded for a tile. */
export interface Jp2Layout {
  readonly tile: { readonly width: number; readonly height: number; readonly count: number };
  /** Sides of the precincts of the full size; 32768 where there are none. */
  readonly precinct: { readonly width: number; readonly height: number };
  readonly decompositions: number;
  readonly layers: number;
  readonly progression: string;
  readonly isReversible: boolean;
  readonly hasPlt: boolean;
  readonly hasTlm: boolean;
}

/** Tiles of more pixels need precincts and PLT, or much is read and looked through for a small window. */
const LARGE_TILE_PIXELS = 2 ** 22;
const LARGE_PRECINCT = 1_024;

/** More tile-parts without a list are walked through noticeably long. */
const MANY_TILES = 64;

/** Each layer is a packet more in every precinct, and half of them are decoded by default. */
const MANY_LAYERS = 16;

/** The smallest level that is stored should not be larger; thumbnails are made of it. */
const LARGEST_SMALL_SIDE = 1_024;

/** Reads the main header, and the first tile's. @throws {ServerError} as readers do. */
export async function readJp2Layout(source: ByteSource): Promise<Jp2Layout> {
  const blocks = new BlockReader(source);
  const container = await readContainer(blocks);
  const header = await readMainHeader(blocks, container.codestream);
  const tile = await readFirstTile(source, header);
  const { canvas, indexes } = header;
  const codings = tile.parameters.components.map(({ coding }) => coding);
  const [coding] = codings;
  if (coding === undefined) throw new RangeError('a codestream without components');
  const full = coding.precincts.at(-1);
  return {
    tile: { width: canvas.tileWidth, height: canvas.tileHeight, count: canvas.columns * canvas.rows },
    precinct: { width: 2 ** (full?.x ?? 15), height: 2 ** (full?.y ?? 15) },
    decompositions: Math.min(...codings.map(({ levels }) => levels)),
    layers: tile.parameters.layers,
    progression: tile.parameters.progression,
    isReversible: coding.isReversible,
    hasPlt: tile.parts.length > 0 && tile.parts.every(({ packetLengths }) => packetLengths.length > 0),
    hasTlm: indexes.some(({ marker }) => marker === MARKER.TLM),
  };
}

async function readFirstTile(source: ByteSource, header: MainHeader) {
  const indexes = await readMainIndexes(source, header);
  for (const isTlmBelieved of [true, false]) {
    const tileParts = await readTileParts(source, header, isTlmBelieved);
    const tile = await readTileHeader(new Chunks(source), { header, tileParts, indexes }, 0);
    if (tile !== undefined) return tile;
  }
  throw new RangeError('no tile 0');
}

/** What is slow about a picture of this size; empty when nothing is. */
export function jp2Problems(size: { readonly width: number; readonly height: number }, layout: Jp2Layout): string[] {
  const { tile, precinct, decompositions, layers, hasPlt, hasTlm } = layout;
  const width = Math.min(tile.width, size.width);
  const height = Math.min(tile.height, size.height);
  const isLargeTile = width * height > LARGE_TILE_PIXELS;
  const smallest = Math.max(size.width, size.height) / 2 ** decompositions;
  const problems: string[] = [];
  if (isLargeTile && Math.max(precinct.width, precinct.height) > LARGE_PRECINCT)
    problems.push(`Its tiles are large (${width} × ${height}) and have no small precincts: for any part of one, much of it is read.`);
  if (isLargeTile && !hasPlt)
    problems.push('It does not say how long its packets are (PLT): all packet headers of a tile are read before its first part is shown.');
  if (tile.count > MANY_TILES && !hasTlm)
    problems.push(`It does not say where its ${tile.count} tiles are (TLM): they are looked for one by one when it is opened.`);
  if (smallest > LARGEST_SMALL_SIDE)
    problems.push(`Its smallest level has ${Math.ceil(smallest)} pixels (${decompositions} decompositions): small pictures are made of that.`);
  if (layers > MANY_LAYERS)
    problems.push(`It has ${layers} quality layers: each is a packet more in every precinct.`);
  return problems;
} // prettier-ignore
