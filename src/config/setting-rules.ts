/** Rules for settings that have a syntax or a range of their own. */
import type { TiffCompression } from '../encode/encoder.ts';
import type { Config, LayerLimit, LogTarget, S3Addressing } from './config.ts';
import {
  type Bounds,
  type Facts,
  type Rule,
  codes,
  decimal,
  good,
  integer,
  mapRule,
  toggle,
} from './rules.ts';

/** 1 MB of MAX_IMAGE_CACHE_SIZE, as iipsrv counts. */
const BYTES_PER_MB = 1_024_000;
const DEFAULT_MAX_CVT = 5000;

export const tiffCompression: Rule<TiffCompression> = codes([
  'none',
  'lzw',
  'deflate',
  'jpeg',
  'webp',
  'zstd',
]);

/** Qualities by compression; `none` and `lzw` ignore theirs. */
export const TIFF_QUALITY_BOUNDS: Readonly<Record<TiffCompression, Bounds>> = {
  none: { min: 0, max: 100 },
  lzw: { min: 0, max: 100 },
  deflate: { min: 1, max: 9 },
  jpeg: { min: 0, max: 100 },
  webp: { min: 0, max: 100 },
  zstd: { min: 1, max: 19 },
};

export const tiffQuality: Rule<number> = {
  accepts: 'deflate 1 to 9, zstd 1 to 19, JPEG and WebP 0 to 100',
  parse: (given, context) => {
    const compression = context.chosen.tiffCompression ?? 'deflate';
    const outcome = integer(TIFF_QUALITY_BOUNDS[compression]).parse(given, context);
    return outcome.kind === 'adjusted' ? { ...outcome, why: `${outcome.why} (${compression})` } : outcome;
  },
  show: String,
};

export const lossyOrLossless: Rule<number | 'lossless'> = mapRule(
  integer({ min: -1, max: 100 }),
  (code) => (code === -1 ? 'lossless' : code),
  (quality) => (quality === 'lossless' ? -1 : quality),
);

export const countOrUnlimited = (max?: number): Rule<number> =>
  mapRule(
    integer({ min: -1, ...(max === undefined ? {} : { max }) }),
    (code) => (code === -1 ? Infinity : code),
    (count) => (count === Infinity ? -1 : count),
  );

export const maxOutputSide: Rule<number> = mapRule(
  countOrUnlimited(),
  (side) => (side === 0 ? DEFAULT_MAX_CVT : side),
  (side) => side,
);

export const layerLimit: Rule<LayerLimit> = mapRule<number, LayerLimit>(
  countOrUnlimited(),
  (count) => {
    if (count === 0) return { kind: 'half' };
    return count === Infinity ? { kind: 'all' } : { kind: 'at-most', layers: count };
  },
  (limit) => {
    if (limit.kind === 'at-most') return limit.layers;
    return limit.kind === 'half' ? 0 : Infinity;
  },
);

export const megabytes: Rule<number> = mapRule(
  decimal({ min: 0, max: 1_000_000_000 }),
  (mb) => Math.round(mb * BYTES_PER_MB),
  (bytes) => bytes / BYTES_PER_MB,
);

/** Seconds, fractions allowed; 0 stands for no limit. */
export const secondsOrUnlimited: Rule<number> = mapRule(
  decimal({ min: 0, max: 86_400 }),
  (seconds) => (seconds === 0 ? Infinity : seconds),
  (seconds) => (seconds === Infinity ? 0 : seconds),
);

/** Of a machine whose memory nobody told. */
const UNKNOWN_MEMORY_BYTES = 2 ** 30;
const LEAST_WORK_BYTES = 64 * BYTES_PER_MB;

/** Of the program at work: threads, code, open pictures, the tile cache. */
const PROGRAM_BYTES = 160 * BYTES_PER_MB;

/**
 * With less than this memory is short: the program itself counts, and what is not needed at the moment is given back.
 * Machines of 4 GB, of which half counts, are well over it.
 */
const SHORT_BYTES = 1.5 * 2 ** 30;

const isShort = ({ memoryBytes = Infinity }: Facts): boolean => memoryBytes < SHORT_BYTES;

/** On where memory is short, when nobody says. */
export const sparing: Rule<boolean> = {
  ...toggle,
  parse: (given, context) => (given.trim() === '' ? good(isShort(context)) : toggle.parse(given, context)),
};

