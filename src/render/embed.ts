/** Fills an embed plan with the image's own profile, XMP, EXIF and texts. */
import type { Embed } from '../encode/encoder.ts';
import type { ImageInfo, MetadataField } from '../image/info.ts';
import type { EmbedPlan } from './plan.ts';

/** What the encoder is to write; fields that the image lacks are absent. */
export function embedOf(plan: EmbedPlan, info: ImageInfo): Embed {
  const { icc, exif, metadata } = info;
  return {
    ...(plan.icc && icc !== undefined ? { icc } : {}),
    ...(plan.xmp && metadata.xmp !== undefined ? { xmp: metadata.xmp } : {}),
    ...(plan.exif && exif !== undefined ? { exif } : {}),
    ...(plan.resolution === undefined ? {} : { resolution: plan.resolution }),
    ...(plan.metadata ? { metadata: textsOf(plan, info) } : {}),
  };
}

function textsOf(plan: EmbedPlan, info: ImageInfo): Partial<Record<MetadataField, string>> {
  const { xmp: _, ...texts } = info.metadata;
  return plan.rights === undefined || texts.rights !== undefined ? texts : { ...texts, rights: plan.rights };
}
