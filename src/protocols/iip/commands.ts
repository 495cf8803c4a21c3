/** The table of commands, from name to parser; everything else about names is derived from it. */
import { formDecode, percentDecode } from '../percent.ts';
import { NOTHING, type Command, type Parse } from './command.ts';
import { leadingInteger } from './numbers.ts';
import {
  exportFormat, parseProfile, parseQuality, parseRegion, parseSpectra, parseTile, parseTiles, parseView, parseViewTile,
} from './parse-picture.ts'; // prettier-ignore
import {
  parseColor, parseColormap, parseContrast, parseConvolution, parseGamma, parseRange, parseRotation, parseShade, parseTwist,
} from './parse-processing.ts'; // prettier-ignore

/** Every command of BEHAVIOUR 5, by its name on the wire. */
export const COMMANDS: Readonly<Record<string, Parse>> = {
  /** FIF=path, form-encoded. */
  FIF: (value) => ({ kind: 'image', name: value }),
  OBJ: (value) => ({ kind: 'object', name: value }),
  WID: (value) => ({ kind: 'width', pixels: leadingInteger(value) }),
  HEI: (value) => ({ kind: 'height', pixels: leadingInteger(value) }),
  RGN: parseRegion,
  CVT: (value) => ({ kind: 'export', format: exportFormat(value) }),
  JTL: parseTile('jpeg'),
  PTL: parseTile('png'),
  WTL: parseTile('webp'),
  ATL: parseTile('avif'),
  TTL: parseTile('tiff'),
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
 */
export function parseCommand(name: string, value: string): readonly Command[] {
  const wanted = name.toUpperCase();
  const parse = Object.hasOwn(COMMANDS, wanted) ? COMMANDS[wanted] : undefined;
  if (parse === undefined) return [{ kind: 'unknown', name }];
  const parsed = parse(wanted === 'FIF' ? formDecode(value) : percentDecode(value));
  return Array.isArray(parsed) ? (parsed as readonly Command[]) : [parsed as Command];
}

/** A client's text that is safe to send back: ASCII letters, digits and a few signs, not long. */
export function printable(text: string): string {
  return text.slice(0, 64).replace(/[^A-Za-z0-9_.,:-]/g, '?');
}