/** Memory for work when none is given: half of what there is, of little of what the program itself leaves. */
export const workMemory: Rule<number> = {
  ...megabytes,
  parse: (given, context) => {
    if (given.trim() !== '') return megabytes.parse(given, context);
    const all = context.memoryBytes ?? UNKNOWN_MEMORY_BYTES;
    const half = (isShort(context) ? all - PROGRAM_BYTES : all) / 2;
    return good(Math.max(LEAST_WORK_BYTES, Math.floor(half / BYTES_PER_MB) * BYTES_PER_MB));
  },
};

const MOST_LEVEL_BYTES = 128 * BYTES_PER_MB;

/** Memory for decoded levels: an eighth of what there is when none is given, half as much where that is short. */
export const levelMemory: Rule<number> = {
  ...megabytes,
  parse: (given, context) => {
    if (given.trim() !== '') return megabytes.parse(given, context);
    const part = (context.memoryBytes ?? UNKNOWN_MEMORY_BYTES) / (isShort(context) ? 16 : 8);
    return good(Math.min(MOST_LEVEL_BYTES, Math.floor(part / BYTES_PER_MB) * BYTES_PER_MB));
  },
};

export const logTarget: Rule<LogTarget> = {
  accepts: 'path, or syslog',
  parse: (given) => {
    if (given === '') return good({ kind: 'stderr' });
    return good(given === 'syslog' ? { kind: 'syslog' } : { kind: 'file', path: given });
  },
  show: (target) => {
    if (target.kind === 'file') return target.path;
    return target.kind === 'syslog' ? 'syslog' : '';
  },
};

const allAvifCodecs = codes(['auto', 'aom', 'rav1e', 'svt'] as const);
export const avifCodec: Rule<Config['avifCodec']> = {
  ...allAvifCodecs,
  parse: (given, context) => {
    const outcome = allAvifCodecs.parse(given, context);
    if (outcome.kind !== 'good' || outcome.value === 'auto') return outcome;
    const isMissing = context.avifCodecs?.includes(outcome.value) === false;
    return isMissing
      ? { kind: 'unusable', why: `is ${outcome.value}, which the AVIF encoder does not have` }
      : outcome;
  },
};

const threadCount = integer({ min: 1, max: 1024 });
/** Of memory, that a thread has use for: its heap, a decoding process, pixels. */
const BYTES_PER_THREAD = 2 ** 28;

export const threads: Rule<number> = {
  ...threadCount,
  parse: (given, context) => threadCount.parse(given === '' ? String(threadsFor(context)) : given, context),
};

function threadsFor(facts: Facts): number {
  const { cpus, memoryBytes = Infinity } = facts;
  return isShort(facts) ? Math.max(1, Math.min(cpus, Math.floor(memoryBytes / BYTES_PER_THREAD))) : cpus;
}

/** An address of http or https; anything else is unusable. */
export const webAddress: Rule<string> = {
  accepts: 'http(s)://…',
  parse: (given) => {
    const value = given.trim();
    const isWeb = URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
    return value === '' || isWeb ? good(value) : { kind: 'unusable', why: 'is no address of http or https' };
  },
  show: String,
};

export const s3Addressing: Rule<S3Addressing> = words(['auto', 'path', 'virtual'] as const);

/** An origin: what stands behind the host would be lost in addresses with the bucket's name before it. */
export const s3Endpoint: Rule<string> = {
  accepts: 'http(s)://host[:port]',
  parse: (given) => {
    if (given.trim() === '') return good('');
    const url = URL.canParse(given.trim()) ? new URL(given.trim()) : undefined;
    const isOrigin =
      url !== undefined &&
      /^https?:$/.test(url.protocol) &&
      url.pathname === '/' &&
      url.search + url.hash + url.username + url.password === '';
    if (isOrigin) return good(url.origin);
    // Served from the wrong place is worse than not served.
    return { kind: 'refused', why: 'is not http(s)://host[:port]' };
  },
  show: String,
};

/** One of some words, in upper or lower case. */
export function words<T extends string>(list: readonly T[]): Rule<T> {
  return {
    accepts: list.join(', '),
    parse: (given) => {
      const wanted = given.trim().toLowerCase();
      const word = list.find((one) => one === wanted);
      return word === undefined ? { kind: 'unusable', why: `is none of ${list.join(', ')}` } : good(word);
    },
    show: String,
  };
}

export const watermarkBlend: Rule<Config['watermarkBlend']> = words(['add', 'over'] as const);
