/** Sends stored tiles as they are: reading only, no decoding, so it stays on the thread that asks. */
import { infoOfPage } from '../image/info.ts';
import type { ImageReader } from '../image/reader.ts';
import { insertJpegMetadata } from '../encode/jpeg-metadata.ts';
import { insertWebpMetadata } from '../encode/webp-metadata.ts';
import type { Embed } from '../encode/encoder.ts';
import { embedOf } from './embed.ts';
import type { Render, RenderPixels } from './picture.ts';
import type { CopyPlan, PlanSource } from './plan.ts';

export type FindReader = (source: PlanSource) => Promise<ImageReader>;

/** A `Render` that carries out copy plans itself and gives everything else, and what cannot be copied, to `render`. */
export function withCopies(render: RenderPixels, findReader: FindReader): Render {
  return async (plan, signal) => {
    if (plan.kind === 'render') return render(plan, signal);
    const bytes = await copyTile(plan, await findReader(plan.otherwise.source));
    return bytes === undefined ? render(plan.otherwise, signal) : { bytes, origin: 'copied' };
  };
}

async function copyTile(plan: CopyPlan, reader: ImageReader): Promise<Uint8Array | undefined> {
  const { level, source, embed } = plan.otherwise;
  const stored = await reader.readEncodedTile({
    page: source.page,
    level,
    column: plan.column,
    row: plan.row,
  });
  if (stored === undefined) return undefined;
  const info = infoOfPage(reader.info, source.page);
  const { xmp } = info.metadata;
  const withXmp: Embed = { ...embedOf(embed, info), ...(xmp === undefined ? {} : { xmp }) };
  return plan.otherwise.encoding.format === 'webp'
    ? insertWebpMetadata(stored, withXmp)
    : insertJpegMetadata(stored, withXmp);
}
