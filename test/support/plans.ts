/** Plans for tests that never open a file. */
import type { RenderPlan } from '../../src/render/plan.ts';

export const SOURCE = { path: '/images/a.tif', identity: { size: 1, mtimeMs: 2, inode: 3 }, page: 0 };

/** The first tile of the full size as JPEG, with what is given put in. */
export function renderPlan(parts: Partial<RenderPlan> = {}): RenderPlan {
  return {
    kind: 'render',
    source: SOURCE,
    level: 0,
    window: { x: 0, y: 0, width: 256, height: 256 },
    steps: [],
    encoding: { format: 'jpeg', quality: 75 },
    embed: { icc: false, xmp: false, exif: false, metadata: false },
    ...parts,
  };
}
