/** What the header boxes say of the picture: palette, channels, color, density (ISO/IEC 15444-1, I.5.3). */
import type { Resolution } from '../../info.ts';
import { ByteCursor } from '../byte-cursor.ts';
import { damagedJp2 } from '../damage.ts';

export interface PaletteColumn {
  readonly precision: number;
  readonly isSigned: boolean;
}

export interface Palette {
  readonly columns: readonly PaletteColumn[];
  /** Number of colors. */
  readonly count: number;
  /** One color after the other. */
  readonly values: Int32Array;
}

/** How a channel comes from the components: a component as it is, or through a column of the palette. */
export interface ChannelSource {
  readonly component: number;
  readonly column?: number;
}

/** What a channel means. */
export interface ChannelDefinition {
  readonly channel: number;
  readonly kind: 'color' | 'opacity' | 'premultiplied-opacity' | 'other';
  /** Color from 1 on; 0 the whole picture; undefined nothing. */
  readonly association: number | undefined;
}

export type ColorSpecification =
  | { readonly kind: 'enumerated'; readonly code: number; readonly parameters: Uint8Array }
  | { readonly kind: 'icc'; readonly profile: Uint8Array };

const MAX_COLORS = 1_024;

/**
 * pclr, I.5.3.4; values have as many whole bytes as their bits need:
 *
 *     u16 colors, u8 columns, { u1 signed, u7 bits - 1 }, { values of a color }
 *
 * @throws {ServerError} `damaged`.
 */
export function parsePalette(body: Uint8Array): Palette {
  const cursor = new ByteCursor(body);
  const count = cursor.u16();
  const columnCount = cursor.u8();
  if (count === 0 || count > MAX_COLORS || columnCount === 0)
    throw damagedJp2('its palette is empty or too large');
  const columns = Array.from({ length: columnCount }, () => {
    const depth = cursor.u8();
    return { precision: (depth & 0x7f) + 1, isSigned: depth >= 0x80 };
  });
  if (columns.some(({ precision }) => precision > 32)) throw damagedJp2('its palette has too many bits');
  const values = new Int32Array(count * columnCount);
  for (let i = 0; i < values.length; i++) {
    const { precision, isSigned } = columns[i % columnCount]!;
    values[i] = readValue(cursor, precision, isSigned);
  }
  return { columns, count, values };
}

function readValue(cursor: ByteCursor, precision: number, isSigned: boolean): number {
  let value = 0;
  for (let byte = 0; byte < Math.ceil(precision / 8); byte++) value = value * 256 + cursor.u8();
  value %= 2 ** precision;
  return isSigned && value >= 2 ** (precision - 1) ? value - 2 ** precision : value;
}

/** cmap, I.5.3.5: `{ u16 component, u8 0 direct or 1 palette, u8 column }` for each channel. */
export function parseComponentMapping(body: Uint8Array): ChannelSource[] {
  const cursor = new ByteCursor(body);
  return Array.from({ length: Math.floor(body.length / 4) }, () => {
    const component = cursor.u16();
    const isPalette = cursor.u8() === 1;
    const column = cursor.u8();
    return isPalette ? { component, column } : { component };
  });
}

const CHANNEL_KINDS = ['color', 'opacity', 'premultiplied-opacity'] as const;

/** cdef, I.5.3.6: `u16 count, { u16 channel, u16 type, u16 association }`. */
export function parseChannelDefinitions(body: Uint8Array): ChannelDefinition[] {
  const cursor = new ByteCursor(body);
  const count = Math.min(cursor.u16(), Math.floor(cursor.left / 6));
  return Array.from({ length: count }, () => {
    const channel = cursor.u16();
    const kind = CHANNEL_KINDS[cursor.u16()] ?? 'other';
    const association = cursor.u16();
    return { channel, kind, association: association === 0xffff ? undefined : association };
  });
}

/** Of a profile its own length, its signature and its color space are looked at. */
const ICC_HEADER_BYTES = 128;

/**
 * colr, I.5.3.3, and ISO/IEC 15444-2, M.11.7.3; undefined for a method that is not known or a profile that is none:
 *
 *     u8 method (1 enumerated, 2 restricted ICC, 3 any ICC), i8 precedence, u8 approximation, u32 code or profile
 */
export function parseColor(body: Uint8Array): ColorSpecification | undefined {
  const cursor = new ByteCursor(body);
  if (cursor.left < 3) return undefined;
  const method = cursor.u8();
  cursor.u16();
  if (method === 1 && cursor.left >= 4) {
    return { kind: 'enumerated', code: cursor.u32(), parameters: cursor.rest().slice() };
  }
  if ((method !== 2 && method !== 3) || cursor.left < ICC_HEADER_BYTES) return undefined;
  const profile = cursor.rest();
  const length = new ByteCursor(profile).u32();
  const isProfile = String.fromCharCode(...profile.subarray(36, 40)) === 'acsp' && length <= profile.length;
  return isProfile && length >= ICC_HEADER_BYTES
    ? { kind: 'icc', profile: profile.slice(0, length) }
    : undefined;
}

const METERS_PER_INCH = 0.0254;

/**
 * resc and resd, I.5.3.7, pixels per meter; undefined when it says nothing:
 *
 *     u16 vertical numerator, denominator, u16 horizontal numerator, denominator, i8 vertical, horizontal exponent of 10
 */
export function parseDensity(body: Uint8Array): Resolution | undefined {
  const cursor = new ByteCursor(body);
  if (cursor.left < 10) return undefined;
  const [verticalTop, verticalBottom] = [cursor.u16(), cursor.u16()];
  const [horizontalTop, horizontalBottom] = [cursor.u16(), cursor.u16()];
  const y = (verticalTop / verticalBottom) * 10 ** cursor.i8();
  const x = (horizontalTop / horizontalBottom) * 10 ** cursor.i8();
  const isUsable = [x, y].every((density) => density > 0 && density < 1e9);
  return isUsable ? { x: perInch(x), y: perInch(y), unit: 'inch' } : undefined;
}

/** Meters are no whole inches: 11,811 pixels per meter are meant to be 300 per inch. */
function perInch(perMeter: number): number {
  return Math.round(perMeter * METERS_PER_INCH * 100) / 100;
}
