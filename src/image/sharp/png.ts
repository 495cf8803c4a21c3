/** The header of a PNG (W3C, third edition): what stands before the pixels. */
import { inflateSync } from 'node:zlib';
import type { BlockReader } from '../block-reader.ts';
import type { MetadataField, Resolution } from '../info.ts';
import { decodeText } from '../text.ts';
import { damagedPicture, latin1, type PictureFacts } from './facts.ts';

const SIGNATURE_BYTES = 8;
const MAX_CHUNKS = 1_024;
const MAX_CHUNK_BYTES = 2 ** 24;
/** Of a text, and of a profile, when inflated: a few bytes may become a thousand times as many. */
const MAX_TEXT_BYTES = 2 ** 20;
const MAX_PROFILE_BYTES = 2 ** 23;

const COLOR = { gray: 0, rgb: 2, palette: 3, grayAlpha: 4, rgba: 6 } as const;

/** Keywords of section 11.3.3.1 that are fields of the Internet Imaging Protocol. */
const TEXTS: Readonly<Record<string, MetadataField>> = {
  Title: 'title',
  Author: 'creator',
  Description: 'description',
  Copyright: 'rights',
  'Creation Time': 'date',
  Software: 'software',
};

const DEFLATE_RATIO = 1_032;

const KEPT: ReadonlySet<string> = new Set(['IHDR', 'iCCP', 'pHYs', 'eXIf', 'tRNS', 'tEXt', 'zTXt', 'iTXt']);

/** Chunks before the first IDAT by their type; of texts all, of the others the first. */
interface Chunk {
  readonly type: string;
  readonly body: Uint8Array;
}

/** @throws {ServerError} `damaged`. */
export async function describePng(blocks: BlockReader): Promise<PictureFacts> {
  const chunks = await readChunks(blocks);
  const first = (type: string) => chunks.find((chunk) => chunk.type === type)?.body;
  const header = first('IHDR');
  if (header === undefined || header.length < 13 || chunks[0]?.type !== 'IHDR')
    throw damagedPicture('PNG', 'it has no header');
  const view = new DataView(header.buffer, header.byteOffset);
  const [bits = 8, color = 0, , , interlace = 0] = header.subarray(8);
  const profile = first('iCCP');
  const icc = profile && inflated(profile.subarray(profile.indexOf(0) + 2), MAX_PROFILE_BYTES);
  const resolution = densityOf(first('pHYs'));
  const exif = first('eXIf');
  return {
    format: 'png',
    width: view.getUint32(0),
    height: view.getUint32(4),
    bands: bandsOf(color, first('tRNS') !== undefined),
    bitsPerSample: bits === 16 ? 16 : 8,
    compression: 'deflate',
    isStreamed: interlace === 0,
    largestRatio: DEFLATE_RATIO * (8 / bits) * 4,
    metadata: textsOf(chunks),
    ...(icc && { icc }),
    ...(exif && { exif }),
    ...(resolution && { resolution }),
  };
}

function bandsOf(color: number, hasTransparency: boolean): PictureFacts['bands'] {
  switch (color) {
    case COLOR.gray:
      return hasTransparency ? 2 : 1;
    case COLOR.grayAlpha:
      return 2;
    case COLOR.rgb:
    case COLOR.palette:
      return hasTransparency ? 4 : 3;
    case COLOR.rgba:
      return 4;
    default:
      throw damagedPicture('PNG', 'its color type is unknown');
  }
}

/**
 * `u32 length, u8[4] type, body, u32 checksum` up to the pixels. Bodies that are too long, or too much together, are
 * left out.
 */
async function readChunks(blocks: BlockReader): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  let at = SIGNATURE_BYTES;
  let kept = 0;
  for (let count = 0; count < MAX_CHUNKS && at + 8 <= blocks.size; count++) {
    const head = await blocks.bytes(at, 8);
    const length = new DataView(head.buffer, head.byteOffset).getUint32(0);
    const type = latin1(head.subarray(4));
    if (type === 'IDAT' || type === 'IEND') return chunks;
    if (KEPT.has(type) && kept + length <= MAX_CHUNK_BYTES) {
      chunks.push({ type, body: new Uint8Array(await blocks.bytes(at + 8, length)) });
      kept += length;
    }
    at += 12 + length;
  }
  throw damagedPicture('PNG', 'it has no pixels');
}

/** pHYs: `u32 x, u32 y, u8 unit (1 meter)`. */
function densityOf(body: Uint8Array | undefined): Resolution | undefined {
  if (body === undefined || body.length < 9) return undefined;
  const view = new DataView(body.buffer, body.byteOffset);
  const [x, y] = [view.getUint32(0), view.getUint32(4)];
  if (x === 0 || y === 0) return undefined;
  return body[8] === 1 ? { x: x / 100, y: y / 100, unit: 'cm' } : { x, y, unit: 'none' };
}

/** The first text of each field; no other is inflated, however many there are. */
function textsOf(chunks: readonly Chunk[]): PictureFacts['metadata'] {
  const metadata: Partial<Record<MetadataField, string>> = {};
  const seen = new Set<MetadataField>();
  for (const { type, body } of chunks) {
    if (!['tEXt', 'zTXt', 'iTXt'].includes(type)) continue;
    const end = body.indexOf(0);
    const keyword = latin1(body.subarray(0, Math.max(0, end)));
    const field = keyword === 'XML:com.adobe.xmp' ? 'xmp' : TEXTS[keyword];
    if (field === undefined || seen.has(field)) continue;
    seen.add(field);
    const text = type === 'iTXt' ? internationalText(body, end) : plainText(type, body.subarray(end + 1));
    const decoded = text && decodeText(text);
    if (decoded !== undefined) metadata[field] = decoded;
  }
  return metadata;
}

/** Behind the keyword: tEXt the text, zTXt `u8 method` and the text deflated. */
const plainText = (type: string, rest: Uint8Array): Uint8Array | undefined =>
  type === 'tEXt' ? rest : inflated(rest.subarray(1), MAX_TEXT_BYTES);

/** iTXt: `keyword 0, u8 compressed, u8 method, language 0, translated keyword 0, UTF-8 text`. */
function internationalText(body: Uint8Array, end: number): Uint8Array | undefined {
  const language = body.indexOf(0, end + 3);
  const translated = body.indexOf(0, language + 1);
  if (end < 0 || language < 0 || translated < 0) return undefined;
  const text = body.subarray(translated + 1);
  return body[end + 1] === 1 ? inflated(text, MAX_TEXT_BYTES) : text;
}

/** Undefined for what cannot be inflated, or is too long for a header. */
function inflated(bytes: Uint8Array, maxOutputLength: number): Uint8Array | undefined {
  try {
    return new Uint8Array(inflateSync(bytes, { maxOutputLength }));
  } catch {
    return undefined;
  }
}
