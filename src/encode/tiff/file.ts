/** Puts a TIFF file together: header, directory, the directories that it points to, pixels. */
import { ServerError } from '../../errors.ts';
import { concatBytes, latin1, viewOf } from '../bytes.ts';
import { even, ifdBytes, ifdLength, IS_LITTLE_ENDIAN, longs } from './ifd.ts';
import type { Entry } from './ifd.ts';
import type { CompressedPixels } from './pixels.ts';

/** A directory beside the main one, which points to it with the tag `pointer`. */
export interface SubDirectory {
  readonly pointer: number;
  /** Not empty. */
  readonly entries: readonly Entry[];
}

export interface TiffParts {
  /** All tags of the main directory that do not point to anything in the file. */
  readonly tags: readonly Entry[];
  readonly subDirectories: readonly SubDirectory[];
  readonly pixels: CompressedPixels;
}

/** Tags for where the pieces are and how long. */
const PIECES = { strips: { offsets: 273, lengths: 279 }, planes: { offsets: 324, lengths: 325 } };
const HEADER_BYTES = 8;
const MAX_FILE_BYTES = 0xffffffff;

/**
 * A classic TIFF file of one picture.
 *
 * @throws {ServerError} `unsupported` when it would be larger than 4 GiB.
 */
export function tiffFile(parts: TiffParts): Uint8Array {
  const places = placesOf(parts);
  return concatBytes([
    header(),
    ifdBytes(mainDirectory(parts, places), HEADER_BYTES),
    ...parts.subDirectories.map(({ entries }, index) => ifdBytes(entries, places.subDirectories[index]!)),
    ...parts.pixels.data.flatMap((piece) => (piece.length % 2 === 0 ? [piece] : [piece, new Uint8Array(1)])),
  ]);
}

/** Offsets in the file. */
interface Places {
  readonly subDirectories: readonly number[];
  readonly pixels: readonly number[];
}

function placesOf(parts: TiffParts): Places {
  const { subDirectories, pixels } = parts;
  // Offsets do not change the length of a directory, so one with zeros tells where all the rest goes.
  const draft = mainDirectory(parts, {
    subDirectories: subDirectories.map(() => 0),
    pixels: pixels.data.map(() => 0),
  });
  let next = HEADER_BYTES + ifdLength(draft);
  const placed = (length: number): number => {
    const place = next;
    next += even(length);
    return place;
  };
  const places = {
    subDirectories: subDirectories.map(({ entries }) => placed(ifdLength(entries))),
    pixels: pixels.data.map((piece) => placed(piece.length)),
  };
  if (next > MAX_FILE_BYTES) throw new ServerError('unsupported', 'TIFF holds at most 4 GiB');
  return places;
}

function mainDirectory({ tags, subDirectories, pixels }: TiffParts, places: Places): Entry[] {
  const { offsets, lengths } = PIECES[pixels.layout.kind];
  return [
    ...tags,
    longs(offsets, ...places.pixels),
    longs(lengths, ...pixels.data.map((piece) => piece.length)),
    ...subDirectories.map(({ pointer }, index) => longs(pointer, places.subDirectories[index]!)),
  ];
}

function header(): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  bytes.set(latin1(IS_LITTLE_ENDIAN ? 'II' : 'MM'));
  const view = viewOf(bytes);
  view.setUint16(2, 42, IS_LITTLE_ENDIAN);
  view.setUint32(4, HEADER_BYTES, IS_LITTLE_ENDIAN);
  return bytes;
}
