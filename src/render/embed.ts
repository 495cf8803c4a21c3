/** Fills an embed plan with the image's own profile, XMP, EXIF and texts. */
import type { Embed } from '../encode/encoder.ts';
import type { ImageInfo, MetadataField } from '../image/info.ts';
import type { EmbedPlan } from './plan.ts';

/** What the encoder is to write; fields that the image lacks are absent. */
export function embedOf(plan: EmbedPlan, info: ImageInfo): Embed {
  const { icc, exif, metadata } = info;
  const embed: { -readonly [K in keyof Embed]: Embed[K] } = {};
  if (plan.icc && icc !== undefined) embed.icc = icc;
  if (plan.xmp && metadata.xmp !== undefined) embed.xmp = metadata.xmp;
  if (plan.exif && exif !== undefined) embed.exif = exif;
  if (plan.resolution !== undefined) embed.resolution = plan.resolution;
  if (plan.metadata) embed.metadata = textsOf(plan, info);
  return embed;
}

function textsOf(plan: EmbedPlan, info: ImageInfo): Partial<Record<MetadataField, string>> {
  const { xmp: _, ...texts } = info.metadata;
  return plan.rights === undefined || texts.rights !== undefined ? texts : { ...texts, rights: plan.rights };
}
