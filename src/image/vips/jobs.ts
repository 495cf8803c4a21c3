/** What libvips is asked to do with files of other people, as plain data. */
import type { Rectangle, Size } from '../raster.ts';

export type VipsJob =
  /** Rows of a PNG, WebP, GIF or AVIF, brought to a size. */
  | {
      readonly kind: 'rows';
      readonly bands: number;
      readonly bits: 8 | 16;
      /** That the whole picture has at most, as its header was understood: libvips is not to find more. */
      readonly maxPixels: number;
      /** Of the level; absent: as stored. */
      readonly size?: Size;
      readonly rows: Rectangle;
      /** Whether that is less than the whole level. */
      readonly isPart: boolean;
    }
  /** A window of a JPEG that is reduced to a size. */
  | { readonly kind: 'jpeg'; readonly bands: number; readonly size: Size; readonly window: Rectangle }
  /** Colors to sRGB by the profile that a TIFF of ours has in it. */
  | { readonly kind: 'to-srgb'; readonly dropsAlpha: boolean };

/** Samples side by side; those of 16 bits in the order of this machine. */
export interface VipsPixels {
  readonly width: number;
  readonly height: number;
  readonly bands: number;
  readonly data: Uint8Array;
}
