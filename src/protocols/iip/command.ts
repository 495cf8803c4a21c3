/** The commands of the Internet Imaging Protocol, parsed. They only change the state of a request or name what is sent. */
import type { OutputFormat, TiffCompression } from '../../encode/encoder.ts';
import type { ColormapName } from '../../processing/colormap-tables.ts';
import type { ConvolutionKernel } from '../../processing/convolve.ts';
import type { BandRange, Contrast, Curve } from '../../render/steps.ts';

export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One parsed command. */
export type Command =
  | { readonly kind: 'image'; readonly name: string }
  | { readonly kind: 'object'; readonly name: string }
  | { readonly kind: 'width'; readonly pixels: number }
  | { readonly kind: 'height'; readonly pixels: number }
  /** Ratios of the whole image, 0–1. */
  | { readonly kind: 'region'; readonly region: Region }
  | { readonly kind: 'export'; readonly format: OutputFormat }
  | {
      readonly kind: 'tile';
      readonly format: OutputFormat;
      readonly resolution: number;
      readonly tile: number;
    }
  | { readonly kind: 'tiles'; readonly resolution: number; readonly first: number; readonly last: number }
  | { readonly kind: 'view'; readonly horizontal: number; readonly vertical: number }
  | { readonly kind: 'quality'; readonly value: number; readonly compression?: TiffCompression }
  | { readonly kind: 'contrast'; readonly contrast: Contrast }
  | { readonly kind: 'curve'; readonly curve: Curve }
  | { readonly kind: 'range'; readonly range: BandRange }
  | { readonly kind: 'invert' }
  | { readonly kind: 'colormap'; readonly map: ColormapName }
  | { readonly kind: 'shade'; readonly horizontal: number; readonly vertical: number }
  | { readonly kind: 'twist'; readonly matrix: readonly (readonly number[])[] }
  | { readonly kind: 'color'; readonly color: 'gray' | 'binary' }
  | { readonly kind: 'convolve'; readonly kernel: ConvolutionKernel }
  | { readonly kind: 'rotate'; readonly degrees: number; readonly isMirrored: boolean }
  | { readonly kind: 'layers'; readonly layers: number }
  /** Bits of a sample of an exported PNG or TIFF; not in iipsrv. */
  | { readonly kind: 'depth'; readonly bits: 8 | 16 }
  | {
      readonly kind: 'spectra';
      readonly resolution: number;
      readonly tile: number;
      readonly x: number;
      readonly y: number;
    }
  | { readonly kind: 'profile'; readonly resolution: number; readonly from: Point; readonly to: Point }
  /** A name that is not in the table: an error where nothing is sent, else ignored, as cache busters are. */
  | { readonly kind: 'unknown'; readonly name: string }
  /** Valid, and nothing comes of it. */
  | { readonly kind: 'nothing' };

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Turns the decoded value of a command into what it says; never throws. */
export type Parse = (value: string) => Command | readonly Command[];

export const NOTHING: Command = { kind: 'nothing' };
