/**
 * The syntax of an image request, `{region}/{size}/{rotation}/{quality}.{format}` (IIIF Image API 3.0, section 4;
 * 2.1 differs in the size only), strictly: `100abc,` is an error.
 */
import { ServerError } from '../../errors.ts';
import type { OutputFormat } from '../../encode/encoder.ts';

export type RegionParameter =
  | { readonly kind: 'full' }
  | { readonly kind: 'square' }
  | {
      readonly kind: 'pixels' | 'percent';
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
    };

/** `mayEnlarge` is the `^` of version 3. */
export type SizeParameter = { readonly mayEnlarge: boolean } & (
  | { readonly kind: 'max' }
  | { readonly kind: 'percent'; readonly percent: number }
  | { readonly kind: 'width'; readonly width: number }
  | { readonly kind: 'height'; readonly height: number }
  | { readonly kind: 'exact' | 'inside'; readonly width: number; readonly height: number }
);

export interface RotationParameter {
  readonly isMirrored: boolean;
  /** Clockwise, 0 ≤ degrees < 360. */
  readonly degrees: number;
}

export const QUALITIES = ['default', 'color', 'gray', 'bitonal', 'native', 'grey'] as const;
/** Qualities that IIIF_EXTENSIONS adds. */
export const EXTRA_QUALITIES = ['negative', 'stretch', 'equalization', 'log'] as const;
export type Quality = (typeof QUALITIES)[number] | (typeof EXTRA_QUALITIES)[number];

/** Format extensions of a URL and what they make. */
export const FORMATS: Readonly<Record<string, OutputFormat>> = {
  jpg: 'jpeg',
  png: 'png',
  tif: 'tiff',
  webp: 'webp',
  avif: 'avif',
  gif: 'gif',
};

export interface ImageRequest {
  readonly region: RegionParameter;
  readonly size: SizeParameter;
  readonly rotation: RotationParameter;
  readonly quality: Quality;
  /** As in the URL: `jpg`, `tif`, … */
  readonly extension: string;
  readonly format: OutputFormat;
}

export interface SyntaxOptions {
  readonly hasExtraQualities: boolean;
}

/**
 * Parses the four percent-decoded path segments.
 *
 * @throws {ServerError} `bad-request` naming the parameter that is wrong.
 */
export function parseImageRequest(segments: readonly string[], options: SyntaxOptions): ImageRequest {
  const [region = '', size = '', rotation = '', last = ''] = segments;
  const dot = last.lastIndexOf('.');
  if (dot <= 0) throw malformed('the last part is not {quality}.{format}');
  const extension = last.slice(dot + 1);
  return {
    region: parseRegion(region),
    size: parseSize(size),
    rotation: parseRotation(rotation),
    quality: parseQuality(last.slice(0, dot), options),
    extension,
    format: parseFormat(extension),
  };
}

function malformed(message: string): ServerError {
  return new ServerError('bad-request', message);
}

const WHOLE_NUMBER = /^\d+$/;
const DECIMAL_NUMBER = /^(?:\d+\.?\d*|\.\d+)$/;

/** All of `texts` as numbers, or undefined when one does not match. */
function numbers(texts: readonly string[], pattern: RegExp): readonly number[] | undefined {
  return texts.every((text) => pattern.test(text)) ? texts.map(Number) : undefined;
}

/** full | square | x,y,w,h | pct:x,y,w,h */
export function parseRegion(text: string): RegionParameter {
  if (text === 'full' || text === 'square') return { kind: text };
  const isPercent = text.startsWith('pct:');
  const parts = (isPercent ? text.slice(4) : text).split(',', 5);
  const values = parts.length === 4 ? numbers(parts, isPercent ? DECIMAL_NUMBER : WHOLE_NUMBER) : undefined;
  const [x, y, width, height] = values ?? [];
  if (x === undefined || y === undefined || width === undefined || height === undefined) {
    throw malformed('the region is not full, square, x,y,w,h or pct:x,y,w,h');
  }
  if (width === 0 || height === 0) throw malformed('the region has no width or no height');
  return { kind: isPercent ? 'percent' : 'pixels', x, y, width, height };
}

/** max | full | w, | ,h | pct:n | w,h | !w,h, each but `full` also after `^` */
export function parseSize(text: string): SizeParameter {
  const mayEnlarge = text.startsWith('^');
  const form = mayEnlarge ? text.slice(1) : text;
  if (form === 'max' || text === 'full') return { kind: 'max', mayEnlarge };
  if (form.startsWith('pct:')) return parsePercent(form.slice(4), mayEnlarge);
  const isInside = form.startsWith('!');
  const sides = (isInside ? form.slice(1) : form).split(',', 3);
  const [width = '', height = ''] = sides;
  const given = sides.filter((side) => side !== '');
  const values = sides.length === 2 && given.length > 0 ? numbers(given, WHOLE_NUMBER) : undefined;
  if (values === undefined || (isInside && values.length < 2)) {
    throw malformed('the size is not max, w,, ,h, pct:n, w,h or !w,h');
  }
  if (values.includes(0)) throw malformed('the size has a side of 0');
  if (height === '') return { kind: 'width', mayEnlarge, width: Number(width) };
  if (width === '') return { kind: 'height', mayEnlarge, height: Number(height) };
  return { kind: isInside ? 'inside' : 'exact', mayEnlarge, width: Number(width), height: Number(height) };
}

function parsePercent(text: string, mayEnlarge: boolean): SizeParameter {
  const percent = DECIMAL_NUMBER.test(text) ? Number(text) : 0;
  if (percent <= 0) throw malformed('the size is not a percentage over 0');
  return { kind: 'percent', mayEnlarge, percent };
}

/** [!]n, 0 to 360 */
export function parseRotation(text: string): RotationParameter {
  const isMirrored = text.startsWith('!');
  const number = isMirrored ? text.slice(1) : text;
  const degrees = DECIMAL_NUMBER.test(number) ? Number(number) : NaN;
  if (!(degrees <= 360)) throw malformed('the rotation is not a number from 0 to 360');
  return { isMirrored, degrees: degrees % 360 };
}

function parseQuality(text: string, options: SyntaxOptions): Quality {
  const known: readonly Quality[] = options.hasExtraQualities
    ? [...QUALITIES, ...EXTRA_QUALITIES]
    : QUALITIES;
  const quality = known.find((name) => name === text);
  if (quality === undefined) throw malformed('this quality is not known');
  return quality;
}

function parseFormat(extension: string): OutputFormat {
  const format = Object.hasOwn(FORMATS, extension) ? FORMATS[extension] : undefined;
  if (format === undefined) throw malformed('this format is not offered');
  return format;
}
