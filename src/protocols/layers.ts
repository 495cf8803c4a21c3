/** How many quality layers of a JPEG 2000 image a request gets. */
import type { LayerLimit } from '../config/config.ts';
import type { ImageInfo } from '../image/info.ts';

/**
 * Layers to decode: those asked for, at most what MAX_LAYERS allows; the default is what it names (half of them,
 * rounded up). Undefined for formats without layers.
 */
export function wantedLayers(
  info: ImageInfo,
  limit: LayerLimit,
  asked: number | undefined,
): number | undefined {
  if (info.layers === undefined) return undefined;
  const half = Math.ceil(info.layers / 2);
  const allowed = limit.kind === 'at-most' ? Math.min(limit.layers, info.layers) : info.layers;
  const wanted = asked !== undefined && asked > 0 ? asked : limit.kind === 'half' ? half : allowed;
  return Math.max(1, Math.min(wanted, allowed));
}
