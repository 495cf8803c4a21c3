/** From components to bands: palette, order of channels, color space, decided once when a file is opened. */
import type { ColorSpace } from '../../info.ts';
import type { RasterBits } from '../../raster.ts';
import type { PictureBoxes } from '../boxes/container.ts';
import type { ChannelSource, ColorSpecification, Palette } from '../boxes/header-boxes.ts';
import type { Canvas } from '../codestream/canvas.ts';
import { damagedJp2, unsupportedJp2 } from '../damage.ts';
import { parseLabRange, PROFILE_LAB, type LabRange } from './lab.ts';

/** Where the samples of one band come from. */
export interface BandSource extends ChannelSource {
  /** Bits and sign of the values, behind the palette. */
  readonly precision: number;
  readonly isSigned: boolean;
}

/** What has to be done to the bands before they are in the color space that the picture is said to have. */
export type Conversion =
  | { readonly kind: 'none' | 'ycc' | 'ycck' | 'cmy' | 'inverted' }
  | { readonly kind: 'lab'; readonly range: LabRange };

export interface PictureBands {
  readonly sources: readonly BandSource[];
  readonly palette?: Palette;
  /** Bits of the widest band in the file. */
  readonly storedBits: number;
  readonly rasterBits: RasterBits;
  readonly colorSpace: ColorSpace;
  readonly conversion: Conversion;
  /** Colors are stored multiplied by the opacity in the last band. */
  readonly isPremultiplied: boolean;
  readonly icc?: Uint8Array;
}

/** How many channels a color space has, what it is called here, and what has to be done. */
interface Color {
  readonly channels: number;
  readonly colorSpace: ColorSpace;
  readonly conversion: Conversion;
  readonly icc?: Uint8Array;
}

const NONE: Conversion = { kind: 'none' };

/** EnumCS (ISO/IEC 15444-1, Table I.10; 15444-2, Table M.25) that are served; CIELab has parameters. */
const ENUMERATED: Readonly<Partial<Record<number, Color>>> = {
  0: { channels: 1, colorSpace: 'gray', conversion: { kind: 'inverted' } },
  1: { channels: 3, colorSpace: 'rgb', conversion: { kind: 'ycc' } },
  3: { channels: 3, colorSpace: 'rgb', conversion: { kind: 'ycc' } },
  11: { channels: 3, colorSpace: 'rgb', conversion: { kind: 'cmy' } },
  12: { channels: 4, colorSpace: 'cmyk', conversion: NONE },
  13: { channels: 4, colorSpace: 'cmyk', conversion: { kind: 'ycck' } },
  15: { channels: 1, colorSpace: 'gray', conversion: NONE },
  16: { channels: 3, colorSpace: 'rgb', conversion: NONE },
  17: { channels: 1, colorSpace: 'gray', conversion: NONE },
  18: { channels: 3, colorSpace: 'rgb', conversion: { kind: 'ycc' } },
  20: { channels: 3, colorSpace: 'rgb', conversion: NONE },
  21: { channels: 3, colorSpace: 'rgb', conversion: NONE },
  24: { channels: 3, colorSpace: 'rgb', conversion: { kind: 'ycc' } },
};

const ENUMERATED_BILEVEL = 0;
const ENUMERATED_LAB = 14;

/** Color spaces of profiles (ICC.1, 7.2.6). */
const PROFILES: Readonly<Partial<Record<string, Omit<Color, 'icc'>>>> = {
  'GRAY': { channels: 1, colorSpace: 'gray', conversion: NONE },
  'RGB ': { channels: 3, colorSpace: 'rgb', conversion: NONE },
  'CMYK': { channels: 4, colorSpace: 'cmyk', conversion: NONE },
  'Lab ': { channels: 3, colorSpace: 'cielab', conversion: { kind: 'lab', range: PROFILE_LAB } },
}; // prettier-ignore

/** Bands of one picture. */
const MAX_BANDS = 4_096;

/** Int32 holds the samples. */
const MAX_PRECISION = 31;

/**
 * @param isYcc three components are luma and color differences, whatever the file says.
 * @throws {ServerError} `damaged`, `unsupported` for too many bands or bits.
 */
export function pictureBands(canvas: Canvas, boxes: PictureBoxes, isYcc = false): PictureBands {
  const channels = channelSources(canvas, boxes);
  const areDifferences = (isYcc && channels.length === 3) || hasColorDifferences(canvas, channels);
  const color = chooseColor(boxes, channels, areDifferences);
  const { sources, hasAlpha, isPremultiplied } = orderChannels(channels, boxes, color.channels);
  if (sources.length > MAX_BANDS) throw unsupportedJp2('so many components');
  const widest = Math.max(...sources.map(({ precision }) => precision));
  if (widest > MAX_PRECISION) throw unsupportedJp2(`samples of ${widest} bits`);
  const isLab = color.conversion.kind === 'lab';
  const storedBits = isLab ? 16 : widest;
  const isExact = sources.length === color.channels + (hasAlpha ? 1 : 0);
  return {
    sources,
    ...(boxes.palette && { palette: boxes.palette }),
    storedBits,
    rasterBits: storedBits <= 8 ? 8 : storedBits <= 16 ? 16 : 32,
    colorSpace: color.colorSpace,
    conversion: color.conversion,
    isPremultiplied: isPremultiplied && isExact,
    ...(color.icc && { icc: color.icc }),
  };
}

