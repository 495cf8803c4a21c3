/** The commands of the Internet Imaging Protocol: one table from name to parser, everything else derived from it. */
import type { OutputFormat, TiffCompression } from '../../encode/encoder.ts';
import { ServerError } from '../../errors.ts';
import { COLORMAP_NAMES, type ColormapName } from '../../processing/colormap-tables.ts';
import { namedKernel, type ConvolutionKernel } from '../../processing/convolve.ts';
import type { BandRange, Contrast, Curve } from '../../render/steps.ts';
import { formDecode, percentDecode } from '../percent.ts';
import { leadingInteger, leadingNumber, numberList } from './numbers.ts';

export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One parsed command. Commands only change the state of the request or name what is to be sent. */
export type Command =
  | { readonly kind: 'image'; readonly name: string }
  | { readonly kind: 'object'; readonly name: string }
  | { readonly kind: 'width'; readonly pixels: number }
  | { readonly kind: 'height'; readonly pixels: number }
  /** Ratios of the whole image, 0–1. */
  | { readonly kind: 'region'; readonly region: Region }
  | { readonly kind: 'export'; readonly format: OutputFormat }
  | { readonly kind: 'tile'; readonly format: OutputFormat; readonly resolution: number; readonly tile: number }
  | { readonly kind: 'tiles'; readonly resolution: number; readonly first: number; readonly last: number }
  | { readonly kind: 'view'; readonly horizontal: number; readonly vertical: number }
  | { readonly kind: 'quality'; readonly value: number; readonly compression?: TiffCompression }
  | { readonly kind: 'contrast'; readonly contrast: Contrast }
  | { readonly kind: 'curve'; readonly curve: Curve }
  | { readonly kind: 'range'; readonly range: BandRange }
  | { readonly kind: 'invert' }
  | { readonly kind: 'colormap'; readonly map: ColormapName }
  | { readonly kind: 'shade'; readonly horizontal: number; readonly vertical: number }
  | { readonly kind: 'twist'; readonly matrix: readonly (readonly number[])[] }
  | { readonly kind: 'color'; readonly color: 'gray' | 'binary' }
  | { readonly kind: 'convolve'; readonly kernel: ConvolutionKernel }
  | { readonly kind: 'rotate'; readonly degrees: number; readonly isMirrored: boolean }
  | { readonly kind: 'layers'; readonly layers: number }
  /** Bits of a sample of an exported PNG or TIFF; not in iipsrv. */
  | { readonly kind: 'depth'; readonly bits: 8 | 16 }
  | { readonly kind: 'spectra'; readonly resolution: number; readonly tile: number; readonly x: number; readonly y: number }
  | { readonly kind: 'profile'; readonly resolution: number; readonly from: Point; readonly to: Point }
  /** Valid, and nothing comes of it. */
  | { readonly kind: 'nothing' };

export interface Point {
  readonly x: number;
  readonly y: number;
}

type Parse = (value: string) => Command | readonly Command[];

const NOTHING: Command = { kind: 'nothing' };

const tile =
  (format: OutputFormat): Parse =>
  (value) => {
    const [resolution = 0, number = 0] = numberList(value).map(Math.trunc);
    return { kind: 'tile', format, resolution, tile: number };
  };

/** Every command of BEHAVIOUR 5, by its name on the wire. */
export const COMMANDS: Readonly<Record<string, Parse>> = {
  /** FIF=path, form-encoded. */
  FIF: (value) => ({ kind: 'image', name: value }),
  OBJ: (value) => ({ kind: 'object', name: value }),
  WID: (value) => ({ kind: 'width', pixels: leadingInteger(value) }),
  HEI: (value) => ({ kind: 'height', pixels: leadingInteger(value) }),
  RGN: parseRegion,
  CVT: (value) => ({ kind: 'export', format: exportFormat(value) }),
  JTL: tile('jpeg'),
  PTL: tile('png'),
  WTL: tile('webp'),
  ATL: tile('avif'),
  TTL: tile('tiff'),
  JTLS: parseViewTile,
  TIL: parseTiles,
  SDS: parseView,
  QLT: parseQuality,
  CNT: (value) => ({ kind: 'contrast', contrast: parseContrast(value) }),
  GAM: (value) => ({ kind: 'curve', curve: parseGamma(value) }),
  MINMAX: parseRange,
  INV: () => ({ kind: 'invert' }),
  CMP: parseColormap,
  SHD: parseShade,
  CTW: parseTwist,
  COL: parseColor,
  CNV: parseConvolution,
  ROT: parseRotation,
  LYR: (value) => ({ kind: 'layers', layers: leadingInteger(value) }),
  SPECTRA: parseSpectra,
  PFL: parseProfile,
  BIT: (value) => ({ kind: 'depth', bits: leadingInteger(value) === 16 ? 16 : 8 }),
  ICC: () => NOTHING,
};

