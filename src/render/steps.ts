/** The steps between decoding and encoding, and what a request may ask to be done, as plain data. */
import type { Size } from '../image/raster.ts';
import type { ColormapName } from '../processing/colormap-tables.ts';
import type { Interpolation } from '../processing/resample-taps.ts';
import type { ConvolutionKernel } from '../processing/convolve.ts';
import type { WatermarkBlend } from '../processing/watermark.ts';

/** Input range of one band, or of all bands, for normalization. */
export interface BandRange {
  readonly band: number | 'all';
  readonly min: number;
  readonly max: number;
}

export type Contrast =
  | { readonly kind: 'factor'; readonly factor: number }
  | { readonly kind: 'stretch' }
  | { readonly kind: 'equalize' };

/** The range that is brought to 0–1: given for each band, or what the image's histogram uses of it. */
export interface ToneRange {
  readonly min: readonly number[];
  readonly max: readonly number[];
  /** Narrowed to the first and last non-empty bin of the histogram. */
  readonly isStretched: boolean;
}

export type Curve =
  | { readonly kind: 'linear' }
  | { readonly kind: 'gamma'; readonly exponent: number }
  | { readonly kind: 'logarithm' };

/** One thing done to all pixels. Plain data; the executor has one kernel for each kind. */
export type Step =
  | { readonly kind: 'cielab-to-srgb' }
  | { readonly kind: 'cmyk-to-srgb' }
  /** Gray or RGB, by the image's profile. */
  | { readonly kind: 'profile-to-srgb' }
  /** normalize, curve, invert, color map, contrast at once: what looks at one sample at a time. Ends in 8 bits. */
  | {
      readonly kind: 'tone';
      readonly range: ToneRange;
      readonly curve: Curve;
      readonly invert: boolean;
      readonly colormap?: ColormapName;
      readonly contrast: number;
    }
  /** To 0–1 floats, per band. */
  | { readonly kind: 'normalize'; readonly range: ToneRange }
  | { readonly kind: 'shade'; readonly horizontal: number; readonly vertical: number }
  | { readonly kind: 'twist'; readonly matrix: readonly (readonly number[])[] }
  | { readonly kind: 'curve'; readonly curve: Curve }
  | { readonly kind: 'invert' }
  | { readonly kind: 'colormap'; readonly map: ColormapName }
  | { readonly kind: 'convolve'; readonly kernel: ConvolutionKernel }
  /** 0–1 floats to integers of `depth` bits: clamp(v · 255 · factor), truncated. */
  | { readonly kind: 'contrast'; readonly factor: number; readonly depth: Depth }
  | { readonly kind: 'to-8-bit' }
  | {
      readonly kind: 'resample';
      readonly width: number;
      readonly height: number;
      readonly interpolation: Interpolation;
    }
  | { readonly kind: 'keep-bands'; readonly bands: number }
  | { readonly kind: 'gray' }
  | { readonly kind: 'binary' }
  | { readonly kind: 'equalize' }
  | { readonly kind: 'mirror' }
  /** Clockwise degrees, 0 < degrees < 360; corners transparent where `corners` says so, else white. */
  | { readonly kind: 'rotate'; readonly degrees: number; readonly corners: 'transparent' | 'white' }
  /** The server's mark, once in every block; where in the block follows from `seed`. */
  | {
      readonly kind: 'watermark';
      readonly seed: number;
      readonly block?: Size;
      readonly opacity: number;
      readonly blend: WatermarkBlend;
    };

/** Bits of a sample of the output. */
export type Depth = 8 | 16;

/** What a request asks to be done to the pixels, in no order. */
export interface Processing {
  readonly ranges: readonly BandRange[];
  readonly contrast?: Contrast;
  readonly curve?: Curve;
  readonly shade?: { readonly horizontal: number; readonly vertical: number };
  readonly twist?: readonly (readonly number[])[];
  readonly invert: boolean;
  readonly colormap?: ColormapName;
  readonly convolution?: ConvolutionKernel;
  readonly color?: 'gray' | 'binary';
  readonly mirror: boolean;
  /** Clockwise degrees, 0 ≤ rotation < 360, after mirroring. */
  readonly rotation: number;
}

export const NO_PROCESSING: Processing = { ranges: [], invert: false, mirror: false, rotation: 0 };
