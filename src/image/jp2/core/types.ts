/** What the front end (markers, packets) hands to the decoder core (ISO/IEC 15444-1 Annexes B to G, 15444-15). */

/** A half-open rectangle on one of the grids of the standard: band, resolution, tile-component. */
export interface Bounds {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** The bytes of consecutive coding passes up to a point where the coder was terminated, or to the last known byte. */
export interface Segment {
  /** In order; one piece per layer, say. They may be views into what was read: the core copies them, and keeps none. */
  readonly chunks: readonly Uint8Array[];
  readonly passes: number;
}

/** One code-block: where it lies in its band, and what packets said of it. */
export interface CodeBlock {
  /** Band coordinates of the upper left corner. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Missing most significant bit-planes (from the packet header's tag tree). */
  readonly zeroBitPlanes: number;
  /**
   * In order. Without BYPASS and TERMALL one; with TERMALL one a pass; with BYPASS as Table D.9 says. High throughput:
   * first the cleanup pass alone, then (at most one segment more) SPP, or SPP and MRP; for more than one HT set only
   * the last set's, and `zeroBitPlanes` raised by the sets that are left out.
   */
  readonly segments: readonly Segment[];
}

export type Orientation = 'LL' | 'HL' | 'LH' | 'HH';

export interface Band extends Bounds {
  readonly orientation: Orientation;
  /** epsilon_b of QCD or QCC (derived quantization already worked out); reversible bands have it too. */
  readonly exponent: number;
  /** mu_b, 0 to 2047; 0 for reversible bands. */
  readonly mantissa: number;
  /** Mb = guard bits + exponent - 1 (equation E-2), without the region of interest's shift. */
  readonly magnitudeBits: number;
  /**
   * Those that are known and wanted, in any order; a coefficient in no block is 0. They are gone through once, and may
   * be made only then: a window has up to tens of thousands.
   */
  readonly blocks: Iterable<CodeBlock>;
}

/** Resolution r of a tile-component; the bounds are trx0, try0, trx1, try1 (equation B-14). */
export interface Resolution extends Bounds {
  /** LL for the lowest, otherwise HL, LH, HH (empty ones too). */
  readonly bands: readonly Band[];
}

/** The code-block styles of SPcod and SPcoc (Table A.19), and whether blocks are of Part 15. */
export interface CodeBlockStyle {
  readonly bypass: boolean;
  readonly resetContexts: boolean;
  readonly terminateAll: boolean;
  readonly verticallyCausal: boolean;
  readonly predictableTermination: boolean;
  readonly segmentationSymbols: boolean;
  readonly highThroughput: boolean;
}

/** One component of one tile, up to the resolution that is wanted. */
export interface TileComponent {
  /** 5/3 and integers, else 9/7. */
  readonly isReversible: boolean;
  readonly style: CodeBlockStyle;
  /** Bits of one sample (Ssiz). */
  readonly precision: number;
  readonly isSigned: boolean;
  /** SPrgn of the component; 0 without a region of interest. */
  readonly roiShift: number;
  /** Lowest first, to the wanted one; without gaps. */
  readonly resolutions: readonly Resolution[];
}

/** Planes of one tile: the components in order, each with the window that is wanted of it. */
export interface TileWindow {
  readonly components: readonly {
    readonly component: TileComponent;
    /** In the coordinates of the component's highest given resolution; lies inside it; may be empty. */
    readonly window: Bounds;
  }[];
  /** SGcod's: the first three components go through RCT or ICT, by `isReversible` of the first. */
  readonly hasColorTransform: boolean;
}

/** What did not decode cleanly; the samples are there all the same. */
export interface Damage {
  /** Blocks whose segmentation symbol or predictable termination did not hold, or that made no sense. */
  readonly blocks: number;
}

/** Where interleaved samples go: `data[offset + y * stride + x * bands + band]`. */
export interface InterleavedTarget {
  readonly data: Uint8Array | Uint16Array;
  readonly offset: number;
  /** Samples from one row to the next. */
  readonly stride: number;
  readonly bands: number;
}
