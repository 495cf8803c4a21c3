/** Puts profile, XMP, EXIF and density into a finished JPEG file without touching its pixels. */
import type { Resolution } from '../image/info.ts';
import { concatBytes, latin1, startsWith, utf8 } from './bytes.ts';
import { isStatable, jfifDensity } from './density.ts';
import type { Embed } from './encoder.ts';
import { readJpegHeader } from './jpeg-header.ts';
import type { JpegHeader, JpegSegment } from './jpeg-header.ts';
import { lendCopy, lendFile } from '../recycling.ts';

const APP0 = 0xe0;
const APP1 = 0xe1;
const APP2 = 0xe2;
const APP14 = 0xee;
/** Baseline, extended and progressive, each with Huffman or arithmetic coding; lossless frames are not YCbCr. */
const DCT_FRAMES: ReadonlySet<number> = new Set([0xc0, 0xc1, 0xc2, 0xc9, 0xca]);

const JFIF = latin1('JFIF\0');
const EXIF = latin1('Exif\0\0');
const XMP = latin1('http://ns.adobe.com/xap/1.0/\0');
const XMP_EXTENSION = latin1('http://ns.adobe.com/xmp/extension/\0');
const ICC = latin1('ICC_PROFILE\0');
const ADOBE = latin1('Adobe');

/** A segment's length field counts itself and has 16 bits. */
const MAX_PAYLOAD = 0xffff - 2;
/** After the name come a segment's number and their count, a byte each. */
const MAX_ICC_PART = MAX_PAYLOAD - ICC.length - 2;
const MAX_ICC_SEGMENTS = 255;
const JFIF_UNITS: Readonly<Record<Resolution['unit'], number>> = { none: 0, inch: 1, cm: 2 };

/**
 * A JPEG file with what `embed` gives: it replaces what the file has of the same kind, the rest stays.
 *
 * EXIF and XMP of more than one segment (65 527 and 65 504 bytes) and profiles of more than 255 are left out. A
 * file that decoders would read in other colors once it had a JFIF segment (Adobe's marker, components named R, G,
 * B, CMYK, lossless) gets none, so its density can't be stated. `embed.metadata` has no place in a JPEG.
 * Sources: JFIF 1.02; Exif 2.32, 4.7.2; ICC.1:2022, B.4; XMP part 3, 1.1.3.
 *
 * @returns `file` itself when there is nothing to put in.
 * @throws {ServerError} `damaged` when the header cannot be read.
 */
export function insertJpegMetadata(file: Uint8Array, embed: Embed): Uint8Array {
  const header = readJpegHeader(file);
  const jfif = jfifSegment(header, embed.resolution);
  const exif = embed.exif === undefined ? [] : singleSegment(APP1, EXIF, embed.exif);
  const xmp = embed.xmp === undefined ? [] : singleSegment(APP1, XMP, utf8(embed.xmp));
  const icc = embed.icc === undefined ? [] : iccSegments(embed.icc);
  const added = [...jfif, ...exif, ...xmp, ...icc];
  if (added.length === 0) return file;

  const replaced = [
    ...(jfif.length > 0 ? [{ marker: APP0, name: JFIF }] : []),
    ...(exif.length > 0 ? [{ marker: APP1, name: EXIF }] : []),
    ...(xmp.length > 0 ? [XMP, XMP_EXTENSION].map((name) => ({ marker: APP1, name })) : []),
    ...(icc.length > 0 ? [{ marker: APP2, name: ICC }] : []),
  ];
  const kept = header.segments.filter(
    (segment) => !replaced.some(({ marker, name }) => is(segment, marker, name)),
  );
  // JFIF and its extensions have to come first.
  const first = kept.filter((segment) => segment.marker === APP0).map((segment) => segment.bytes);
  const later = kept.filter((segment) => segment.marker !== APP0).map((segment) => segment.bytes);
  const start = file.subarray(0, 2);
  const rest = file.subarray(header.scanStart);
  return concatBytes([start, ...jfif, ...first, ...exif, ...xmp, ...icc, ...later, rest], lendFile);
}

