/** What is to be known of an image file before it is served, and what would make it better. */
import { ServerError, toServerError } from '../errors.ts';
import { infoOfPage, type ImageInfo, type LevelInfo } from '../image/info.ts';

export interface Advice {
  /** What is slow or missing. */
  readonly problem: string;
  /** What to do about it: a sentence, or a command. */
  readonly remedy?: string;
}

export interface Diagnosis {
  readonly file: string;
  /** `fine`, `advice`: served, but could be better; `unreadable`: refused. */
  readonly verdict: 'fine' | 'advice' | 'unreadable';
  readonly facts: Readonly<Record<string, string | number>>;
  readonly advice: readonly Advice[];
  /** Why it is refused, and the status that clients get. */
  readonly refusal?: string;
}

/** Below this a picture is decoded whole in a fraction of a second. */
const LARGE_PIXELS = 2 ** 22;

const LARGE_TILE = 1_024;
const LARGE_SEGMENT_BYTES = 2 ** 23;

/** The diagnosis of a file that could be opened. `remarks` are what the reader found wrong with it. */
export function diagnose(file: string, info: ImageInfo, remarks: readonly string[]): Diagnosis {
  const advice = [
    ...remarks.map((problem) => ({ problem, remedy: 'Look for the original of this file.' })),
    ...layoutAdvice(file, info),
    ...pixelAdvice(info),
  ];
  return { file, verdict: advice.length === 0 ? 'fine' : 'advice', facts: factsOf(info), advice };
}

/** The diagnosis of a file that could not be opened. */
export function diagnoseFailure(file: string, thrown: unknown): Diagnosis {
  const { message, kind, status } = toServerError(thrown);
  const isOurs = thrown instanceof ServerError;
  const reason = isOurs ? message : thrown instanceof Error ? thrown.message : String(thrown);
  return {
    file, verdict: 'unreadable', facts: {}, advice: [], refusal: `${reason} (${kind}, status ${status})`,
  }; // prettier-ignore
}

function factsOf(info: ImageInfo): Diagnosis['facts'] {
  const [full] = info.levels;
  if (full === undefined) return {};
  const { width, height, tileWidth, tileHeight, compression, storedEncoding } = full;
  const stored = info.levels.filter(({ virtual }) => virtual === undefined && full.isCut !== true).length;
  return {
    format: info.format,
    size: `${width} × ${height}`,
    levels: full.isCut === true ? `1 stored, ${info.levels.length} served` : `${stored} stored, ${info.levels.length} served`,
    tiles: `${tileWidth} × ${tileHeight}${full.isCut === true ? ', cut out when they are asked for' : ''}`,
    compression: `${compression}${storedEncoding === undefined ? '' : ', sent as stored'}`,
    samples: `${info.bands} × ${info.bitsPerSample} bit ${info.sampleFormat}`,
    color: info.colorSpace,
    pages: info.pages.length,
    profile: info.icc === undefined ? 'none' : `${info.icc.length} bytes`,
    ...(info.layers === undefined ? {} : { layers: info.layers }),
  }; // prettier-ignore
}

function layoutAdvice(file: string, info: ImageInfo): Advice[] {
  const [full] = info.levels;
  if (full === undefined || full.width * full.height < LARGE_PIXELS) return [];
  const remedy = info.format === 'jp2' ? jp2Command(file) : vipsCommand(file, info);
  const isPaged = info.pages.length > 1;
  const problems: string[] = [];
  if (full.isCut === true)
    problems.push('It has no tiles: whole rows, or the whole picture, are decoded for one.');
  if (lacksLevels(info)) problems.push('It has no smaller levels: small pictures are made of the full size.');
  if (full.isCut !== true && Math.max(full.tileWidth, full.tileHeight) > LARGE_TILE)
    problems.push(
      `Its tiles are large (${full.tileWidth} × ${full.tileHeight}): one is decoded for each that viewers ask for.`,
    );
  if ((full.segmentBytes ?? 0) > LARGE_SEGMENT_BYTES)
    problems.push(
      `Its strips or tiles hold ${Math.round(full.segmentBytes! / 2 ** 20)} MB each, all of which is decoded for any part.`,
    );
  return problems.map((problem, i) => (i === 0 && !isPaged ? { problem, remedy } : { problem }));
}

function lacksLevels(info: ImageInfo): boolean {
  const { levels } = infoOfPage(info, 0);
  const isStored = (level: LevelInfo): boolean => level.virtual === undefined && level.isCut !== true;
  return levels.length > 1 && levels.slice(1).every((level) => !isStored(level));
}

function pixelAdvice(info: ImageInfo): Advice[] {
  const advice: Advice[] = [];
  if (info.colorSpace === 'cmyk')
    advice.push({
      problem: `It is CMYK${info.icc === undefined ? ' without a profile' : ''}: every tile is converted.`,
      remedy: 'Convert it to sRGB for serving: vips icc_transform IN OUT srgb',
    });
  return advice;
}

/** The file beside the old one that a command makes. */
function better(file: string, extension: string): string {
  return quote(`${file.replace(/\.[^./]+$/, '')}.pyramid.${extension}`);
}

function vipsCommand(file: string, { format, bitsPerSample, bands, levels: [full] }: ImageInfo): string {
  const isLossy = format === 'jpeg' || full?.compression === 'jpeg';
  const canBeLossy = isLossy && bitsPerSample === 8 && (bands === 1 || bands === 3);
  const compression = canBeLossy
    ? '--compression jpeg --Q 90'
    : '--compression deflate --predictor horizontal';
  return `vips tiffsave ${quote(file)} ${better(file, 'tif')} --tile --tile-width 256 --tile-height 256 --pyramid --bigtiff ${compression}`;
}

function jp2Command(file: string): string {
  return `opj_compress -i ${quote(file.replace(/\.[^./]+$/, '.tif'))} -o ${better(file, 'jp2')} -t 1024,1024 -n 6 -p RPCL -PLT -TLM`;
}

function quote(text: string): string {
  return /^[\w./-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
