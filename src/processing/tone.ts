/** The steps that look at one sample at a time, from stored samples to 8 bits, in their order. */
import type { Raster } from '../image/raster.ts';
import { colormap } from './colormap.ts';
import type { ColormapName } from './colormap-tables.ts';
import { contrast } from './contrast.ts';
import { gamma } from './gamma.ts';
import { invert } from './invert.ts';
import { logarithm } from './logarithm.ts';
import { normalize, type SampleRange } from './normalize.ts';
import type { ByteRaster, FloatRaster } from './rasters.ts';

export type ToneCurve =
  | { readonly kind: 'linear' }
  | { readonly kind: 'gamma'; readonly exponent: number }
  | { readonly kind: 'logarithm' };

/** What is done to samples on the way to 8 bits. Plain data: tables made from it are kept under its text. */
export interface Tone {
  readonly range: SampleRange;
  readonly curve: ToneCurve;
  readonly invert: boolean;
  /** With one, the result has three bands, made from the first. */
  readonly colormap?: ColormapName;
  /** The contrast's factor; 1 is none. */
  readonly contrast: number;
}

/** normalize → curve → invert → color map → contrast, step by step in floats. (BEHAVIOUR 8) */
export function applyTone(raster: Raster, tone: Tone): ByteRaster {
  let pixels = applyCurve(normalize(raster, tone.range), tone.curve);
  if (tone.invert) pixels = invert(pixels);
  if (tone.colormap !== undefined) pixels = colormap(pixels, tone.colormap);
  return contrast(pixels, tone.contrast);
}

/** Gamma, logarithm, or nothing. */
export function applyCurve(raster: FloatRaster, curve: ToneCurve): FloatRaster {
  switch (curve.kind) {
    case 'linear':
      return raster;
    case 'gamma':
      return gamma(raster, curve.exponent);
    case 'logarithm':
      return logarithm(raster);
  }
}