/** Start of a file and of a JFIF segment without thumbnail, as encoders write them. */
const JFIF_START = concatBytes([Uint8Array.of(0xff, 0xd8, 0xff, APP0, 0, 16), JFIF]);
const DENSITY_OFFSET = 13;

/**
 * As `insertJpegMetadata` for a file that an encoder has just made, when there is nothing but a density to put in.
 *
 * @returns a file of its own; undefined when that is not so, or the file does not begin with JFIF.
 */
export function stateDensity(file: Uint8Array, embed: Embed): Uint8Array | undefined {
  const { resolution, exif, xmp, icc } = embed;
  if (resolution === undefined || exif !== undefined || xmp !== undefined || icc !== undefined)
    return undefined;
  if (!isStatable(resolution) || !startsWith(file, JFIF_START)) return undefined;
  const whole = lendCopy(file);
  writeDensity(whole, DENSITY_OFFSET, resolution);
  return whole;
}

/** @param offset of the byte that names the unit. */
function writeDensity(bytes: Uint8Array, offset: number, resolution: Resolution): void {
  const { unit, x, y } = jfifDensity(resolution);
  bytes[offset] = JFIF_UNITS[unit];
  bytes[offset + 1] = x >> 8;
  bytes[offset + 2] = x;
  bytes[offset + 3] = y >> 8;
  bytes[offset + 4] = y;
}

function is(segment: JpegSegment, marker: number, name: Uint8Array): boolean {
  return segment.marker === marker && startsWith(segment.payload, name);
}

/** Marker, length, payload of the parts; nothing when that is more than a segment holds. */
function singleSegment(marker: number, ...parts: readonly Uint8Array[]): Uint8Array[] {
  const payload = concatBytes(parts);
  if (payload.length > MAX_PAYLOAD) return [];
  const length = payload.length + 2;
  return [concatBytes([Uint8Array.of(0xff, marker, length >> 8, length & 0xff), payload])];
}

function iccSegments(icc: Uint8Array): Uint8Array[] {
  const count = Math.ceil(icc.length / MAX_ICC_PART);
  if (count > MAX_ICC_SEGMENTS) return [];
  return Array.from({ length: count }, (_, index) => {
    const part = icc.subarray(index * MAX_ICC_PART, (index + 1) * MAX_ICC_PART);
    return singleSegment(APP2, ICC, Uint8Array.of(index + 1, count), part);
  }).flat();
}

function jfifSegment(header: JpegHeader, resolution: Resolution | undefined): Uint8Array[] {
  if (resolution === undefined || !isStatable(resolution)) return [];
  const existing = header.segments.find((segment) => is(segment, APP0, JFIF) && segment.payload.length >= 14);
  if (existing === undefined && !staysSameWithJfif(header)) return [];
  const bytes = existing === undefined ? emptyJfif() : new Uint8Array(existing.bytes);
  writeDensity(bytes, DENSITY_OFFSET - 2, resolution);
  return [bytes];
}

/** Version 1.02, density to be filled in, no thumbnail. */
function emptyJfif(): Uint8Array {
  return concatBytes([Uint8Array.of(0xff, APP0, 0, 16), JFIF, Uint8Array.of(1, 2, 0, 0, 1, 0, 1, 0, 0)]);
}

/** Whether decoders take the file for gray or YCbCr also without a JFIF segment. */
function staysSameWithJfif(header: JpegHeader): boolean {
  if (header.segments.some((segment) => is(segment, APP14, ADOBE))) return false;
  const frame = header.segments.find((segment) => DCT_FRAMES.has(segment.marker));
  if (frame === undefined) return false;
  const count = frame.payload[5];
  if (count === 1) return true;
  const names = [6, 9, 12].map((offset) => String.fromCharCode(frame.payload[offset] ?? 0)).join('');
  return count === 3 && names !== 'RGB';
}
