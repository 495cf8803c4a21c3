/** The segments of a JPEG file before its first scan (ITU-T T.81, annex B), found but not interpreted. */
import { ServerError } from '../errors.ts';

/** A marker segment; `start` is where its 0xFF stands, the payload follows the two length bytes. */
export interface JpegSegment {
  /** Second byte of the marker, 0xE1 for APP1. */
  readonly marker: number;
  /** Marker, length and payload. */
  readonly bytes: Uint8Array;
  readonly payload: Uint8Array;
}

export interface JpegHeader {
  readonly segments: readonly JpegSegment[];
  /** Where the first scan's marker stands; all that follows is pixels. */
  readonly scanStart: number;
}

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const TEM = 0x01;
const FIRST_RST = 0xd0;

/**
 * Splits the header of a JPEG file into its segments.
 *
 * @throws {ServerError} `damaged` when the file is no JPEG, ends within a segment or has no scan.
 */
export function readJpegHeader(file: Uint8Array): JpegHeader {
  if (file.length < 4 || file[0] !== 0xff || file[1] !== SOI) damaged('no start of image', 0);
  const segments: JpegSegment[] = [];
  let offset = 2;
  for (;;) {
    const markerAt = skipFill(file, offset);
    const marker = file[markerAt + 1]!;
    if (marker === SOS) return { segments, scanStart: markerAt };
    const end = segmentEnd(file, markerAt, marker);
    segments.push({
      marker,
      bytes: file.subarray(markerAt, end),
      payload: file.subarray(Math.min(markerAt + 4, end), end),
    });
    offset = end;
  }
}

/** The last 0xFF before a marker: any number of them may fill the space between segments. */
function skipFill(file: Uint8Array, start: number): number {
  let offset = start;
  if (file[offset] !== 0xff) damaged('no marker where a segment should begin', offset);
  while (file[offset + 1] === 0xff) offset++;
  if (offset + 1 >= file.length) damaged('end of file before the first scan', offset);
  return offset;
}

function segmentEnd(file: Uint8Array, markerAt: number, marker: number): number {
  if (marker === TEM) return markerAt + 2;
  if (marker === 0 || (marker >= FIRST_RST && marker <= EOI)) damaged('unexpected marker', markerAt);
  const length = ((file[markerAt + 2] ?? 0) << 8) | (file[markerAt + 3] ?? 0);
  const end = markerAt + 2 + length;
  if (length < 2 || end > file.length) damaged('segment longer than the file', markerAt);
  return end;
}

function damaged(what: string, offset: number): never {
  throw new ServerError('damaged', 'the JPEG data is damaged', { facts: { what, offset } });
}
