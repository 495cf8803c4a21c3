/** What is to be made, as frozen plain data: it is decided in one room, run in another, and names its own cache entry. */
import type { Encoding } from '../encode/encoder.ts';
import type { Resolution } from '../image/info.ts';
import type { Rectangle } from '../image/raster.ts';
import { identityKey, type FileIdentity } from '../image/source.ts';
import { sha1 } from '../sha1.ts';
import type { Step } from './steps.ts';

/** The version of the file that a plan was made for. */
export interface PlanSource {
  readonly path: string;
  readonly identity: FileIdentity;
  readonly page: number;
}

/** What of the image's own metadata goes into the output; the executor takes it from the open image. */
export interface EmbedPlan {
  readonly icc: boolean;
  readonly xmp: boolean;
  readonly exif: boolean;
  /** The metadata fields of the image and the rights statement for images without one. */
  readonly metadata: boolean;
  readonly rights?: string;
  readonly resolution?: Resolution;
}

/** A page of a version of a file. */
export const planSource = ({ path, identity }: Omit<PlanSource, 'page'>, page: number): PlanSource => ({
  path,
  identity,
  page,
});

/** Decode a window of a level, run the steps over it in their order, encode it. A tile is a window like any other. */
export interface RenderPlan {
  readonly kind: 'render';
  readonly source: PlanSource;
  readonly level: number;
  /** Pixels of that level. */
  readonly window: Rectangle;
  /** JPEG 2000 quality layers; absent for other formats. */
  readonly layers?: number;
  readonly steps: readonly Step[];
  readonly encoding: Encoding;
  readonly embed: EmbedPlan;
}

/** Send a stored tile as it is, with the image's profile and XMP put in; `otherwise` is run where it can't be. */
export interface CopyPlan {
  readonly kind: 'copy';
  readonly column: number;
  readonly row: number;
  readonly otherwise: RenderPlan;
}

export type Plan = RenderPlan | CopyPlan;

/** The file that a plan is about. */
export const sourceOf = (plan: Plan): PlanSource => (plan.kind === 'copy' ? plan.otherwise : plan).source;

const hashes = new WeakMap<Plan, string>();

/** SHA-1 of `planKey` as base64url. Plans are kept with the answers that they belong to, so it is made once. */
export function planHash(plan: Plan): string {
  const known = hashes.get(plan);
  if (known !== undefined) return known;
  const hash = sha1(planKey(plan));
  hashes.set(plan, hash);
  return hash;
}

/**
 * A text that is equal exactly for plans that make the same bytes: key of the tile cache, of shared work, and
 * the matter of ETags.
 */
export function planKey(plan: Plan): string {
  if (plan.kind === 'copy') return `c${planKey(plan.otherwise)}`;
  const { source, window, encoding, embed } = plan;
  const where = `${plan.level}:${source.page}:${window.x},${window.y},${window.width},${window.height}`;
  const steps = plan.steps.length === 0 ? '' : textOf(plan.steps);
  const how = `${Object.values(encoding).join('-')}:${embedKey(embed)}:${plan.layers ?? ''}`;
  return `${where}:${how}:${steps}|${identityKey(source.identity)}|${source.path}`;
}

const texts = new WeakMap<readonly Step[], string>();

/** Made once for steps that many plans share. */
function textOf(steps: readonly Step[]): string {
  const known = texts.get(steps);
  if (known !== undefined) return known;
  const text = JSON.stringify(steps);
  texts.set(steps, text);
  return text;
}

function embedKey(embed: EmbedPlan): string {
  const flags =
    Number(embed.icc) | (Number(embed.xmp) << 1) | (Number(embed.exif) << 2) | (Number(embed.metadata) << 3);
  const resolution = embed.resolution;
  const density = resolution === undefined ? '' : `${resolution.x}x${resolution.y}${resolution.unit}`;
  return `${flags}${density}${embed.rights === undefined ? '' : JSON.stringify(embed.rights)}`;
}
