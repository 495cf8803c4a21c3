/** What a TIFF file says about its picture: the tags that describe the pixels and those that hold metadata. */
import type { MetadataField, Resolution } from '../../image/info.ts';
import type { Raster } from '../../image/raster.ts';
import { utf8 } from '../bytes.ts';
import { isStatable } from '../density.ts';
import type { Embed, TiffCompression } from '../encoder.ts';
import { ascii, longs, opaque, rationals, shorts } from './ifd.ts';
import type { Entry } from './ifd.ts';
import type { Strips } from './strips.ts';

/** TIFF 6.0, TIFF Technical Note 2, and libtiff's registrations for WebP and Zstandard. */
const COMPRESSION_CODES: Readonly<Record<TiffCompression, number>> = {
  none: 1,
  lzw: 5,
  jpeg: 7,
  deflate: 8,
  zstd: 50_000,
  webp: 50_001,
};
const PREDICTED: ReadonlySet<TiffCompression> = new Set(['lzw', 'deflate', 'zstd']);
const PHOTOMETRIC = { blackIsZero: 1, rgb: 2, ycbcr: 6 };
const EXTRA_SAMPLE = { unspecified: 0, alpha: 2 };
const RESOLUTION_UNITS: Readonly<Record<Resolution['unit'], number>> = { none: 1, inch: 2, cm: 3 };
const TEXT_TAGS: Readonly<Partial<Record<MetadataField, number>>> = {
  title: 269,
  description: 270,
  make: 271,
  model: 272,
  pagename: 285,
  software: 305,
  date: 306,
  creator: 315,
  rights: 33_432,
};

/** Size, samples, compression and color; not where the strips are. */
export function pictureTags(raster: Raster, compression: TiffCompression, strips: Strips): Entry[] {
  const { width, height, bands, bitsPerSample } = raster;
  const isYcbcr = compression === 'jpeg' && bands === 3;
  const colors = bands === 3 || bands === 4 ? 3 : 1;
  const plain = colors === 3 ? PHOTOMETRIC.rgb : PHOTOMETRIC.blackIsZero;
  return [
    longs(256, width),
    longs(257, height),
    shorts(258, ...repeated(bitsPerSample, bands)),
    shorts(259, COMPRESSION_CODES[compression]),
    shorts(262, isYcbcr ? PHOTOMETRIC.ycbcr : plain),
    shorts(277, bands),
    longs(278, strips.rowsPerStrip),
    shorts(284, 1),
    ...(PREDICTED.has(compression) ? [shorts(317, 2)] : []),
    ...(bands === colors ? [] : [shorts(338, ...extraSamples(bands, colors))]),
    shorts(339, ...repeated(1, bands)),
    // 4:2:0 with chroma centered as JPEG has it, full range.
    ...(isYcbcr ? [shorts(530, 2, 2), shorts(531, 1), rationals(532, 0, 255, 128, 255, 128, 255)] : []),
  ];
}

/** Density, texts, XMP and ICC profile; not EXIF, which is directories of its own. */
export function metadataTags({ resolution, metadata = {}, xmp, icc }: Embed): Entry[] {
  const texts = Object.entries(TEXT_TAGS) as [MetadataField, number][];
  return [
    ...(resolution === undefined ? [] : resolutionTags(resolution)),
    ...texts.flatMap(([field, tag]) => {
      const text = metadata[field];
      return text === undefined ? [] : [ascii(tag, text)];
    }),
    ...(xmp === undefined ? [] : [opaque(700, 'byte', utf8(xmp))]),
    ...(icc === undefined ? [] : [opaque(34_675, 'undefined', icc)]),
  ];
}

function resolutionTags(resolution: Resolution): Entry[] {
  if (!isStatable(resolution)) return [];
  const { x, y, unit } = resolution;
  return [rationals(282, x), rationals(283, y), shorts(296, RESOLUTION_UNITS[unit])];
}

/** One more band than a picture has colors is its alpha, not multiplied in; more are not known. */
function extraSamples(bands: number, colors: number): number[] {
  const extra = bands - colors;
  return repeated(extra === 1 ? EXTRA_SAMPLE.alpha : EXTRA_SAMPLE.unspecified, extra);
}

function repeated(value: number, count: number): number[] {
  return Array.from({ length: count }, () => value);
}