/**
 * Parses one `NAME=value` pair.
 *
 * @param name any case.
 * @param value still encoded: `+` is a space in FIF only, as in every iipsrv.
 * @throws {ServerError} `bad-request` for an unknown name.
 */
export function parseCommand(name: string, value: string): readonly Command[] {
  const wanted = name.toUpperCase();
  const parse = Object.hasOwn(COMMANDS, wanted) ? COMMANDS[wanted] : undefined;
  if (parse === undefined) {
    throw new ServerError('bad-request', 'unknown command', { iip: `2 2 ${printable(name)}` });
  }
  const parsed = parse(wanted === 'FIF' ? formDecode(value) : percentDecode(value));
  return Array.isArray(parsed) ? (parsed as readonly Command[]) : [parsed as Command];
}

/** A client's text that is safe to send back: ASCII letters, digits and a few signs, not long. */
export function printable(text: string): string {
  return text.slice(0, 64).replace(/[^A-Za-z0-9_.,:-]/g, '?');
}

/** RGN=x,y,w,h ratios; ignored unless there are 4 numbers and w, h > 0. */
function parseRegion(value: string): Command {
  const [x, y, width, height] = numberList(value);
  if (x === undefined || y === undefined || width === undefined || height === undefined) return NOTHING;
  if (width <= 0 || height <= 0) return NOTHING;
  const ratio = (number: number): number => Math.min(Math.max(number, 0), 1);
  const left = ratio(x);
  const top = ratio(y);
  const region = { x: left, y: top, width: Math.min(ratio(width), 1 - left), height: Math.min(ratio(height), 1 - top) };
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
function exportFormat(value: string): OutputFormat {
  const wanted = value.trim().toLowerCase();
  return Object.hasOwn(EXPORT_FORMATS, wanted) ? EXPORT_FORMATS[wanted]! : 'jpeg';
}

/** JTLS=x,resolution,tile,y */
function parseViewTile(value: string): readonly Command[] {
  const [horizontal = 0, resolution = 0, number = 0, vertical = 0] = numberList(value).map(Math.trunc);
  return [
    { kind: 'view', horizontal, vertical },
    { kind: 'tile', format: 'jpeg', resolution, tile: number },
  ];
}

/** TIL=resolution,first[-last] */
function parseTiles(value: string): Command {
  const comma = value.indexOf(',');
  const range = comma < 0 ? '' : value.slice(comma + 1);
  const dash = range.indexOf('-', 1);
  const first = leadingInteger(range);
  const last = dash < 0 ? first : leadingInteger(range.slice(dash + 1));
  return { kind: 'tiles', resolution: leadingInteger(value), first, last };
}

/** SDS=x[,y] */
function parseView(value: string): Command {
  const [horizontal = 0, vertical = 0] = numberList(value).map(Math.trunc);
  return { kind: 'view', horizontal, vertical };
}

const TIFF_COMPRESSIONS: readonly TiffCompression[] = ['none', 'lzw', 'deflate', 'jpeg', 'webp', 'zstd'];

/** QLT=n or QLT=compression:n */
function parseQuality(value: string): Command {
  const colon = value.indexOf(':');
  if (colon < 0) return { kind: 'quality', value: leadingNumber(value) };
  const prefix = value.slice(0, colon).trim().toLowerCase();
  const compression = TIFF_COMPRESSIONS.find((name) => name === prefix);
  const quality = { kind: 'quality', value: leadingNumber(value.slice(colon + 1)) } as const;
  return compression === undefined ? quality : { ...quality, compression };
}

function parseContrast(value: string): Contrast {
  const word = value.trim().toLowerCase();
  if (word === 'stretch' || word === 'st') return { kind: 'stretch' };
  if (word === 'eq' || word === 'equalization') return { kind: 'equalize' };
  return { kind: 'factor', factor: leadingNumber(value) };
}

function parseGamma(value: string): Curve {
  const word = value.trim().toLowerCase();
  if (word === 'log' || word === 'logarithm') return { kind: 'logarithm' };
  return { kind: 'gamma', exponent: leadingNumber(value) };
}

/** MINMAX=band:min,max; band `-` is all */
function parseRange(value: string): Command {
  const colon = value.indexOf(':');
  const [min, max] = numberList(value.slice(colon + 1));
  if (colon < 0 || min === undefined || max === undefined) return NOTHING;
  const name = value.slice(0, colon).trim();
  return { kind: 'range', range: { band: name === '-' ? 'all' : leadingInteger(name), min, max } };
}

/** SHD=h,v degrees */
function parseShade(value: string): Command {
  const [horizontal = 0, vertical = 0] = numberList(value);
  return { kind: 'shade', horizontal, vertical };
}

/** Bands of a twist or entries of a kernel that a request may give; no image has more. */
const MAX_MATRIX_SIDE = 256;

/** CTW=[a,b,c;d,e,f;…] */
function parseTwist(value: string): Command {
  const rows = value.replace(/^\s*\[/, '').replace(/\]\s*$/, '').split(';', MAX_MATRIX_SIDE);
  const matrix = rows.filter((row) => row.trim() !== '').map((row) => numberList(row, MAX_MATRIX_SIDE));
  return matrix.length === 0 ? NOTHING : { kind: 'twist', matrix };
}

function parseColor(value: string): Command {
  const word = value.trim().toLowerCase();
  if (word === 'gray' || word === 'grey') return { kind: 'color', color: 'gray' };
  return word === 'binary' ? { kind: 'color', color: 'binary' } : NOTHING;
}

/** CMP=name; an unknown one is none. */
function parseColormap(value: string): Command {
  const word = value.trim().toLowerCase();
  const map = COLORMAP_NAMES.find((name) => name === word);
  return map === undefined ? NOTHING : { kind: 'colormap', map };
}

/** CNV=name or CNV=[k1,…], square, odd, at most 5×5; others are ignored. */
function parseConvolution(value: string): Command {
  const word = value.trim().toLowerCase();
  const named = namedKernel(word);
  if (named !== undefined) return { kind: 'convolve', kernel: named };
  const kernel = word.startsWith('[') ? numberList(word.slice(1), 32) : [];
  const isSquare = kernel.length === 1 || kernel.length === 9 || kernel.length === 25;
  return isSquare ? { kind: 'convolve', kernel } : NOTHING;
}

/** ROT=[!]degrees: mirrored first. IIP knows quarter turns; any other angle is taken too. */
function parseRotation(value: string): Command {
  const isMirrored = value.trimStart().startsWith('!');
  const degrees = leadingNumber(isMirrored ? value.trimStart().slice(1) : value);
  return { kind: 'rotate', degrees: ((degrees % 360) + 360) % 360, isMirrored };
}

/** SPECTRA=resolution,tile,x,y */
function parseSpectra(value: string): Command {
  const [resolution = 0, number = 0, x = 0, y = 0] = numberList(value).map(Math.trunc);
  return { kind: 'spectra', resolution, tile: number, x, y };
}

/** PFL=resolution:x1,y1[-x2,y2] */
function parseProfile(value: string): Command {
  const colon = value.indexOf(':');
  const points = colon < 0 ? '' : value.slice(colon + 1);
  const dash = points.indexOf('-', 1);
  const [x = 0, y = 0] = numberList(dash < 0 ? points : points.slice(0, dash)).map(Math.trunc);
  const [toX = x, toY = y] = dash < 0 ? [] : numberList(points.slice(dash + 1)).map(Math.trunc);
  return { kind: 'profile', resolution: leadingInteger(value), from: { x, y }, to: { x: toX, y: toY } };
}
