/** Hand-made codestreams and boxes: bytes as the standard writes them. */
import { MARKER } from '../../../../src/image/jp2/codestream/markers.ts';

export const u8 = (...values: readonly number[]): number[] => values.map((value) => value & 0xff);
export const u16 = (...values: readonly number[]): number[] =>
  values.flatMap((v) => [(v >> 8) & 0xff, v & 0xff]);
export const u32 = (...values: readonly number[]): number[] =>
  values.flatMap((v) => [...u16(Math.floor(v / 65536)), ...u16(v % 65536)]);

export function bytesOf(...parts: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from(parts.flat());
}

export function segment(marker: number, ...body: readonly (readonly number[])[]): number[] {
  const flat = body.flat();
  return [...u16(marker, flat.length + 2), ...flat];
}

export interface CanvasSpec {
  readonly area?: readonly [x0: number, y0: number, x1: number, y1: number];
  readonly tile?: readonly [x0: number, y0: number, width: number, height: number];
  readonly components?: readonly (readonly [depth: number, dx: number, dy: number])[];
}

/** The parameters of SIZ. */
export function sizBody({
  area = [0, 0, 8, 8],
  tile = [0, 0, 8, 8],
  components = [[7, 1, 1]],
}: CanvasSpec = {}): number[] {
  const [x0, y0, x1, y1] = area;
  const [tileX, tileY, tileWidth, tileHeight] = tile;
  return [
    ...u16(0),
    ...u32(x1, y1, x0, y0, tileWidth, tileHeight, tileX, tileY),
    ...u16(components.length),
    ...components.flat(),
  ];
}

export interface CodSpec {
  readonly progression?: number;
  readonly layers?: number;
  readonly transform?: number;
  readonly levels?: number;
  readonly style?: number;
  /** PPy * 16 + PPx of every resolution. */
  readonly precincts?: readonly number[];
}

/** The parameters of COD: code-blocks of 64, the reversible wavelet. */
export function codBody({
  progression = 0,
  layers = 1,
  transform = 0,
  levels = 0,
  style = 0,
  precincts = [],
}: CodSpec = {}): number[] {
  return [
    ...u8(precincts.length > 0 ? 1 : 0, progression),
    ...u16(layers),
    ...u8(transform, levels, 4, 4, style, 1),
    ...precincts,
  ];
}

/** The parameters of QCD without quantization: two guard bits, exponent 8 everywhere. */
export function qcdBody(levels = 0): number[] {
  return [0x40, ...Array<number>(3 * levels + 1).fill(8 << 3)];
}

/** SOC up to the first tile-part. */
export function mainHeader(
  canvas: CanvasSpec = {},
  cod: CodSpec = {},
  ...extra: readonly number[][]
): number[] {
  return [
    ...u16(MARKER.SOC),
    ...segment(MARKER.SIZ, sizBody(canvas)),
    ...segment(MARKER.COD, codBody(cod)),
    ...segment(MARKER.QCD, qcdBody(cod.levels)),
    ...extra.flat(),
  ];
}

/** SOT, header segments, SOD, packets; `length` is written instead of the true one. */
export function tilePart(
  tile: number,
  packets: readonly number[],
  header: readonly number[] = [],
  length?: number,
): number[] {
  const total = 12 + header.length + 2 + packets.length;
  return [
    ...u16(MARKER.SOT, 10, tile),
    ...u32(length ?? total),
    ...u8(0, 1),
    ...header,
    ...u16(MARKER.SOD),
    ...packets,
  ];
}

export const EOC = u16(MARKER.EOC);

export function box(type: string, ...body: readonly (readonly number[])[]): number[] {
  const flat = body.flat();
  return [...u32(flat.length + 8), ...Buffer.from(type, 'latin1'), ...flat];
}
