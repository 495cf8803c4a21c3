/** Tells the kind of a file from its first bytes, never from its name (BEHAVIOUR 4). */

/** Kinds of picture files by their signature; a reader exists for some of them. */
export type FileKind =
  'tiff' | 'jpeg' | 'jp2' | 'jph' | 'j2k' | 'png' | 'webp' | 'gif' | 'avif' | 'heic' | 'jxl' | 'jpx';

/** As many bytes as the longest signature needs. */
export const SIGNATURE_BYTES = 32;

/** Names for people. */
export const KIND_NAMES: Readonly<Record<FileKind, string>> = {
  tiff: 'TIFF',
  jpeg: 'JPEG',
  jp2: 'JPEG 2000 (JP2)',
  jpx: 'JPEG 2000 (JPX)',
  jph: 'HTJ2K (JPH)',
  j2k: 'JPEG 2000 codestream',
  png: 'PNG',
  webp: 'WebP',
  gif: 'GIF',
  avif: 'AVIF',
  heic: 'HEIC',
  jxl: 'JPEG XL',
};

interface Signature {
  readonly kind: FileKind;
  /** Latin-1 text; `?` stands for any byte. */
  readonly starts: string;
}

const JPEG_2000_BOX = '\0\0\0\x0cjP  \r\n\x87\n';

/** The first that matches tells the kind. TIFF: 6.0 section 2, BigTIFF; boxes: ISO 15444-1 annex I, ISO 14496-12. */
const SIGNATURES: readonly Signature[] = [
  { kind: 'tiff', starts: 'II*\0' },
  { kind: 'tiff', starts: 'MM\0*' },
  { kind: 'tiff', starts: 'II+\0' },
  { kind: 'tiff', starts: 'MM\0+' },
  { kind: 'jpeg', starts: '\xff\xd8\xff' },
  { kind: 'jph', starts: `${JPEG_2000_BOX}????ftypjph ` },
  { kind: 'jpx', starts: `${JPEG_2000_BOX}????ftypjpx ` },
  { kind: 'jp2', starts: JPEG_2000_BOX },
  { kind: 'j2k', starts: '\xff\x4f\xff\x51' },
  { kind: 'png', starts: '\x89PNG\r\n\x1a\n' },
  { kind: 'webp', starts: 'RIFF????WEBP' },
  { kind: 'gif', starts: 'GIF87a' },
  { kind: 'gif', starts: 'GIF89a' },
  { kind: 'avif', starts: '????ftypavif' },
  { kind: 'avif', starts: '????ftypavis' },
  { kind: 'heic', starts: '????ftyphei' },
  { kind: 'heic', starts: '????ftyphev' },
  { kind: 'heic', starts: '????ftypmif1' },
  { kind: 'jxl', starts: '\xff\x0a' },
  { kind: 'jxl', starts: '\0\0\0\x0cJXL \r\n\x87\n' },
];

/** The kind of a file that begins with `head`; undefined when it is no picture that we know. */
export function fileKind(head: Uint8Array): FileKind | undefined {
  return SIGNATURES.find(({ starts }) => startsWith(head, starts))?.kind;
}

function startsWith(head: Uint8Array, starts: string): boolean {
  if (head.length < starts.length) return false;
  for (let i = 0; i < starts.length; i++) {
    if (starts[i] !== '?' && head[i] !== starts.charCodeAt(i)) return false;
  }
  return true;
}
