/** What is known about an image before a pixel of it is decoded. Plain data: it can be sent to another thread. */
import type { SampleFormat } from './raster.ts';

/** How the bands are to be understood. `multiband` is anything that is not a picture for the eye. */
export type ColorSpace = 'bilevel' | 'gray' | 'rgb' | 'cielab' | 'cmyk' | 'palette' | 'multiband';

export type ImageFormat = 'tiff' | 'jpeg' | 'jp2' | 'png' | 'webp' | 'gif' | 'avif';

/** Encodings in which a stored tile can be sent to a client as it is. */
export type StoredEncoding = 'jpeg' | 'webp';

/** One resolution of an image. Level 0 is the full size; sizes are those in the file. */
export interface LevelInfo {
  readonly width: number;
  readonly height: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  /** Compression inside the source, a TIFF or codec name for people: `jpeg`, `deflate`, `none`, … */
  readonly compression: string;
  /** Present when `readEncodedTile` can give whole interior tiles of this level as a file of this encoding. */
  readonly storedEncoding?: StoredEncoding;
  /** The file has no tiles: these are cut out of strips or of the whole picture. */
  readonly isCut?: true;
  /** Of a level that is cut out: rows that are decoded together for any of them; missing: each by itself. */
  readonly rowsTogether?: number;
  /** The file does not have this level: it is averaged from a stored one. */
  readonly virtual?: VirtualSource;
  /** Bytes that are decoded at once for any part of the level, where that is much: large tiles or strips. */
  readonly segmentBytes?: number;
}

/** What a virtual level is made of. */
export interface VirtualSource {
  /** Index of the stored level among those that are stored. */
  readonly from: number;
  /** Side of the square of its pixels that makes one pixel: a power of two. */
  readonly factor: number;
}

/** Pixel density as the file states it; `none` is a ratio without a unit. */
export interface Resolution {
  readonly x: number;
  readonly y: number;
  readonly unit: 'none' | 'inch' | 'cm';
}

/** The metadata fields of the Internet Imaging Protocol that image files can fill. */
export const METADATA_FIELDS = [
  'rights',
  'title',
  'pagename',
  'description',
  'creator',
  'date',
  'software',
  'make',
  'model',
  'xmp',
] as const;
export type MetadataField = (typeof METADATA_FIELDS)[number];

/** A page of a stack or document: its name for people and the factor on its sample values. */
export interface PageInfo {
  readonly name: string;
  readonly scale: number;
  /** What differs from page 0; `infoOfPage` puts both together. */
  readonly own?: PageFacts;
}

/** Everything of an image that a page can have for itself. */
export type PageFacts = Pick<
  ImageInfo,
  | 'levels'
  | 'bands'
  | 'bitsPerSample'
  | 'sampleFormat'
  | 'colorSpace'
  | 'sampleRange'
  | 'metadata'
  | 'resolution'
  | 'icc'
  | 'orientation'
>;

/** Everything that protocols and plans need to know of an open image. */
export interface ImageInfo {
  readonly format: ImageFormat;
  /** Level 0 first (full size), every next one smaller. Never empty. */
  readonly levels: readonly LevelInfo[];
  readonly bands: number;
  /** Bits as stored in the file, 1 to 64. Rasters have 8, 16 or 32. */
  readonly bitsPerSample: number;
  readonly sampleFormat: SampleFormat;
  readonly colorSpace: ColorSpace;
  /** Smallest and largest sample value for each band, in the values that rasters of this image hold. */
  readonly sampleRange: { readonly min: readonly number[]; readonly max: readonly number[] };
  readonly resolution?: Resolution;
  readonly metadata: Readonly<Partial<Record<MetadataField, string>>>;
  readonly icc?: Uint8Array;
  /** The body of an EXIF block, without a leading `Exif\0\0`. */
  readonly exif?: Uint8Array;
  /** More than one for a stack or document; page 0 alone otherwise. The facts beside are those of page 0. */
  readonly pages: readonly PageInfo[];
  /** Number of quality layers (JPEG 2000). */
  readonly layers?: number;
  /** How the stored picture has to be turned to stand upright: 1 to 8 as in TIFF and EXIF; missing: it stands upright. */
  readonly orientation?: number;
}

const pagesOf = new WeakMap<ImageInfo, Map<number, ImageInfo>>();

/** The facts of one page; those of page 0 for a page that is not there. Of the same image always the same object. */
export function infoOfPage(info: ImageInfo, page: number): ImageInfo {
  const own = info.pages[page]?.own;
  if (own === undefined) return info;
  const pages = pagesOf.get(info) ?? new Map<number, ImageInfo>();
  pagesOf.set(info, pages);
  const known = pages.get(page);
  if (known !== undefined) return known;
  const { resolution: _, icc: __, orientation: ___, ...shared } = info;
  const whole = { ...shared, ...own };
  pages.set(page, whole);
  return whole;
}
