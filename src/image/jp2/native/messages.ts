/** What a thread and its decoding process say to each other. */
import type { Bounds } from '../core/types.ts';

export interface NativeRequest {
  readonly id: number;
  /** A whole codestream. */
  readonly bytes: Uint8Array;
  /** What is wanted of it, on the reference grid. */
  readonly area: Bounds;
  /** Halvings of the full size. */
  readonly reduction: number;
  readonly layers: number;
  readonly components: readonly number[];
}

/** Samples of one component, in its own range: from 0, or signed. Bounds count at the reduction. */
export interface NativePlane extends Bounds {
  readonly samples: Int32Array;
}

export type NativeMessage =
  /** Said once, before anything is asked. */
  | { readonly kind: 'ready'; readonly version: string }
  /** Said instead of it: there is no library. */
  | { readonly kind: 'absent'; readonly reason: string }
  | { readonly kind: 'planes'; readonly id: number; readonly planes: readonly NativePlane[] }
  /** The library does not want this codestream. */
  | { readonly kind: 'refused'; readonly id: number; readonly reason: string };
