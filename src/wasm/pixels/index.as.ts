/**
 * Loops over samples. Everything lies in one memory that the caller lays out from `heapBase()` on; a block of samples goes
 * through several of these functions while it is in the processor's cache.
 *
 * Samples of a pixel are side by side. Functions may read and write up to 64 bytes behind the end of what they are given.
 */
export { lookup, lookupBand8, lookupBand16, lookup16, colors8, colors16 } from './tables.as';
export { normalize8, normalize16, normalize32, normalizeFloat, contrast8, contrast16 } from './ranges.as';
export { gamma, logarithm, invert } from './curves.as';
export { twist, shade, colormap, gray8, gray16, cielab8, cielab16, cielabFloat } from './colors.as';
export { weigh } from './neighbors.as';
export { weighRows8, weighRows16, weighGray, weighColors, weighFour } from './resample.as';
export { pick, highByte16, highByte32, transpose, reverse } from './moves.as';

export function heapBase(): usize {
  return __heap_base;
}
