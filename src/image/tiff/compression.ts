/** The one table of TIFF compressions: what each number means, and how a tile or strip is decoded. */
import type { Awaitable } from '../../awaitable.ts';
import { decodeCcitt } from './ccitt.ts';
import type { CcittScheme } from './ccitt.ts';
import { decodeJp2Segment } from './jp2-segment.ts';
import { decodeJpegSegment } from './jpeg-segment.ts';
import { inflate } from './inflate.ts';
import { decodeLercSegment } from './lerc.ts';
import { decodeLzw } from './lzw.ts';
import { decodePackBits } from './packbits.ts';
import { decodeWebpSegment } from './webp-segment.ts';
import { decodeXz } from './xz.ts';
import { decodeZstd } from './zstd.ts';

/** A tile or strip as it is stored, and what must come out of it. */
export interface EncodedSegment {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly samplesPerPixel: number;
  /** The last sample of a pixel is its alpha, unassociated. */
  readonly endsInAlpha: boolean;
  /** Bytes of all rows, decoded. */
  readonly length: number;
  readonly photometric: number;
  /** The tag Compression. */
  readonly compression: number;
  readonly jpegTables: Uint8Array | undefined;
  /** Values of the tag that the compression has for itself (`PixelTags`). */
  readonly codecParameters: readonly number[];
}

export interface Compression {
  readonly name: string;
  /**
   * The rows one after the other, possibly fewer or more bytes than asked for; what it answers may be written to.
   * Without it the compression is known by name only.
   */
  readonly decode?: (segment: EncodedSegment) => Awaitable<Uint8Array>;
  /** It stores whole pictures: no predictor, no order of bits or bytes. */
  readonly isPicture?: true;
  /** The tag Predictor counts; others ignore it, as writers leave it there by mistake. */
  readonly takesPredictor?: true;
  /** It stores rows of single bits. */
  readonly isBilevel?: true;
}

function ccitt(name: string, scheme: CcittScheme): Compression {
  return {
    name,
    isBilevel: true,
    decode: ({ bytes, width, height, length, codecParameters: [options = 0] }) =>
      decodeCcitt(bytes, {
        width,
        height,
        rowBytes: length / height,
        scheme,
        isTwoDimensional: options % 2 === 1,
      }),
  };
}

/** Numbers of Compression (TIFF 6.0, its supplements, and libtiff's and other registrations). */
const COMPRESSIONS: Readonly<Record<number, Compression>> = {
  1: { name: 'none', decode: ({ bytes }) => bytes },
  2: ccitt('ccitt-rle', 'rle'),
  3: ccitt('ccitt-g3', 'g3'),
  4: ccitt('ccitt-g4', 'g4'),
  5: { name: 'lzw', decode: ({ bytes, length }) => decodeLzw(bytes, length), takesPredictor: true },
  6: { name: 'old-style jpeg' },
  7: { name: 'jpeg', decode: decodeJpegSegment, isPicture: true },
  8: { name: 'deflate', decode: ({ bytes, length }) => inflate(bytes, length), takesPredictor: true },
  9: { name: 'jbig (T.85)' },
  10: { name: 'jbig (T.43)' },
  32766: { name: 'next' },
  32771: ccitt('ccitt-rle (word-aligned)', 'rle-word'),
  32773: { name: 'packbits', decode: ({ bytes, length }) => decodePackBits(bytes, length) },
  32809: { name: 'thunderscan' },
  32908: { name: 'pixarfilm' },
  32909: { name: 'pixarlog' },
  32946: { name: 'deflate', decode: ({ bytes, length }) => inflate(bytes, length), takesPredictor: true },
  33003: { name: 'jpeg2000 (Aperio YCbCr)', decode: decodeJp2Segment, isPicture: true },
  33004: { name: 'jpeg2000 (lossy)', decode: decodeJp2Segment, isPicture: true },
  33005: { name: 'jpeg2000 (Aperio RGB)', decode: decodeJp2Segment, isPicture: true },
  34661: { name: 'jbig' },
  34676: { name: 'sgilog' },
  34677: { name: 'sgilog24' },
  34712: { name: 'jpeg2000', decode: decodeJp2Segment, isPicture: true },
  34887: { name: 'lerc', decode: decodeLercSegment },
  34892: { name: 'lossy jpeg (DNG)' },
  34925: { name: 'lzma', decode: ({ bytes, length }) => decodeXz(bytes, length), takesPredictor: true },
  34926: {
    name: 'zstd (old number)',
    decode: ({ bytes, length }) => decodeZstd(bytes, length),
    takesPredictor: true,
  },
  34927: { name: 'webp (old number)', decode: decodeWebpSegment, isPicture: true },
  34934: { name: 'jpeg xr' },
  50000: { name: 'zstd', decode: ({ bytes, length }) => decodeZstd(bytes, length), takesPredictor: true },
  50001: { name: 'webp', decode: decodeWebpSegment, isPicture: true },
  50002: { name: 'jpeg xl' },
  52546: { name: 'jpeg xl' },
};

/** What a number of Compression means; unknown ones have their number as name. */
export function compressionOf(number: number): Compression {
  return COMPRESSIONS[number] ?? { name: `compression ${number}` };
}
