/** JPEG tiles of a TIFF (TechNote 2): abbreviated streams that share their tables, made whole. */
import { after, type Awaitable } from '../../awaitable.ts';
import { decodeJpeg } from '../jpeg/decode.ts';
import { isFrame, markerSegments, MARKER, parseFrame } from '../jpeg/markers.ts';
import type { MarkerSegment } from '../jpeg/markers.ts';
import { recycling } from '../../recycling.ts';
import type { EncodedSegment } from './compression.ts';
import { damaged } from './directory.ts';
import { PHOTOMETRIC } from './subfile.ts';

const START = Uint8Array.of(0xff, MARKER.SOI);
const END = Uint8Array.of(0xff, MARKER.EOI);

/** Adobe's APP14 segment: version 100, no flags, and the color transform as its last byte. */
const ADOBE = Uint8Array.of(0xff, MARKER.APP14, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0);

/** Baseline, extended and progressive; viewers know no other. */
const LAST_VIEWABLE_FRAME = 0xc2;

type StoredJpeg = Pick<EncodedSegment, 'bytes' | 'jpegTables' | 'photometric'>;

/**
 * A stored tile as a JPEG file of its own.
 *
 * The color space of a TIFF is in its tags, so markers that say another are dropped and Adobe's, which every
 * decoder follows, is put in.
 *
 * @returns memory that may be given back.
 * @throws {ServerError} `damaged`.
 */
export function completeJpeg({ bytes, jpegTables, photometric }: StoredJpeg): Uint8Array {
  const isWhole = bytes.at(-2) === 0xff && bytes.at(-1) === MARKER.EOI;
  const segments = markerSegments(bytes);
  const tables = jpegTables === undefined ? [] : pieces(jpegTables, markerSegments(jpegTables));
  const scan = segments.at(-1);
  if (scan?.marker !== MARKER.SOS) throw damaged('a JPEG tile has no scan');
  const head = pieces(bytes, segments.slice(0, -1));
  const rest = bytes.subarray(scan.start);
  return joined([START, adobe(photometric), ...tables, ...head, rest, ...(isWhole ? [] : [END])]);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = recycling.lend(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Without the markers that claim a color space, and without the end. */
function pieces(bytes: Uint8Array, segments: readonly MarkerSegment[]): Uint8Array[] {
  const dropped: readonly number[] = [MARKER.APP0, MARKER.APP14, MARKER.EOI];
  return segments
    .filter(({ marker }) => !dropped.includes(marker))
    .map(({ start, end }) => bytes.subarray(start, end));
}

function adobe(photometric: number): Uint8Array {
  return Uint8Array.from([...ADOBE, photometric === PHOTOMETRIC.ycbcr ? 1 : 0]);
}

/** Decodes a tile or strip to 8-bit samples; YCbCr comes as RGB. */
export function decodeJpegSegment(segment: EncodedSegment): Awaitable<Uint8Array> {
  const file = completeJpeg(segment);
  return after(decodeJpeg(file, segment.samplesPerPixel, segment), (picture) => {
    recycling.giveBack(file);
    // Files have CMYK the other way round, and so decoders turn four components; a TIFF has what it says.
    if (segment.samplesPerPixel === 4) invert(picture.data);
    return fitPicture(picture, segment);
  });
}

function invert(samples: Uint8Array): void {
  for (let i = 0; i < samples.length; i++) samples[i] = 255 - samples[i]!;
}

/**
 * Whether viewers show a tile right that is sent as it is stored: 8 bits, one or three components, and RGB only
 * without subsampling.
 */
export function isPlainJpeg({ bytes, photometric }: StoredJpeg, samplesPerPixel: number): boolean {
  const segment = markerSegments(bytes).find(({ marker }) => isFrame(marker));
  if (segment === undefined) return false;
  const frame = parseFrame(segment.marker, bytes.subarray(segment.body, segment.end));
  const isSubsampled = frame.components.some(
    ({ horizontal, vertical }) => horizontal !== 1 || vertical !== 1,
  );
  return (
    frame.marker <= LAST_VIEWABLE_FRAME &&
    frame.precision === 8 &&
    frame.components.length === samplesPerPixel &&
    (samplesPerPixel === 1 || samplesPerPixel === 3) &&
    (photometric === PHOTOMETRIC.ycbcr || samplesPerPixel === 1 || !isSubsampled)
  );
}

/** Decoded pixels of a picture that was stored as a tile. */
export interface TilePicture {
  readonly width: number;
  readonly height: number;
  readonly bands: number;
  readonly data: Uint8Array;
}

/**
 * The rows of a picture in the size of the tile: cut below, and filled up with zeros where the writer cut tiles
 * at the edge.
 */
export function fitPicture(
  picture: TilePicture,
  tile: { readonly width: number; readonly height: number; readonly samplesPerPixel: number },
): Uint8Array {
  const { width, bands, data } = picture;
  if (bands !== tile.samplesPerPixel || width > tile.width)
    throw damaged('a tile has another size than its tags say');
  if (width === tile.width && picture.height >= tile.height)
    return data.subarray(0, width * tile.height * bands);
  const output = new Uint8Array(tile.width * tile.height * bands);
  const rowLength = width * bands;
  for (let y = 0; y < Math.min(picture.height, tile.height); y++) {
    output.set(data.subarray(y * rowLength, (y + 1) * rowLength), y * tile.width * bands);
  }
  return output;
}
