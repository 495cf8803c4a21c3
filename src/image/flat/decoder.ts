/** What a format has to do so that its pictures are served in virtual tiles and levels. */
import type { Raster, Rectangle } from '../raster.ts';
import type { Cancellation } from '../reader.ts';

/** Rows of a level, at its full width. */
export interface RowsAddress {
  readonly page: number;
  readonly level: number;
  readonly top: number;
  readonly height: number;
}

/** Decodes pictures that are stored whole. */
export interface FlatDecoder {
  /** Levels up to this one are decoded from the file; smaller ones are made of it. */
  readonly smallestDecoded: number;

  /**
   * Rows of a level, the whole level where they are all of it.
   *
   * @throws {ServerError} `damaged`, `too-large`.
   */
  decodeRows(address: RowsAddress): Promise<Raster>;

  /**
   * A window of a large level without decoding what is beside it, for files that allow it; undefined where the file
   * does not.
   */
  decodeWindow?(level: number, window: Rectangle, cancellation?: Cancellation): Promise<Raster | undefined>;
}
