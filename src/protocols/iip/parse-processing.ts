/** Values of the commands that change pixels. */
import { COLORMAP_NAMES } from '../../processing/colormap-tables.ts';
import { namedKernel } from '../../processing/convolve.ts';
import type { Contrast, Curve } from '../../render/steps.ts';
import { NOTHING, type Command } from './command.ts';
import { leadingInteger, leadingNumber, numberList } from './numbers.ts';

/** CNT=factor | stretch | equalization */
export function parseContrast(value: string): Contrast {
  const word = value.trim().toLowerCase();
  if (word === 'stretch' || word === 'st') return { kind: 'stretch' };
  if (word === 'eq' || word === 'equalization') return { kind: 'equalize' };
  return { kind: 'factor', factor: leadingNumber(value) };
}

export function parseGamma(value: string): Curve {
  const word = value.trim().toLowerCase();
  if (word === 'log' || word === 'logarithm') return { kind: 'logarithm' };
  return { kind: 'gamma', exponent: leadingNumber(value) };
}

/** MINMAX=band:min,max; band `-` is all */
export function parseRange(value: string): Command {
  const colon = value.indexOf(':');
  const [min, max] = numberList(value.slice(colon + 1));
  if (colon < 0 || min === undefined || max === undefined) return NOTHING;
  const name = value.slice(0, colon).trim();
  return { kind: 'range', range: { band: name === '-' ? 'all' : leadingInteger(name), min, max } };
}

/** SHD=h,v degrees */
export function parseShade(value: string): Command {
  const [horizontal = 0, vertical = 0] = numberList(value);
  return { kind: 'shade', horizontal, vertical };
}

/** Bands of a twist or entries of a kernel that a request may give; no image has more. */
const MAX_MATRIX_SIDE = 256;

/** CTW=[a,b,c;d,e,f;…] */
export function parseTwist(value: string): Command {
  const rows = value
    .replace(/^\s*\[/, '')
    .replace(/\]\s*$/, '')
    .split(';', MAX_MATRIX_SIDE);
  const matrix = rows.filter((row) => row.trim() !== '').map((row) => numberList(row, MAX_MATRIX_SIDE));
  return matrix.length === 0 ? NOTHING : { kind: 'twist', matrix };
}

export function parseColor(value: string): Command {
  const word = value.trim().toLowerCase();
  if (word === 'gray' || word === 'grey') return { kind: 'color', color: 'gray' };
  return word === 'binary' ? { kind: 'color', color: 'binary' } : NOTHING;
}

/** CMP=name; an unknown one is none. */
export function parseColormap(value: string): Command {
  const word = value.trim().toLowerCase();
  const map = COLORMAP_NAMES.find((name) => name === word);
  return map === undefined ? NOTHING : { kind: 'colormap', map };
}

/** CNV=name or CNV=[k1,…], square, odd, at most 5×5; others are ignored. */
export function parseConvolution(value: string): Command {
  const word = value.trim().toLowerCase();
  const named = namedKernel(word);
  if (named !== undefined) return { kind: 'convolve', kernel: named };
  const kernel = word.startsWith('[') ? numberList(word.slice(1), 32) : [];
  const isSquare = kernel.length === 1 || kernel.length === 9 || kernel.length === 25;
  return isSquare ? { kind: 'convolve', kernel } : NOTHING;
}

/** ROT=[!]degrees: mirrored first. IIP knows quarter turns; any other angle is taken too. */
export function parseRotation(value: string): Command {
  const isMirrored = value.trimStart().startsWith('!');
  const degrees = leadingNumber(isMirrored ? value.trimStart().slice(1) : value);
  return { kind: 'rotate', degrees: ((degrees % 360) + 360) % 360, isMirrored };
}
