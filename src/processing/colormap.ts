/** False colors: the value of the first band becomes a color. */
import { COLORMAPS, type ColormapName } from './colormap-tables.ts';
import { floatRaster, type FloatRaster } from './rasters.ts';

/**
 * Three bands, 0 to 1, from the first band of `raster` by linear interpolation in the named map; values outside 0
 * to 1 and NaN take the colors of the ends. (BEHAVIOUR 8)
 */
export function colormap(raster: FloatRaster, name: ColormapName): FloatRaster {
  const map = COLORMAPS[name];
  const { bands, data } = raster;
  // The last color twice, so that there is a next one to go towards at 1.
  const colors = Float64Array.from([...map, map.at(-1)!].flat());
  const segments = map.length - 1;
  const result = new Float32Array(raster.width * raster.height * 3);
  for (let i = 0, out = 0; out < result.length; i += bands, out += 3) {
    const v = data[i]!;
    const position = v > 0 ? (v < 1 ? v * segments : segments) : 0;
    const segment = position | 0;
    const share = position - segment;
    const low = segment * 3;
    const red = colors[low]!;
    const green = colors[low + 1]!;
    const blue = colors[low + 2]!;
    result[out] = red + share * (colors[low + 3]! - red);
    result[out + 1] = green + share * (colors[low + 4]! - green);
    result[out + 2] = blue + share * (colors[low + 5]! - blue);
  }
  return floatRaster(raster, 3, result);
}
