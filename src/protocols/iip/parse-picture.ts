/** Values of the commands that say which part of which picture is wanted, and as what. */
import type { OutputFormat, TiffCompression } from '../../encode/encoder.ts';
import { NOTHING, type Command, type Parse } from './command.ts';
import { integerList, leadingInteger, leadingNumber, numberList } from './numbers.ts';

/** resolution,tile */
export const parseTile =
  (format: OutputFormat): Parse =>
  (value) => {
    const [resolution = 0, number = 0] = integerList(value);
    return { kind: 'tile', format, resolution, tile: number };
  };

/** RGN=x,y,w,h ratios; ignored unless there are 4 numbers and w, h > 0. */
export function parseRegion(value: string): Command {
  const [x, y, width, height] = numberList(value);
  if (x === undefined || y === undefined || width === undefined || height === undefined) return NOTHING;
  if (width <= 0 || height <= 0) return NOTHING;
  const ratio = (number: number): number => Math.min(Math.max(number, 0), 1);
  const left = ratio(x);
  const top = ratio(y);
  // A region that begins at the right or lower edge has nothing in it.
  if (left === 1 || top === 1) return NOTHING;
  const region = {
    x: left,
    y: top,
    width: Math.min(ratio(width), 1 - left),
    height: Math.min(ratio(height), 1 - top),
  };
  return { kind: 'region', region };
}

const EXPORT_FORMATS: Readonly<Record<string, OutputFormat>> = {
  png: 'png',
  webp: 'webp',
  avif: 'avif',
  tiff: 'tiff',
  tif: 'tiff',
};

/** CVT=format; anything unknown is JPEG. */
export function exportFormat(value: string): OutputFormat {
  const wanted = value.trim().toLowerCase();
  return Object.hasOwn(EXPORT_FORMATS, wanted) ? EXPORT_FORMATS[wanted]! : 'jpeg';
}

/** JTLS=x,resolution,tile,y */
export function parseViewTile(value: string): readonly Command[] {
  const [horizontal = 0, resolution = 0, number = 0, vertical = 0] = integerList(value);
  return [
    { kind: 'view', horizontal, vertical },
    { kind: 'tile', format: 'jpeg', resolution, tile: number },
  ];
}

/** TIL=resolution,first[-last] */
export function parseTiles(value: string): Command {
  const comma = value.indexOf(',');
  const range = comma < 0 ? '' : value.slice(comma + 1);
  const dash = range.indexOf('-', 1);
  const first = leadingInteger(range);
  const last = dash < 0 ? first : leadingInteger(range.slice(dash + 1));
  return { kind: 'tiles', resolution: leadingInteger(value), first, last };
}

/** SDS=x[,y] */
export function parseView(value: string): Command {
  const [horizontal = 0, vertical = 0] = integerList(value);
  return { kind: 'view', horizontal, vertical };
}

const TIFF_COMPRESSIONS: readonly TiffCompression[] = ['none', 'lzw', 'deflate', 'jpeg', 'webp', 'zstd'];

/** QLT=n or QLT=compression:n */
export function parseQuality(value: string): Command {
  const colon = value.indexOf(':');
  if (colon < 0) return { kind: 'quality', value: leadingNumber(value) };
  const prefix = value.slice(0, colon).trim().toLowerCase();
  const compression = TIFF_COMPRESSIONS.find((name) => name === prefix);
  const quality = { kind: 'quality', value: leadingNumber(value.slice(colon + 1)) } as const;
  return compression === undefined ? quality : { ...quality, compression };
}

/** SPECTRA=resolution,tile,x,y */
export function parseSpectra(value: string): Command {
  const [resolution = 0, number = 0, x = 0, y = 0] = integerList(value);
  return { kind: 'spectra', resolution, tile: number, x, y };
}

/** PFL=resolution:x1,y1[-x2,y2] */
export function parseProfile(value: string): Command {
  const colon = value.indexOf(':');
  const points = colon < 0 ? '' : value.slice(colon + 1);
  const dash = points.indexOf('-', 1);
  const [x = 0, y = 0] = integerList(dash < 0 ? points : points.slice(0, dash));
  const [toX = x, toY = y] = dash < 0 ? [] : integerList(points.slice(dash + 1));
  return { kind: 'profile', resolution: leadingInteger(value), from: { x, y }, to: { x: toX, y: toY } };
}
