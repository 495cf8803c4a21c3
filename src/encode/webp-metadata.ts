/** Puts profile, XMP and EXIF into a finished WebP file without touching its pixels. */
import { ServerError } from '../errors.ts';
import { concatBytes, latin1, startsWith, utf8, viewOf } from './bytes.ts';
import type { Embed } from './encoder.ts';

interface Chunk {
  readonly name: string;
  /** Without the byte that pads it to an even length. */
  readonly body: Uint8Array;
}

interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly hasAlpha: boolean;
}

const RIFF = latin1('RIFF');
const WEBP = latin1('WEBP');
const FLAGS = { animation: 0x02, xmp: 0x04, exif: 0x08, alpha: 0x10, icc: 0x20 };
/** They have their own places in the extended layout; everything else keeps its order between them. */
const PLACED = new Set(['VP8X', 'ICCP', 'EXIF', 'XMP ']);

/**
 * A WebP file with what `embed` gives: it replaces what the file has of the same kind, the rest stays.
 *
 * A simple file becomes an extended one. WebP has no place for density or text fields. RFC 9649, section 2.7.
 *
 * @returns `file` itself when there is nothing to put in.
 * @throws {ServerError} `damaged` when the file's chunks cannot be read.
 */
export function insertWebpMetadata(file: Uint8Array, embed: Embed): Uint8Array {
  const chunks = readChunks(file);
  const canvas = readCanvas(chunks);
  const given = [embed.icc, embed.exif, embed.xmp];
  if (given.every((value) => value === undefined)) return file;
  const icc = chosen(chunks, 'ICCP', embed.icc);
  const exif = chosen(chunks, 'EXIF', embed.exif);
  const xmp = chosen(chunks, 'XMP ', embed.xmp === undefined ? undefined : utf8(embed.xmp));
  const pixels = chunks.filter((chunk) => !PLACED.has(chunk.name));
  const flags =
    (icc.length > 0 ? FLAGS.icc : 0) |
    (exif.length > 0 ? FLAGS.exif : 0) |
    (xmp.length > 0 ? FLAGS.xmp : 0) |
    (canvas.hasAlpha ? FLAGS.alpha : 0) |
    (pixels.some((chunk) => chunk.name === 'ANIM') ? FLAGS.animation : 0);
  return writeChunks([extendedHeader(canvas, flags), ...icc, ...pixels, ...exif, ...xmp]);
}

function chosen(chunks: readonly Chunk[], name: string, body: Uint8Array | undefined): readonly Chunk[] {
  return body === undefined ? chunks.filter((chunk) => chunk.name === name) : [{ name, body }];
}

function readChunks(file: Uint8Array): readonly Chunk[] {
  if (!startsWith(file, RIFF) || !startsWith(file, WEBP, 8)) damaged('no RIFF header', 0);
  const view = viewOf(file);
  const end = 8 + view.getUint32(4, true);
  if (end > file.length) damaged('file shorter than it says', 4);
  const chunks: Chunk[] = [];
  let offset = 12;
  while (offset < end) {
    if (offset + 8 > end) damaged('chunk header cut off', offset);
    const bodyEnd = offset + 8 + view.getUint32(offset + 4, true);
    if (bodyEnd > end) damaged('chunk longer than the file', offset);
    const name = String.fromCharCode(...file.subarray(offset, offset + 4));
    chunks.push({ name, body: file.subarray(offset + 8, bodyEnd) });
    offset = bodyEnd + (bodyEnd & 1);
  }
  return chunks;
}

function readCanvas(chunks: readonly Chunk[]): Canvas {
  for (const { name, body } of chunks) {
    if (name === 'VP8X' && body.length >= 10) {
      const hasAlpha = (body[0]! & FLAGS.alpha) !== 0;
      return { width: 1 + uint24(body, 4), height: 1 + uint24(body, 7), hasAlpha };
    }
    if (name === 'VP8 ' && body.length >= 10) {
      const view = viewOf(body);
      return {
        width: view.getUint16(6, true) & 0x3fff,
        height: view.getUint16(8, true) & 0x3fff,
        hasAlpha: false,
      };
    }
    if (name === 'VP8L' && body.length >= 5 && body[0] === 0x2f) {
      const bits = viewOf(body).getUint32(1, true);
      return {
        width: 1 + (bits & 0x3fff),
        height: 1 + ((bits >> 14) & 0x3fff),
        hasAlpha: (bits & (1 << 28)) !== 0,
      };
    }
  }
  return damaged('no picture', 12);
}

function uint24(bytes: Uint8Array, offset: number): number {
  return bytes[offset]! | (bytes[offset + 1]! << 8) | (bytes[offset + 2]! << 16);
}

function extendedHeader({ width, height }: Canvas, flags: number): Chunk {
  const body = new Uint8Array(10);
  const view = viewOf(body);
  view.setUint8(0, flags);
  view.setUint16(4, (width - 1) & 0xffff, true);
  view.setUint8(6, (width - 1) >> 16);
  view.setUint16(7, (height - 1) & 0xffff, true);
  view.setUint8(9, (height - 1) >> 16);
  return { name: 'VP8X', body };
}

function writeChunks(chunks: readonly Chunk[]): Uint8Array {
  const parts = chunks.flatMap(({ name, body }) => [
    latin1(name),
    uint32(body.length),
    body,
    new Uint8Array(body.length & 1),
  ]);
  const length = parts.reduce((sum, part) => sum + part.length, WEBP.length);
  return concatBytes([RIFF, uint32(length), WEBP, ...parts]);
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, value, true);
  return bytes;
}

function damaged(what: string, offset: number): never {
  throw new ServerError('damaged', 'the WebP data is damaged', { facts: { what, offset } });
}
