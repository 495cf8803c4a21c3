/** What a rendering thread and its process for libvips say to each other. */
import type { VipsJob, VipsPixels } from './jobs.ts';

export type VipsRequest =
  /** A piece of the file; they come in order. */
  | { readonly kind: 'bytes'; readonly at: number; readonly bytes: Uint8Array; readonly fileBytes: number }
  /** Said when the file is there. */
  | { readonly kind: 'job'; readonly job: VipsJob; readonly maxBytes: number };

export type VipsMessage =
  /** Said once, before anything is asked. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'made'; readonly pixels: Omit<VipsPixels, 'data'>; readonly dataBytes: number }
  /** A piece of the data; they come in order after `made`. */
  | { readonly kind: 'data'; readonly at: number; readonly bytes: Uint8Array }
  /** libvips does not want it. */
  | { readonly kind: 'refused'; readonly reason: string };

/** Of files and pixels that are sent: larger pieces would be in memory several times. */
export const PIECE_BYTES = 2 ** 22;
