/** Chunks of a PNG file (PNG specification, third edition, sections 5 and 11) and those that hold metadata. */
import { deflateSync } from 'node:zlib';
import type { MetadataField, Resolution } from '../image/info.ts';
import { concatBytes, latin1, utf8, viewOf } from './bytes.ts';
import { crc32 } from './crc32.ts';
import { isStatable, pixelsPerMeter } from './density.ts';
import type { Embed } from './encoder.ts';

/** Keywords that PNG registers for what our fields say; make and model become `Source` together. */
const KEYWORDS: Readonly<Partial<Record<MetadataField, string>>> = {
  title: 'Title',
  creator: 'Author',
  description: 'Description',
  rights: 'Copyright',
  date: 'Creation Time',
  software: 'Software',
};

/** A chunk: length, type, body, check. `type` has four letters. */
export function pngChunk(type: string, body: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(body.length + 12);
  chunk.set(latin1(type), 4);
  chunk.set(body, 8);
  const view = viewOf(chunk);
  view.setUint32(0, body.length);
  view.setUint32(body.length + 8, crc32(chunk.subarray(4, body.length + 8)));
  return chunk;
}

/** The chunks for all that `embed` gives, in an order that may stand between IHDR and IDAT. */
export function pngMetadataChunks(embed: Embed): Uint8Array[] {
  const { icc, xmp, exif, resolution } = embed;
  return [
    ...(icc === undefined ? [] : [profileChunk(icc)]),
    ...(resolution === undefined || !isStatable(resolution) ? [] : [densityChunk(resolution)]),
    ...(exif === undefined ? [] : [pngChunk('eXIf', exif)]),
    ...texts(embed.metadata ?? {}).map(([keyword, text]) => textChunk(keyword, text)),
    ...(xmp === undefined ? [] : [internationalText('XML:com.adobe.xmp', xmp)]),
  ];
}

function profileChunk(icc: Uint8Array): Uint8Array {
  return pngChunk('iCCP', concatBytes([latin1('ICC profile\0\0'), deflateSync(icc)]));
}

function densityChunk(resolution: Resolution): Uint8Array {
  const { unit, x, y } = pixelsPerMeter(resolution);
  const body = new Uint8Array(9);
  const view = viewOf(body);
  view.setUint32(0, x);
  view.setUint32(4, y);
  view.setUint8(8, unit === 'none' ? 0 : 1);
  return pngChunk('pHYs', body);
}

function texts(metadata: NonNullable<Embed['metadata']>): (readonly [keyword: string, text: string])[] {
  const fields = Object.entries(KEYWORDS) as [MetadataField, string][];
  const source = [metadata.make, metadata.model].filter((part) => part !== undefined).join(' ');
  return [
    ...fields.map(([field, keyword]) => [keyword, metadata[field] ?? ''] as const),
    ['Source', source] as const,
  ]
    .map(([keyword, text]) => [keyword, text.replaceAll('\0', '')] as const)
    .filter(([, text]) => text !== '');
}

/** The plain chunk is what old readers know. It is Latin-1, but libvips reads UTF-8: only what is the same in both. */
function textChunk(keyword: string, text: string): Uint8Array {
  const isPlain = /^[\n\x20-\x7e]*$/.test(text);
  return isPlain ? pngChunk('tEXt', latin1(`${keyword}\0${text}`)) : internationalText(keyword, text);
}

/** Not compressed, neither language nor translated keyword. */
function internationalText(keyword: string, text: string): Uint8Array {
  return pngChunk('iTXt', concatBytes([latin1(`${keyword}\0\0\0\0\0`), utf8(text)]));
}
