/** What is to be known of an image file before it is served, and what would make it better. */
import { ServerError, toServerError } from '../errors.ts';
import { infoOfPage, type ImageInfo, type LevelInfo } from '../image/info.ts';
import { jp2Problems, type Jp2Layout } from './jp2-advice.ts';

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

/**
 * The diagnosis of a file that could be opened.
 *
 * @param remarks what the reader found wrong with it.
 * @param jp2 of JPEG 2000.
 */
export function diagnose(
  file: string,
  info: ImageInfo,
  remarks: readonly string[],
  jp2?: Jp2Layout,
): Diagnosis {
  const advice = [
    ...remarks.map((problem) => ({ problem, remedy: 'Look for the original of this file.' })),
    ...(jp2 === undefined ? layoutAdvice(file, info) : jp2Advice(file, info, jp2)),
    ...pixelAdvice(file, info),
  ];
  return { file, verdict: advice.length === 0 ? 'fine' : 'advice', facts: factsOf(info, jp2), advice };
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

function factsOf(info: ImageInfo, jp2?: Jp2Layout): Diagnosis['facts'] {
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
    ...(jp2 === undefined ? {} : jp2Facts(jp2, info.levels.length)),
  }; // prettier-ignore
}

/** What is different where windows are decoded out of the codestream. */
function jp2Facts(jp2: Jp2Layout, served: number): Diagnosis['facts'] {
  const { tile, precinct, decompositions, progression, isReversible, hasPlt, hasTlm } = jp2;
  const lists = [...(hasPlt ? ['PLT'] : []), ...(hasTlm ? ['TLM'] : [])].join(', ');
  return {
    levels: `${decompositions + 1} stored, ${served} served`,
    tiles: `${tile.width} × ${tile.height}, ${tile.count} of them`,
    precincts: precinct.width >= 2 ** 15 ? 'none' : `${precinct.width} × ${precinct.height}`,
    wavelet: isReversible ? '5/3, reversible' : '9/7, irreversible',
    progression,
    lists: lists === '' ? 'none' : lists,
  };
}

function jp2Advice(file: string, info: ImageInfo, jp2: Jp2Layout): Advice[] {
  const [full] = info.levels;
  if (full === undefined || full.width * full.height < LARGE_PIXELS) return [];
  return jp2Problems(full, jp2).map((problem, i) =>
    i === 0 ? { problem, remedy: jp2Command(file, jp2) } : { problem },
  );
}

function layoutAdvice(file: string, info: ImageInfo): Advice[] {
  const [full] = info.levels;
  if (full === undefined || full.width * full.height < LARGE_PIXELS) return [];
  const remedy = vipsCommand(file, info);
  const isPaged = info.pages.length > 1;
  const problems: string[] = [];
  if (full.isCut === true)
    problems.push('It has no tiles: whole rows, or the whole picture, are decoded for one.');
  const { stored, virtual } = smallerLevels(info);
  if (virtual > 0 && stored === 0)
    problems.push('It has no smaller levels: small pictures are made of the full size.');
  else if (virtual > 0)
    problems.push(
      `${virtual} of its ${stored + virtual} smaller levels are missing: they are made of larger ones.`,
    );
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

/** How many levels below the full size the file has, and how many are made when they are asked for. */
function smallerLevels(info: ImageInfo): { readonly stored: number; readonly virtual: number } {
  const smaller = infoOfPage(info, 0).levels.slice(1);
  const isStored = (level: LevelInfo): boolean => level.virtual === undefined && level.isCut !== true;
  const stored = smaller.filter(isStored).length;
  return { stored, virtual: smaller.length - stored };
}

function pixelAdvice(file: string, info: ImageInfo): Advice[] {
  const advice: Advice[] = [];
  if (info.colorSpace === 'cmyk')
    advice.push({
      problem: `It is CMYK${info.icc === undefined ? ' without a profile' : ''}: every tile is converted.`,
      remedy: 'Convert it to sRGB for serving: vips icc_transform IN OUT srgb',
    });
  if (isWide(info))
    advice.push({
      problem: `It has ${info.bitsPerSample} bits: viewers see 8, to which every tile is reduced.`,
      remedy: `Where nobody measures in it, serve one of 8 bits: ${narrowCommand(file, info)}`,
    });
  return advice;
}

/** Large pictures for the eye; of JPEG 2000, and of values that are not for the eye, every bit is wanted. */
function isWide({ format, bitsPerSample, sampleFormat, colorSpace, levels: [full] }: ImageInfo): boolean {
  const isPicture = colorSpace === 'rgb' || colorSpace === 'gray';
  const isLarge = full !== undefined && full.width * full.height >= LARGE_PIXELS;
  return isLarge && isPicture && format !== 'jp2' && bitsPerSample === 16 && sampleFormat === 'uint';
}

function narrowCommand(file: string, { colorSpace }: ImageInfo): string {
  const options =
    'tile,tile-width=256,tile-height=256,pyramid,bigtiff,compression=deflate,predictor=horizontal';
  const target = `${file.replace(/\.[^./]+$/, '')}.8-bit.tif[${options}]`;
  return `vips colourspace ${quote(file)} ${quote(target)} ${colorSpace === 'gray' ? 'b-w' : 'srgb'}`;
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

/** Once more through pixels: OpenJPEG has no other way. What was lossy stays at a quality that adds no visible loss. */
function jp2Command(file: string, { isReversible }: Jp2Layout): string {
  const pixels = better(file, 'pixels.tif');
  const quality = isReversible ? '' : ' -I -q 50';
  return (
    `opj_decompress -i ${quote(file)} -o ${pixels} && ` +
    `opj_compress -i ${pixels} -o ${better(file, 'jp2')} -t 1024,1024 -n 6 -p RPCL -PLT -TLM${quality}`
  );
}

function quote(text: string): string {
  return /^[\w./-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
