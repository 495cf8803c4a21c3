/** An open codestream: finds and keeps what is known of its tiles. */
import { LRUCache } from 'lru-cache';
import type { Cancellation } from '../../reader.ts';
import type { ByteSource } from '../../source.ts';
import { tileGeometry } from '../packets/geometry.ts';
import { TilePackets } from '../packets/tile-packets.ts';
import type { Chunks } from './chunks.ts';
import type { MainHeader } from './main-header.ts';
import { readMainIndexes, readTileHeader, type MainIndexes } from './tile-header.ts';
import type { TileParts } from './part-list.ts';
import { readTileParts } from './tile-parts.ts';

/** Bytes of what is known of tiles, of all files that a thread has open, where nobody says otherwise. */
const MAX_KNOWN_BYTES = 128 * 2 ** 20;

let knownTiles = emptyCache(MAX_KNOWN_BYTES);

function emptyCache(maxBytes: number): LRUCache<string, TilePackets> {
  return new LRUCache({ maxSize: maxBytes, sizeCalculation: ({ byteLength }) => byteLength });
}

/** For this thread, from now on; what is known is forgotten. Never more than 128 MB. */
export function limitKnownTiles(maxBytes: number): void {
  knownTiles = emptyCache(Math.min(MAX_KNOWN_BYTES, maxBytes));
}

let codestreams = 0;

const NO_INDEXES: MainIndexes = { packetLengths: [], packedHeaders: [] };

export class Codestream {
  readonly source: ByteSource;
  readonly header: MainHeader;
  readonly #id = ++codestreams;
  #tileParts: Promise<TileParts> | undefined;
  #indexes: Promise<MainIndexes> | undefined;
  #isTlmTrue = true;
  /** Work on one tile at a time: what is known of it changes on the way. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(source: ByteSource, header: MainHeader) {
    this.source = source;
    this.header = header;
  }

  /** The list of tile-parts, which is made when it is first asked for. A failure is forgotten. */
  tileParts(): Promise<TileParts> {
    this.#tileParts ??= readTileParts(this.source, this.header, this.#isTlmTrue).catch((error: unknown) => {
      this.#tileParts = undefined;
      throw error;
    });
    return this.#tileParts;
  }

  /**
   * The packets of a tile; undefined when the file has no part of it.
   *
   * @throws {ServerError} `damaged`, `unsupported`, `too-large`.
   */
  async tile(tile: number, chunks: Chunks): Promise<TilePackets | undefined> {
    const known = knownTiles.get(this.#key(tile));
    if (known !== undefined) return known;
    const tileParts = await this.tileParts();
    if (tileParts.first[tile] === tileParts.first[tile + 1]) return undefined;
    const parts = { header: this.header, tileParts, indexes: await this.#mainIndexes() };
    const header = await readTileHeader(chunks, parts, tile);
    if (header === undefined) {
      if (!this.#isTlmTrue) return undefined;
      // The tile is not where TLM says: from now on the tile-parts themselves are believed.
      this.#isTlmTrue = false;
      this.#tileParts = undefined;
      return this.tile(tile, chunks);
    }
    return new TilePackets(tileGeometry(this.header.canvas, header.parameters, tile), header);
  }

  /** Keeps what is known of a tile for the next window, as large as it is by now. */
  keep(tile: number, packets: TilePackets): void {
    const key = this.#key(tile);
    // An entry that is set again with the same value keeps its old size.
    knownTiles.delete(key);
    knownTiles.set(key, packets);
  }

  /** Runs `work` when what was given before is done. */
  inTurn<T>(work: () => Promise<T>, cancellation: Cancellation): Promise<T> {
    const running = this.#turn.then(() => {
      cancellation.throwIfAborted();
      return work();
    });
    this.#turn = running.catch(() => undefined);
    return running;
  }

  /** Forgets everything but the header. */
  forget(): void {
    for (const key of knownTiles.keys()) if (key.startsWith(`${this.#id}:`)) knownTiles.delete(key);
    this.#tileParts = undefined;
    this.#indexes = undefined;
  }

  #key(tile: number): string {
    return `${this.#id}:${tile}`;
  }

  #mainIndexes(): Promise<MainIndexes> {
    if (this.header.indexes.length === 0) return Promise.resolve(NO_INDEXES);
    this.#indexes ??= readMainIndexes(this.source, this.header).catch((error: unknown) => {
      this.#indexes = undefined;
      throw error;
    });
    return this.#indexes;
  }
}
