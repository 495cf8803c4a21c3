/** info.json in the versions 1.1, 2.1 and 3.0 of the IIIF Image API. */
import { fullSize, levelScale, limitSide } from '../../geometry.ts';
import type { ImageInfo, Resolution } from '../../image/info.ts';
import type { Size } from '../../image/raster.ts';
import { EXTRA_QUALITIES } from './image-request.ts';

export type IiifVersion = 1 | 2 | 3;

export interface InfoContext {
  readonly id: string;
  readonly maxSide: number;
  readonly allowUpscaling: boolean;
  readonly hasExtraQualities: boolean;
  /** Rights statement of an image that has none; empty: none. */
  readonly copyright: string;
  readonly extra: Readonly<Record<string, unknown>>;
}

/** The JSON-LD context of each version; it is also the `profile` parameter of the media type. */
export const CONTEXTS: Readonly<Record<IiifVersion, string>> = {
  1: 'http://library.stanford.edu/iiif/image-api/1.1/context.json',
  2: 'http://iiif.io/api/image/2/context.json',
  3: 'http://iiif.io/api/image/3/context.json',
};

/** The compliance level that this server keeps, as a URI for each version. */
export const PROFILES: Readonly<Record<IiifVersion, string>> = {
  1: 'http://library.stanford.edu/iiif/image-api/1.1/compliance.html#level2',
  2: 'http://iiif.io/api/image/2/level2.json',
  3: 'http://iiif.io/api/image/3/level2.json',
};

const EXTRA_FORMATS = ['tif', 'webp', 'avif', 'gif'];
const COMMON_FEATURES = ['rotationArbitrary', 'rotationBy90s', 'mirroring', 'baseUriRedirect', 'canonicalLinkHeader', 'profileLinkHeader', 'jsonldMediaType', 'cors']; // prettier-ignore
const FEATURES_3 = ['regionByPct', 'regionSquare', 'sizeByPct', 'sizeByConfinedWh'];
const FEATURES_2 = [
  'regionByPct',
  'regionSquare',
  'max',
  'sizeByConfinedWh',
  'sizeByForcedWh',
  'sizeByWh',
  'sizeByPct',
];

/** The document as a value, members in the order in which people expect them. */
export function infoDocument(
  info: ImageInfo,
  version: IiifVersion,
  context: InfoContext,
): Record<string, unknown> {
  if (version === 1) return document1(info, context);
  return version === 2 ? document2(info, context) : document3(info, context);
}

function commonMembers(info: ImageInfo, version: IiifVersion, context: InfoContext): Record<string, unknown> {
  const { width, height, tileWidth, tileHeight } = fullSize(info);
  return {
    '@context': CONTEXTS[version],
    protocol: 'http://iiif.io/api/image',
    width,
    height,
    sizes: sizesOf(info, context.maxSide),
    tiles: [{ width: tileWidth, height: tileHeight, scaleFactors: scaleFactors(info) }],
  };
}

function document3(info: ImageInfo, context: InfoContext): Record<string, unknown> {
  // A server that upscales must state a limit (3.0, 5.7): without one it does not say that it does.
  const upscaling = context.allowUpscaling && context.maxSide !== Infinity ? ['sizeUpscaling'] : [];
  return {
    ...commonMembers(info, 3, context),
    id: context.id,
    type: 'ImageService3',
    profile: 'level2',
    ...limits(context),
    extraQualities: qualitiesOf(info, context),
    extraFormats: EXTRA_FORMATS,
    extraFeatures: [...FEATURES_3, ...upscaling, ...COMMON_FEATURES],
    ...rights(info, context, 'rights'),
    ...context.extra,
    ...services(info),
  };
}

function document2(info: ImageInfo, context: InfoContext): Record<string, unknown> {
  const upscaling = context.allowUpscaling ? ['sizeAboveFull'] : [];
  return {
    ...commonMembers(info, 2, context),
    '@id': context.id,
    profile: [
      PROFILES[2],
      {
        formats: ['jpg', 'png', ...EXTRA_FORMATS],
        qualities: ['native', 'default', ...qualitiesOf(info, context)],
        supports: [...FEATURES_2, ...upscaling, ...COMMON_FEATURES],
        ...limits(context),
      },
    ],
    ...rights(info, context, 'license'),
    ...context.extra,
    ...services(info),
  };
}

function document1(info: ImageInfo, context: InfoContext): Record<string, unknown> {
  const { width, height, tileWidth, tileHeight } = fullSize(info);
  return {
    '@context': CONTEXTS[1],
    '@id': context.id,
    width,
    height,
    scale_factors: scaleFactors(info),
    tile_width: tileWidth,
    tile_height: tileHeight,
    formats: ['jpg', 'png', ...EXTRA_FORMATS],
    qualities: ['native', 'color', 'grey', 'bitonal'],
    profile: PROFILES[1],
    ...context.extra,
  };
}

/** Sizes of every level but the largest, smallest first, none over the limit; at least one. */
export function sizesOf(info: ImageInfo, maxSide: number): readonly Size[] {
  const smaller = info.levels
    .slice(1)
    .filter((level) => Math.max(level.width, level.height) <= maxSide)
    .map(({ width, height }) => ({ width, height }))
    .reverse();
  if (smaller.length > 0) return smaller;
  const { width, height } = fullSize(info);
  return [limitSide({ width, height }, { width, height }, maxSide)];
}

/** Contiguous powers of two, from 1 to the scale of the smallest level. */
export function scaleFactors(info: ImageInfo): readonly number[] {
  const smallest = levelScale(info, info.levels.length - 1);
  const steps = Math.round(Math.log2(Math.max(smallest.x, 1)));
  return Array.from({ length: steps + 1 }, (_, step) => 2 ** step);
}

function limits(context: InfoContext): Record<string, unknown> {
  return context.maxSide === Infinity ? {} : { maxWidth: context.maxSide, maxHeight: context.maxSide };
}

function qualitiesOf(info: ImageInfo, context: InfoContext): readonly string[] {
  const isGray = info.bands < 3 && info.colorSpace === 'gray';
  const standard = isGray ? ['gray', 'bitonal'] : ['color', 'gray', 'bitonal'];
  return context.hasExtraQualities ? [...standard, ...EXTRA_QUALITIES] : standard;
}

function rights(
  info: ImageInfo,
  context: InfoContext,
  member: 'rights' | 'license',
): Record<string, unknown> {
  const text = info.metadata.rights ?? context.copyright;
  return text === '' ? {} : { [member]: text };
}

const PHYSDIM = 'http://iiif.io/api/annex/services/physdim';

/** The physical dimensions service: size of one pixel. A density without a unit is told in centimeters, as iipsrv does. */
function services(info: ImageInfo): Record<string, unknown> {
  const resolution: Resolution | undefined = info.resolution;
  if (resolution === undefined || !(resolution.x > 0)) return {};
  const service = {
    '@context': `${PHYSDIM}/1/context.json`,
    '@id': PHYSDIM,
    '@type': 'PhysicalDimensions',
    profile: PHYSDIM,
    physicalScale: Number((1 / resolution.x).toPrecision(6)),
    physicalUnits: resolution.unit === 'inch' ? 'in' : 'cm',
  };
  return { service: [service] };
}
