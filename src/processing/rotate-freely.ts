/** Rotation by any angle; quarter turns, which need no arithmetic, are in rotate.ts. */
import type { Raster, Samples, Size } from '../image/raster.ts';
import { blankLike } from './rasters.ts';

/** What is seen where the picture does not reach. */
export type Corners = 'transparent' | 'white';

/**
 * The picture turned clockwise about its center, in the smallest whole box that holds it. (IIIF Image API 3.0, 4.3)
 *
 * Bilinear, also at the edges between picture and corner, so that edges are smooth. Of two and four bands the last
 * is alpha, and colors count by it. With `transparent` corners one and three bands get an alpha band; with `white`
 * ones the number of bands stays, as it does for more than four, whose corners are always white.
 *
 * @throws {RangeError} for 32-bit samples.
 */
export function rotateFreely<R extends Raster>(raster: R, degrees: number, corners: Corners): R {
  const { bands, bitsPerSample } = raster;
  if (bitsPerSample === 32) throw new RangeError('only 8 and 16 bits can be turned');
  const radians = (degrees * Math.PI) / 180;
  const turn = { cos: Math.cos(radians), sin: Math.sin(radians) };
  const isTransparent = corners === 'transparent' && bands <= 4;
  const shape = { ...boundingBox(raster, turn), bands: isTransparent && bands % 2 === 1 ? bands + 1 : bands };
  const result = blankLike(raster, shape);
  const white = 2 ** bitsPerSample - 1;
  if (!isTransparent) result.data.fill(white);
  const edge = edgeSampler(raster, result, isTransparent ? 0 : white);
  const inside = hasAlpha(raster) ? edge : insideSampler(raster, result);
  for (let y = 0; y < result.height; y++) turnRow(raster, result, { ...turn, y }, { inside, edge });
  return result;
}

interface Turn {
  readonly cos: number;
  readonly sin: number;
}

/** Makes the pixel at sample `out` of the result from the four pixels of the source around (x, y). */
type SampleAt = (x: number, y: number, out: number) => void;

function hasAlpha({ bands }: Raster): boolean {
  return bands === 2 || bands === 4;
}

function boundingBox({ width, height }: Size, { cos, sin }: Turn): Size {
  // Sines of quarter turns are a rounding error away from whole numbers.
  const whole = (side: number): number => Math.max(1, Math.ceil(side - 1e-6));
  return {
    width: whole(width * Math.abs(cos) + height * Math.abs(sin)),
    height: whole(width * Math.abs(sin) + height * Math.abs(cos)),
  };
}

/** Walks a row of the result through the source, whose center is the result's center. */
function turnRow(
  source: Raster,
  result: Raster,
  { cos, sin, y }: Turn & { readonly y: number },
  { inside, edge }: { readonly inside: SampleAt; readonly edge: SampleAt },
): void {
  const { width, height } = source;
  const across = 0.5 - result.width / 2;
  const down = y + 0.5 - result.height / 2;
  const left = cos * across + sin * down + width / 2 - 0.5;
  const top = cos * down - sin * across + height / 2 - 0.5;
  let out = y * result.width * result.bands;
  for (let x = 0; x < result.width; x++, out += result.bands) {
    const sourceX = left + x * cos;
    const sourceY = top - x * sin;
    if (sourceX >= 0 && sourceY >= 0 && sourceX < width - 1 && sourceY < height - 1)
      inside(sourceX, sourceY, out);
    else if (sourceX > -1 && sourceY > -1 && sourceX < width && sourceY < height) edge(sourceX, sourceY, out);
  }
}

/** For places with four opaque pixels around them. */
function insideSampler(source: Raster, result: Raster): SampleAt {
  const { bands, data } = source;
  const to: Samples = result.data;
  const stride = source.width * bands;
  const white = 2 ** source.bitsPerSample - 1;
  const addsAlpha = result.bands > bands;
  return (x, y, out) => {
    const column = x | 0;
    const row = y | 0;
    const right = x - column;
    const lower = y - row;
    const rightLower = right * lower;
    const leftLower = lower - rightLower;
    const rightUpper = right - rightLower;
    const leftUpper = 1 - right - leftLower;
    let i = row * stride + column * bands;
    for (let band = 0; band < bands; band++, i++) {
      const upper = leftUpper * data[i]! + rightUpper * data[i + bands]!;
      to[out + band] = upper + leftLower * data[i + stride]! + rightLower * data[i + stride + bands]! + 0.5;
    }
    if (addsAlpha) to[out + bands] = white;
  };
}

/** For places at the edges and for pictures with alpha. `corner` is what lies outside: white, or 0 for nothing. */
function edgeSampler(source: Raster, result: Raster, corner: number): SampleAt {
  const { width, height, bands, data } = source;
  const to: Samples = result.data;
  const white = 2 ** source.bitsPerSample - 1;
  const colors = hasAlpha(source) ? bands - 1 : bands;
  const weights = new Float64Array(4);
  const offsets = new Int32Array(4);
  return (x, y, out) => {
    let inside = 0;
    let opaque = 0;
    for (let k = 0; k < 4; k++) {
      const column = Math.floor(x) + (k & 1);
      const row = Math.floor(y) + (k >> 1);
      const isInside = column >= 0 && row >= 0 && column < width && row < height;
      const weight = isInside ? (1 - Math.abs(x - column)) * (1 - Math.abs(y - row)) : 0;
      const offset = isInside ? (row * width + column) * bands : 0;
      offsets[k] = offset;
      weights[k] = colors < bands ? (weight * data[offset + colors]!) / white : weight;
      inside += weight;
      opaque += weights[k]!;
    }
    const outside = corner === 0 ? 0 : 1 - inside;
    const total = opaque + outside;
    for (let band = 0; band < colors; band++) {
      let sum = outside * corner;
      for (let k = 0; k < 4; k++) sum += weights[k]! * data[offsets[k]! + band]!;
      to[out + band] = total > 0 ? sum / total + 0.5 : 0;
    }
    if (result.bands > colors) to[out + colors] = total * white + 0.5;
  };
}
