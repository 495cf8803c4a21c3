/** A component that is one code-block, as tests hand it to the core. */
import type {
  CodeBlockStyle,
  Orientation,
  Segment,
  TileComponent,
} from '../../../../src/image/jp2/core/types.ts';

export interface OneBlock {
  readonly width: number;
  readonly height: number;
  readonly planes: number;
  readonly segments: readonly Segment[];
  readonly style: CodeBlockStyle;
  readonly roiShift?: number;
  readonly orientation?: Orientation;
  readonly zeroBitPlanes?: number;
}

/** A single resolution whose only band is the block. */
export function oneBlock(block: OneBlock): TileComponent {
  const { width, height, planes, segments, style, roiShift = 0, zeroBitPlanes = 0 } = block;
  const bounds = { x0: 0, y0: 0, x1: width, y1: height };
  const blocks = [{ x: 0, y: 0, width, height, zeroBitPlanes, segments }];
  const band = {
    ...bounds,
    orientation: block.orientation ?? 'LL',
    exponent: planes,
    mantissa: 0,
    magnitudeBits: planes + zeroBitPlanes - roiShift,
    blocks,
  };
  return {
    isReversible: true,
    style,
    precision: 16,
    isSigned: true,
    roiShift,
    resolutions: [{ ...bounds, bands: [band] }],
  };
}
