/** Markers of a JPEG stream (ITU-T T.81, annex B). */
import { ServerError } from '../../errors.ts';
import type { ErrorFacts } from '../../errors.ts';

export const MARKER = {
  SOF0: 0xc0,
  DHT: 0xc4,
  JPG: 0xc8,
  DAC: 0xcc,
  SOF15: 0xcf,
  SOI: 0xd8,
  EOI: 0xd9,
  SOS: 0xda,
  APP0: 0xe0,
  APP1: 0xe1,
  APP2: 0xe2,
  APP14: 0xee,
} as const;

/** A marker with its parameters, by offsets into the stream. */
export interface MarkerSegment {
  readonly marker: number;
  /** Of the FF byte. */
  readonly start: number;
  /** Of the parameters, behind their length. */
  readonly body: number;
  readonly end: number;
}

export interface JpegComponent {
  readonly id: number;
  /** Sampling factors, 1 to 4. */
  readonly horizontal: number;
  readonly vertical: number;
}

export interface JpegFrame {
  /** The SOF marker: 0xC0 baseline, 0xC1 extended, 0xC2 progressive, 0xC3 lossless, … */
  readonly marker: number;
  readonly precision: number;
  readonly width: number;
  readonly height: number;
  readonly components: readonly JpegComponent[];
}

export function damagedJpeg(message: string, facts: ErrorFacts = {}): ServerError {
  return new ServerError('damaged', `damaged JPEG: ${message}`, { facts });
}

/** Whether a marker begins a frame: SOF0 to SOF15 without those of its numbers that mean something else. */
export function isFrame(marker: number): boolean {
  const others: readonly number[] = [MARKER.DHT, MARKER.JPG, MARKER.DAC];
  return marker >= MARKER.SOF0 && marker <= MARKER.SOF15 && !others.includes(marker);
}

/**
 * The segments behind SOI, the last of them SOS or EOI; pixels are not looked at.
 *
 * @throws {ServerError} `damaged` when the stream ends before.
 */
export function markerSegments(bytes: Uint8Array): MarkerSegment[] {
  if (bytes[0] !== 0xff || bytes[1] !== MARKER.SOI) throw damagedJpeg('it does not begin as one');
  const segments: MarkerSegment[] = [];
  let at = 2;
  for (;;) {
    if (bytes[at] !== 0xff) throw damagedJpeg('a marker is missing', { at });
    while (bytes[at + 1] === 0xff) at++;
    const marker = bytes[at + 1];
    if (marker === undefined) throw damagedJpeg('its header is cut off');
    if (marker === MARKER.EOI) return [...segments, { marker, start: at, body: at + 2, end: at + 2 }];
    const length = bytes[at + 2]! * 256 + bytes[at + 3]!;
    const end = at + 2 + length;
    if (!(length >= 2) || end > bytes.length) throw damagedJpeg('its header is cut off', { at });
    segments.push({ marker, start: at, body: at + 4, end });
    if (marker === MARKER.SOS) return segments;
    at = end;
  }
}

/**
 * The parameters of a SOF segment:
 *
 *     u8 precision, u16 height, u16 width, u8 components, { u8 id, u4 horizontal, u4 vertical, u8 table }
 *
 * @throws {ServerError} `damaged`.
 */
export function parseFrame(marker: number, body: Uint8Array): JpegFrame {
  const count = body[5] ?? 0;
  if (body.length < 6 + 3 * count || count === 0) throw damagedJpeg('its frame header is cut off');
  const components = Array.from({ length: count }, (_, i) => {
    const sampling = body[7 + 3 * i]!;
    return { id: body[6 + 3 * i]!, horizontal: sampling >> 4, vertical: sampling & 15 };
  });
  const height = body[1]! * 256 + body[2]!;
  const width = body[3]! * 256 + body[4]!;
  return { marker, precision: body[0]!, width, height, components };
}
