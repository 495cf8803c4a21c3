/** What a JPEG file says of itself before its pixels: frame, density, profile, EXIF, XMP, Adobe's marker. */
import type { BlockReader } from '../block-reader.ts';
import type { Resolution } from '../info.ts';
import { decodeText } from '../text.ts';
import { damagedJpeg, isFrame, MARKER, parseFrame } from './markers.ts';
import type { JpegFrame } from './markers.ts';

export interface JpegHeader {
  readonly frame: JpegFrame;
  /** Of the JFIF segment. */
  readonly density?: Resolution;
  readonly icc?: Uint8Array;
  /** Without `Exif\0\0`. */
  readonly exif?: Uint8Array;
  readonly xmp?: string;
  /** Offset of the SOS marker. */
  readonly scanAt: number;
}

/** Segments before the pixels; more is no picture but a way to keep a reader busy. */
const MAX_SEGMENTS = 4_096;

/** What is no segment, before the pixels. */
const MAX_GARBAGE_BYTES = 65_536;

/** A profile has at most 255 parts of 64 KB. */
const MAX_APP_BYTES = 2 ** 25;

const READ_APPS: readonly number[] = [MARKER.APP0, MARKER.APP1, MARKER.APP2];

interface AppSegment {
  readonly marker: number;
  readonly body: Uint8Array;
}

const IDENTIFIERS = {
  jfif: 'JFIF\0',
  exif: 'Exif\0\0',
  xmp: 'http://ns.adobe.com/xap/1.0/\0',
  icc: 'ICC_PROFILE\0',
};

/**
 * Reads the header, up to the first scan.
 *
 * @throws {ServerError} `damaged` when it is not whole or has no frame.
 */
export async function readJpegHeader(blocks: BlockReader): Promise<JpegHeader> {
  const { frame, apps, scanAt } = await readSegments(blocks);
  const density = parseDensity(bodyOf(apps, MARKER.APP0, IDENTIFIERS.jfif));
  const icc = joinProfile(apps);
  const exif = bodyOf(apps, MARKER.APP1, IDENTIFIERS.exif);
  const xmpBytes = bodyOf(apps, MARKER.APP1, IDENTIFIERS.xmp);
  const xmp = xmpBytes && decodeText(xmpBytes);
  return {
    frame,
    scanAt,
    ...(density && { density }),
    ...(icc && { icc }),
    ...(exif && { exif }),
    ...(xmp !== undefined && { xmp }),
  };
}

interface Segments {
  readonly frame: JpegFrame;
  readonly apps: readonly AppSegment[];
  readonly scanAt: number;
}

async function readSegments(blocks: BlockReader): Promise<Segments> {
  const apps: AppSegment[] = [];
  let frame: JpegFrame | undefined;
  let at = 2;
  let appBytes = 0;
  let garbage = 0;
  for (let count = 0; count < MAX_SEGMENTS; count++) {
    const found = await findMarker(blocks, at);
    garbage += found - at;
    if (garbage > MAX_GARBAGE_BYTES) throw damagedJpeg('a marker is missing', { at });
    at = found;
    const [marker = 0] = await blocks.bytes(at + 1, 1);
    if (marker === MARKER.SOS || marker === MARKER.EOI) break;
    const [high = 0, low = 0] = await blocks.bytes(at + 2, 2);
    const length = high * 256 + low;
    if (length < 2) throw damagedJpeg('a segment has no length', { at });
    const isApp = READ_APPS.includes(marker) && appBytes < MAX_APP_BYTES;
    if (isApp || isFrame(marker)) {
      const body = new Uint8Array(await blocks.bytes(at + 4, length - 2));
      if (isApp) {
        apps.push({ marker, body });
        appBytes += length;
      } else {
        frame ??= parseFrame(marker, body);
      }
    }
    at += 2 + length;
  }
  if (frame === undefined) throw damagedJpeg('it has no frame');
  return { frame, apps, scanAt: at };
}

/** The last FF before the marker's code: FF may be repeated, and decoders skip garbage between segments. */
async function findMarker(blocks: BlockReader, from: number): Promise<number> {
  let at = from;
  for (;;) {
    const chunk = await blocks.bytes(at, Math.min(256, blocks.size - at));
    if (chunk.length < 2) throw damagedJpeg('its header is cut off');
    for (let i = 0; i + 1 < chunk.length; i++) {
      const code = chunk[i + 1]!;
      if (chunk[i] === 0xff && code !== 0xff && code !== 0) return at + i;
    }
    at += chunk.length - 1;
    if (at - from > MAX_GARBAGE_BYTES) throw damagedJpeg('a marker is missing', { at: from });
  }
}

function bodyOf(apps: readonly AppSegment[], marker: number, identifier: string): Uint8Array | undefined {
  const found = apps.find((app) => app.marker === marker && startsWith(app.body, identifier));
  return found?.body.slice(identifier.length);
}

function startsWith(body: Uint8Array, identifier: string): boolean {
  return (
    Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, identifier.length)).toString('latin1') ===
    identifier
  );
}

/**
 * JFIF, section 10.2, behind the identifier:
 *
 *     u16 version, u8 unit (0 none, 1 inch, 2 cm), u16 x, u16 y, …
 */
function parseDensity(body: Uint8Array | undefined): Resolution | undefined {
  if (body === undefined || body.length < 7) return undefined;
  const x = body[3]! * 256 + body[4]!;
  const y = body[5]! * 256 + body[6]!;
  if (x === 0 || y === 0) return undefined;
  return { x, y, unit: body[2] === 1 ? 'inch' : body[2] === 2 ? 'cm' : 'none' };
}

/**
 * Joins the parts of an ICC profile (ICC.1, annex B.4): behind the identifier the number of the part, from 1, and
 * the number of parts. A profile that lacks a part is none.
 */
function joinProfile(apps: readonly AppSegment[]): Uint8Array | undefined {
  const start = IDENTIFIERS.icc.length;
  const parts = apps.filter(
    ({ marker, body }) => marker === MARKER.APP2 && startsWith(body, IDENTIFIERS.icc),
  );
  const total = parts[0]?.body[start + 1] ?? 0;
  const ordered = Array.from({ length: total }, (_, i) => parts.find(({ body }) => body[start] === i + 1));
  const bodies = ordered.flatMap((part) => (part === undefined ? [] : [part.body.subarray(start + 2)]));
  return total === 0 || bodies.length < total ? undefined : new Uint8Array(Buffer.concat(bodies));
}
