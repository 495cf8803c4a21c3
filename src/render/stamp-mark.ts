/** Draws the server's watermark: once, or once in every block of a large picture (BEHAVIOUR 9). */
import type { ByteRaster } from '../processing/rasters.ts';
import { placeInside, watermark, watermarkBlocks } from '../processing/watermark.ts';
import type { Step } from './steps.ts';

/** The places follow from the step's seed: the same plan makes the same bytes. */
export function stampMark(
  raster: ByteRaster,
  step: Step & { readonly kind: 'watermark' },
  mark: ByteRaster | undefined,
): ByteRaster {
  if (mark === undefined) return raster;
  const random = sequenceOf(step.seed);
  const blocks = watermarkBlocks(raster, step.block ?? raster);
  const places = blocks.map((block) => placeInside(block, mark, [random(), random()]));
  return watermark(raster, { picture: mark, opacity: step.opacity, blend: step.blend }, places);
}

/** Numbers from 0 to below 1 (Marsaglia, Xorshift RNGs, 2003; 32 bits). */
export function sequenceOf(seed: number): () => number {
  let state = seed >>> 0 || 0x9e3779b9;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}

/** A seed out of a text (FNV-1a, 32 bits). */
export function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
