/** Plain reduction to 8 bits, for samples that no step of the float pipeline touches. */
import type { Raster } from '../../../src/image/raster.ts';
import { eightBitRaster, isEightBit, type ByteRaster } from '../../../src/processing/rasters.ts';

/**
 * The high byte of every sample: 16 bit >> 8, 32-bit integer >> 24; 8-bit rasters as they are. (BEHAVIOUR 8)
 *
 * @throws {RangeError} for floats, which have no high byte: they go through `normalize` and `contrast`.
 */
export function toByte(raster: Raster): ByteRaster {
  if (isEightBit(raster)) return raster;
  const { data } = raster;
  const result = new Uint8Array(data.length);
  if (data instanceof Uint16Array) {
    for (let i = 0; i < data.length; i++) result[i] = data[i]! >>> 8;
  } else if (data instanceof Uint32Array) {
    for (let i = 0; i < data.length; i++) result[i] = data[i]! >>> 24;
  } else {
    throw new RangeError('float samples have no high byte');
  }
  return eightBitRaster(raster, raster.bands, result);
}
