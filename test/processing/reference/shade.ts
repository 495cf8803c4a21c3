/** Hill shading: lights a normal map, whose RGB are the components of the surface's normal. */
import { ServerError } from '../../../src/errors.ts';
import { floatRaster, type FloatRaster } from '../../../src/processing/rasters.ts';

/** Where the light comes from, in degrees. */
export interface Light {
  /** Clockwise from 12 o'clock. */
  readonly horizontal: number;
  /** Downwards from the picture's plane. */
  readonly vertical: number;
}

/**
 * clamp(0.5 * s . n) as one band: s is the unit vector along (sin h, cos h, -sin v) and
 * n = -2 (rgb - 0.5), not brought to unit length. A black pixel is no surface and stays black. (BEHAVIOUR 8; the
 * form of s found by least squares from recorded pictures)
 *
 * @throws {ServerError} `bad-request` for a raster with fewer than three bands.
 */
export function shade(raster: FloatRaster, light: Light): FloatRaster {
  const { bands, data } = raster;
  if (bands < 3) throw new ServerError('bad-request', 'hill shading needs a normal map of three bands');
  const [sx, sy, sz] = towardsLight(light);
  const result = new Float32Array(raster.width * raster.height);
  for (let i = 0, from = 0; i < result.length; i++, from += bands) {
    const x = data[from]!;
    const y = data[from + 1]!;
    const z = data[from + 2]!;
    if (x === 0 && y === 0 && z === 0) continue;
    // 0.5 * -2 (v - 0.5) = 0.5 - v
    const brightness = sx * (0.5 - x) + sy * (0.5 - y) + sz * (0.5 - z);
    result[i] = brightness > 0 ? Math.min(brightness, 1) : 0;
  }
  return floatRaster(raster, 1, result);
}

function towardsLight({ horizontal, vertical }: Light): [number, number, number] {
  const radians = Math.PI / 180;
  const x = Math.sin(horizontal * radians);
  const y = Math.cos(horizontal * radians);
  const z = -Math.sin(vertical * radians);
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}
