/** The contract between the formats and the rest of the house. One suite (test/contract) runs against every reader. */
import type { Awaitable } from '../awaitable.ts';
import type { ImageInfo } from './info.ts';
import type { Raster, Rectangle } from './raster.ts';

/** The part of an `AbortSignal` that work can look at between two pieces of it. */
export interface Cancellation {
  /** @throws `AbortError` when nobody waits for the result any more. */
  throwIfAborted(): void;
}

export interface TileAddress {
  readonly page: number;
  /** 0 is the full size. */
  readonly level: number;
  readonly column: number;
  readonly row: number;
}

export interface WindowAddress {
  readonly page: number;
  readonly level: number;
  /** Pixels of that level; lies inside it. */
  readonly window: Rectangle;
  /** JPEG 2000 quality layers to decode; other formats ignore it. */
  readonly layers?: number;
}

/** An open image: its facts, its pixels and, where the file has them, its tiles as they are stored. */
export interface ImageReader {
  readonly info: ImageInfo;

  /**
   * Decodes one window of one level; at once where nothing has to be waited for.
   *
   * The raster has the window's size, `info.bands` bands, and samples in the file's own color space (CIELAB stays
   * CIELAB; palettes are expanded; MINISWHITE is inverted; narrow samples are expanded to 8 or 16 bits).
   *
   * It is the caller's, who may write to it and give its memory back (`recycling`): a reader that keeps pixels gives
   * out copies.
   *
   * @throws {ServerError} `damaged`, `unsupported`, or `not-found` for a page that the image does not have.
   * @throws `AbortError` when `cancellation` says so before the end.
   */
  readWindow(address: WindowAddress, cancellation?: Cancellation): Awaitable<Raster>;

  /**
   * A stored tile as a complete file of `level.storedEncoding` (JPEG tables put in), `undefined` when this tile
   * cannot be sent as it is: it is cropped by the edge, is sparse, or is not stored in a viewer's encoding.
   */
  readEncodedTile(address: TileAddress): Awaitable<Uint8Array | undefined>;

  /** Gives up descriptors and buffers. */
  close(): void;
}
