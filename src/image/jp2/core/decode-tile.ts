/** One tile: all its components, the color transform, and samples as the picture has them. For rendering threads. */
import { ServerError } from '../../../errors.ts';
import { decodeComponent, type Plane } from './component.ts';
import { type Core, withCore } from './module.ts';
import type { Bounds, Damage, InterleavedTarget, TileComponent, TileWindow } from './types.ts';

/** Samples of all components that are decoded at once; larger windows are split by the caller. */
export const MAX_TILE_SAMPLES = 1 << 24;
/** Columns of a window (src/wasm/jp2/rows.as.ts), less margins. */
export const MAX_WINDOW_WIDTH = 16384 - 16;

export interface DecodedTile {
  /** Rows of each component's window; they belong to the caller. */
  readonly planes: readonly Int32Array[];
  readonly damage: Damage;
}

/**
 * Samples of one plane a component, in the component's own range: from 0, or signed.
 *
 * @throws {ServerError} `too-large` over `MAX_TILE_SAMPLES` or `MAX_WINDOW_WIDTH`.
 */
export function decodeTile(tile: TileWindow): DecodedTile {
  return withCore((core) => {
    const { planes, damage } = decodePlanes(core, tile);
    const finished = planes.map((plane, i) => {
      const { precision, isSigned } = tile.components[i]!.component;
      const half = 2 ** (precision - 1);
      const shift = isSigned ? 0 : half;
      const { address, rowBytes, width, height, isFloat } = plane;
      core.exports.finishPlane(
        address,
        rowBytes,
        width,
        height,
        isFloat ? 1 : 0,
        shift,
        shift - half,
        shift + half - 1,
      );
      return copyRows(core.words, plane);
    });
    return { planes: finished, damage };
  });
}

/**
 * Samples straight between those of the other components. All windows have one size; signed samples are moved up, so
 * that they start at 0; depths are not expanded.
 *
 * @throws {ServerError} as `decodeTile`.
 */
export function decodeTileInto(tile: TileWindow, target: InterleavedTarget): Damage {
  return withCore((core) => {
    const { planes, damage } = decodePlanes(core, tile);
    const { width, height } = planes[0]!;
    const bands = planes.length;
    const sampleBytes = target.data.BYTES_PER_ELEMENT;
    const rowSamples = width * bands;
    const picture = core.allocate(rowSamples * height * sampleBytes);
    interleave(
      core,
      { planes, precisions: tile.components.map(({ component }) => component.precision) },
      { picture, sampleBytes },
    );
    copyInterleaved(core, picture, rowSamples, height, target);
    return damage;
  });
}

interface FinishedPlanes {
  readonly planes: readonly Plane[];
  /** Bits of the samples of each. */
  readonly precisions: readonly number[];
}

interface Interleaved {
  /** The address of the first sample. */
  readonly picture: number;
  readonly sampleBytes: number;
}

/** Three bands of bytes, as most pictures have them, at once; others one by one. */
function interleave(
  { exports }: Core,
  { planes, precisions }: FinishedPlanes,
  { picture, sampleBytes }: Interleaved,
): void {
  const [first, second, third] = planes;
  const isUniform =
    planes.every(({ rowBytes, isFloat }) => rowBytes === first?.rowBytes && isFloat === first.isFloat) &&
    precisions.every((precision) => precision === precisions[0]);
  if (sampleBytes === 1 && planes.length === 3 && isUniform && first && second && third) {
    const { rowBytes, width, height, isFloat } = first;
    const half = 2 ** (precisions[0]! - 1);
    const [a, b, c] = [first.address, second.address, third.address];
    exports.interleaveThree(a, b, c, rowBytes, width, height, isFloat ? 1 : 0, half, 2 * half - 1, picture);
    return;
  }
  for (const [band, { address, rowBytes, width, height, isFloat }] of planes.entries()) {
    const half = 2 ** (precisions[band]! - 1);
    exports.interleavePlane(
      address,
      rowBytes,
      width,
      height,
      isFloat ? 1 : 0,
      half,
      2 * half - 1,
      sampleBytes,
      picture + band * sampleBytes,
      planes.length,
    );
  }
}

/** What the inverse wavelet transform gives of one component, before colors and level shift. */
export function decodeTileComponent(component: TileComponent, window: Bounds): Int32Array | Float32Array {
  return withCore((core) => {
    const { planes } = decodePlanes(core, { components: [{ component, window }], hasColorTransform: false });
    const plane = planes[0]!;
    return plane.isFloat ? copyRows(core.floats, plane) : copyRows(core.words, plane);
  });
}

function decodePlanes(core: Core, tile: TileWindow): { planes: Plane[]; damage: Damage } {
  checkSize(tile);
  let blocks = 0;
  const planes = tile.components.map(({ component, window }) => {
    const { plane, damagedBlocks } = decodeComponent(core, component, window);
    blocks += damagedBlocks;
    return plane;
  });
  if (tile.hasColorTransform) undoColors(core, planes);
  return { planes, damage: { blocks } };
}

function checkSize({ components }: TileWindow): void {
  let samples = 0;
  for (const { window } of components) {
    const width = Math.max(0, window.x1 - window.x0);
    samples += width * Math.max(0, window.y1 - window.y0);
    if (width > MAX_WINDOW_WIDTH || samples > MAX_TILE_SAMPLES)
      throw new ServerError('too-large', 'the part of the picture is too large to decode');
  }
}

/** Components that cannot have been transformed together (other sizes, other filters) stay as they are, as in OpenJPEG. */
function undoColors({ exports }: Core, planes: readonly Plane[]): void {
  const [first, second, third] = planes;
  if (first === undefined || second === undefined || third === undefined) return;
  const { rowBytes, width, height, isFloat } = first;
  for (const other of [second, third])
    if (
      other.width !== width ||
      other.height !== height ||
      other.rowBytes !== rowBytes ||
      other.isFloat !== isFloat
    )
      return;
  const inverse = isFloat ? exports.inverseIct : exports.inverseRct;
  inverse(first.address, second.address, third.address, rowBytes, width, height);
}

function copyRows<T extends Int32Array | Float32Array>(memory: T, plane: Plane): T {
  const { width, height } = plane;
  const rows = new (memory.constructor as new (length: number) => T)(width * height);
  for (let y = 0; y < height; y++) {
    const start = (plane.address + y * plane.rowBytes) >> 2;
    rows.set(memory.subarray(start, start + width), y * width);
  }
  return rows;
}

function copyInterleaved(
  core: Core,
  picture: number,
  rowSamples: number,
  height: number,
  { data, offset, stride }: InterleavedTarget,
): void {
  const samples =
    data instanceof Uint8Array
      ? core.bytes.subarray(picture)
      : new Uint16Array(core.bytes.buffer, picture, rowSamples * height);
  for (let y = 0; y < height; y++)
    data.set(samples.subarray(y * rowSamples, (y + 1) * rowSamples), offset + y * stride);
}
