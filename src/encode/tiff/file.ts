/** Puts a TIFF file together: header, directory, the directories that it points to, strips. */
import { ServerError } from '../../errors.ts';
import { concatBytes, latin1, viewOf } from '../bytes.ts';
import { even, ifdBytes, ifdLength, IS_LITTLE_ENDIAN, longs } from './ifd.ts';
import type { Entry } from './ifd.ts';

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
  readonly strips: readonly Uint8Array[];
}

const STRIP_OFFSETS = 273;
const STRIP_BYTE_COUNTS = 279;
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
    ...parts.strips.flatMap((strip) => (strip.length % 2 === 0 ? [strip] : [strip, new Uint8Array(1)])),
  ]);
}

/** Offsets in the file. */
interface Places {
  readonly subDirectories: readonly number[];
  readonly strips: readonly number[];
}

function placesOf(parts: TiffParts): Places {
  const { subDirectories, strips } = parts;
  // Offsets do not change the length of a directory, so one with zeros tells where all the rest goes.
  const draft = mainDirectory(parts, {
    subDirectories: subDirectories.map(() => 0),
    strips: strips.map(() => 0),
  });
  let next = HEADER_BYTES + ifdLength(draft);
  const placed = (length: number): number => {
    const place = next;
    next += even(length);
    return place;
  };
  const places = {
    subDirectories: subDirectories.map(({ entries }) => placed(ifdLength(entries))),
    strips: strips.map((strip) => placed(strip.length)),
  };
  if (next > MAX_FILE_BYTES) throw new ServerError('unsupported', 'TIFF holds at most 4 GiB');
  return places;
}

function mainDirectory({ tags, subDirectories, strips }: TiffParts, places: Places): Entry[] {
  return [
    ...tags,
    longs(STRIP_OFFSETS, ...places.strips),
    longs(STRIP_BYTE_COUNTS, ...strips.map((strip) => strip.length)),
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
