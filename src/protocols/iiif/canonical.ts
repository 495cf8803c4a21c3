/** The canonical form of an image request (IIIF Image API 3.0, 4.8; 2.1, 4.7). */
import { limitSide } from '../../geometry.ts';
import type { Rectangle, Size } from '../../image/raster.ts';
import type { ImageRequest } from './image-request.ts';

export interface CanonicalContext {
  readonly version: 1 | 2 | 3;
  readonly full: Size;
  readonly region: Rectangle;
  readonly output: Size;
  readonly maxSide: number;
}

/** `{region}/{size}/{rotation}/{quality}.{format}` in canonical form. */
export function canonicalPath(request: ImageRequest, context: CanonicalContext): string {
  const { isMirrored, degrees } = request.rotation;
  const isDefault =
    request.quality === 'default' || request.quality === 'color' || request.quality === 'native';
  const quality = isDefault ? 'default' : request.quality === 'grey' ? 'gray' : request.quality;
  const rotation = `${isMirrored ? '!' : ''}${degrees}`;
  return `${canonicalRegion(context)}/${canonicalSize(context)}/${rotation}/${quality}.${request.extension}`;
}

function canonicalRegion({ region, full }: CanonicalContext): string {
  const isFull = region.width === full.width && region.height === full.height;
  return isFull ? 'full' : `${region.x},${region.y},${region.width},${region.height}`;
}

function canonicalSize({ version, region, output, maxSide }: CanonicalContext): string {
  const largest = limitSide(region, region, maxSide);
  const isMax = output.width === largest.width && output.height === largest.height;
  if (version < 3) {
    if (output.width === region.width && output.height === region.height) return 'full';
    const keepsAspect =
      output.height === Math.max(1, Math.round((output.width * region.height) / region.width));
    return keepsAspect ? `${output.width},` : `${output.width},${output.height}`;
  }
  if (isMax) return 'max';
  const isEnlarged = output.width > region.width || output.height > region.height;
  return `${isEnlarged ? '^' : ''}${output.width},${output.height}`;
}