/** The channels: components, or what cmap makes of them. */
function channelSources({ components }: Canvas, { palette, mapping }: PictureBoxes): BandSource[] {
  if (palette === undefined) {
    return components.map(({ precision, isSigned }, component) => ({ component, precision, isSigned }));
  }
  const mapped = mapping ?? palette.columns.map((_, column) => ({ component: 0, column }));
  if (mapped.length === 0) throw damagedJp2('its palette is not used');
  return mapped.map((source) => {
    const { component, column } = source;
    const described = column === undefined ? components[component] : palette.columns[column];
    if (described === undefined || components[component] === undefined) {
      throw damagedJp2('its palette is used for what is not there');
    }
    return { ...source, precision: described.precision, isSigned: described.isSigned };
  });
}

function chooseColor({ colors }: PictureBoxes, channels: readonly BandSource[], isYcc: boolean): Color {
  for (const specification of colors) {
    const color = colorOf(specification, channels);
    if (color === undefined || color.channels > channels.length) continue;
    const isSaidRgb = color.colorSpace === 'rgb' && color.conversion.kind === 'none';
    return isSaidRgb && isYcc ? { ...color, conversion: { kind: 'ycc' } } : color;
  }
  const count = channels.length;
  if (count === 1) return { channels: 1, colorSpace: 'gray', conversion: NONE };
  if (count !== 3 && count !== 4) return { channels: count, colorSpace: 'multiband', conversion: NONE };
  return { channels: 3, colorSpace: 'rgb', conversion: isYcc ? { kind: 'ycc' } : NONE };
}

/**
 * Of three channels, those that are sampled more coarsely than the first can only be color differences, also where
 * the file says sRGB: so do OpenJPEG and libvips see it.
 */
function hasColorDifferences({ components }: Canvas, channels: readonly BandSource[]): boolean {
  const [first, second] = channels.map(({ component }) => components[component]);
  return channels.length === 3 && first !== undefined && second !== undefined && second.dx > first.dx;
}

function colorOf(specification: ColorSpecification, channels: readonly BandSource[]): Color | undefined {
  if (specification.kind === 'icc') {
    const { profile } = specification;
    const known = PROFILES[String.fromCharCode(...profile.subarray(16, 20))];
    return known && { ...known, icc: profile };
  }
  const { code, parameters } = specification;
  // OpenJPEG writes 0 for colors that it knows nothing of.
  if (code === ENUMERATED_BILEVEL && channels[0]?.precision !== 1) return undefined;
  if (code !== ENUMERATED_LAB) return ENUMERATED[code];
  if (channels.length < 3) return undefined;
  const range = parseLabRange(parameters, channels.map(({ precision }) => precision)); // prettier-ignore
  return { channels: 3, colorSpace: 'cielab', conversion: { kind: 'lab', range } };
}

interface OrderedChannels {
  readonly sources: BandSource[];
  readonly hasAlpha: boolean;
  readonly isPremultiplied: boolean;
}

/** Colors in the order of the color space, then opacity, then the rest; as they come where cdef makes no sense. */
function orderChannels(
  channels: readonly BandSource[],
  { definitions = [] }: PictureBoxes,
  colorCount: number,
): OrderedChannels {
  const colors: (BandSource | undefined)[] = Array<undefined>(colorCount).fill(undefined);
  const opacities: BandSource[] = [];
  let isPremultiplied = false;
  const used = new Set<number>();
  for (const { channel, kind, association } of definitions) {
    const source = channels[channel];
    if (source === undefined || used.has(channel)) continue;
    const color = (association ?? 0) - 1;
    if (kind === 'color' && color >= 0 && color < colorCount && colors[color] === undefined)
      colors[color] = source;
    else if (kind !== 'color' && kind !== 'other' && opacities.length === 0) opacities.push(source);
    else continue;
    if (kind === 'premultiplied-opacity') isPremultiplied = true;
    used.add(channel);
  }
  const rest = channels.filter((_, channel) => !used.has(channel));
  const placed = colors.map((color) => color ?? rest.shift());
  if (placed.some((color) => color === undefined)) {
    return { sources: [...channels], hasAlpha: false, isPremultiplied: false };
  }
  const sources = [...placed.flatMap((color) => color ?? []), ...opacities, ...rest];
  return { sources, hasAlpha: opacities.length > 0, isPremultiplied };
}
