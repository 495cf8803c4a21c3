/** The objects of IIP (`OBJ=name`): facts about the image, one line each. One table from name to answer. */
import { ServerError } from '../../errors.ts';
import type { ImageInfo, MetadataField, Resolution } from '../../image/info.ts';
import { widenedBits } from '../../image/raster.ts';
import type { FoundImage } from '../protocol.ts';
import { printable } from './commands.ts';
import { formatF, formatG } from './printf.ts';

const NETFPX = 'application/vnd.netfpx';
const PLAIN = 'text/plain';
const JSON_TYPE = 'application/json';
const XML = 'application/xml';

/** What an object about the server may look at. */
interface ServerContext {
  readonly version: string;
}

/** What an object about an image may look at. */
export interface ObjectContext extends ServerContext {
  readonly image: FoundImage;
  /** A rotation by 90 or 270 degrees was asked for before: width and height change places. */
  readonly isTurned: boolean;
  /** Page of a stack that SDS has named. */
  readonly page: number;
  readonly copyright: string;
}

/** Lines without their CRLF; `contentType` is that of the whole answer from here on. */
export interface ObjectAnswer {
  readonly lines: readonly string[];
  readonly contentType?: string;
  readonly headers?: readonly (readonly [string, string])[];
}

type Answerer = (context: ObjectContext) => ObjectAnswer;

const line =
  (write: (info: ImageInfo, context: ObjectContext) => string | undefined): Answerer =>
  (context) => {
    const text = write(context.image.info, context);
    return { lines: text === undefined ? [] : [text] };
  };

/** The commands and objects that clients are told of: those of iipsrv 1.3, which viewers compare by text. */
const OPTIONAL_COMMANDS = 'CVT CNT QLT JTL JTLS WID HEI RGN MINMAX SHD CMP INV CTW';
const OPTIONAL_OBJECTS =
  'Horizontal-views Vertical-views Tile-size Bits-per-channel Min-Max-sample-values Resolutions';

/** Fields of IIP and of TIFF that can be asked for by name; those that no file fills are always absent. */
const TEXT_FIELDS = [
  'rights', 'title', 'description', 'creator', 'keywords', 'comment', 'last-author', 'rev-number', 'edit-time',
  'last-printed', 'date', 'last-save-dtm', 'software', 'make', 'model', 'scale', 'pagename',
] as const; // prettier-ignore

const server = (): ObjectAnswer => ({ lines: ['IIP-server:3.65'] });
const maxSize: Answerer = line(sizeLine);
const resolutionNumber: Answerer = line((info) => `Resolution-number:${info.levels.length}`);
const colorspace: Answerer = line(colorspaceLine);

/** Objects about the server itself: a client may ask for them before it names an image. */
export const IMAGELESS_OBJECTS: Readonly<Record<string, (context: ServerContext) => ObjectAnswer>> = {
  iip: (context) => ({ lines: [], headers: [['IIP', context.version]] }),
  'iip-server': server,
  'iip-opt-comm': () => ({ lines: [`IIP-opt-comm:${OPTIONAL_COMMANDS}`] }),
  'iip-opt-obj': () => ({ lines: [`IIP-opt-obj:${OPTIONAL_OBJECTS}`] }),
};

/** Every object of BEHAVIOUR 6, by its name in lower case. */
export const OBJECTS: Readonly<Record<string, Answerer>> = {
  ...IMAGELESS_OBJECTS,
  'basic-info': (context) => joined([server, maxSize, resolutionNumber, colorspace], context),
  'max-size': maxSize,
  'resolution-number': resolutionNumber,
  colorspace,
  'tile-size': line((info) => `Tile-size:${info.levels[0]?.tileWidth} ${info.levels[0]?.tileHeight}`),
  resolutions: line((info) => `Resolutions:${resolutionList(info)}`),
  'bits-per-channel': line((info) => `Bits-per-channel:${info.bitsPerSample}`),
  dpi: line((info) => (info.resolution === undefined ? undefined : dpiLine(info.resolution))),
  'horizontal-views': line((_, context) => `Horizontal-views:${horizontalViews(context.image).join(' ')}`),
  'vertical-views': line(
    (_, context) => `Vertical-views:${(context.image.views?.vertical ?? [90]).join(' ')}`,
  ),
  'min-max-sample-values': line(sampleRangeLine),
  'summary-info': (context) =>
    joined((['rights', 'description', 'creator', 'date', 'software'] as const).map(textField), context),
  ...Object.fromEntries(TEXT_FIELDS.map((name) => [name, textField(name)])),
  xmp: (context) => ({ lines: presentLines(context.image.info.metadata.xmp), contentType: XML }),
  metadata: (context) => ({ lines: [metadataJson(context)], contentType: JSON_TYPE }),
  stack: (context) => ({ lines: [stackJson(context.image.info)], contentType: JSON_TYPE }),
};

/** The content type of an answer that no object has changed. */
export const OBJECT_CONTENT_TYPE = NETFPX;

/** The name by which an object is found: `Colorspace,*,*` is `colorspace`. */
export function objectKey(name: string): string {
  return (name.split(',', 1)[0] ?? '').trim().toLowerCase();
}

/**
 * Answers one object.
 *
 * @param name as in the request: any case, with arguments after a comma (`Colorspace,*,*`, `IIP,1.0`).
 * @throws {ServerError} `bad-request` for a name that is not in the table, and for one about an image without one.
 */
export function answerObject(
  name: string,
  context: Omit<ObjectContext, 'image'> & { readonly image?: FoundImage },
): ObjectAnswer {
  const wanted = objectKey(name);
  const imageless = Object.hasOwn(IMAGELESS_OBJECTS, wanted) ? IMAGELESS_OBJECTS[wanted] : undefined;
  if (imageless !== undefined) return imageless(context);
  const answer = Object.hasOwn(OBJECTS, wanted) ? OBJECTS[wanted] : undefined;
  if (answer === undefined) {
    throw new ServerError('bad-request', 'unknown object', { iip: `3 2 ${printable(name)}` });
  }
  const { image } = context;
  if (image === undefined)
    throw new ServerError('bad-request', 'no image was named: FIF is missing', { iip: '1 3 FIF' });
  return answer({ ...context, image });
}

function joined(answerers: readonly Answerer[], context: ObjectContext): ObjectAnswer {
  const answers = answerers.map((answer) => answer(context));
  const contentType = answers.findLast((answer) => answer.contentType !== undefined)?.contentType;
  const lines = answers.flatMap((answer) => answer.lines);
  return contentType === undefined ? { lines } : { lines, contentType };
}

const presentLines = (text: string | undefined): readonly string[] => (text === undefined ? [] : [text]);

function textField(name: (typeof TEXT_FIELDS)[number]): Answerer {
  return (context) => {
    const text = fieldValue(name, context);
    return text === undefined ? { lines: [] } : { lines: [text], contentType: PLAIN };
  };
}

function fieldValue(name: string, context: ObjectContext): string | undefined {
  const { info } = context.image;
  const metadata: Readonly<Record<string, string | undefined>> = info.metadata;
  if (name === 'scale')
    return info.pages.length > 1 ? formatG(info.pages[context.page]?.scale ?? 1, 6) : undefined;
  const value = Object.hasOwn(metadata, name) ? metadata[name] : undefined;
  return name === 'rights' && value === undefined && context.copyright !== '' ? context.copyright : value;
}

function sizeLine(info: ImageInfo, context: ObjectContext): string {
  const { width, height } = info.levels[0]!;
  return context.isTurned ? `Max-size:${height} ${width}` : `Max-size:${width} ${height}`;
}

function colorspaceLine(info: ImageInfo): string {
  const isGray = info.colorSpace === 'gray' || info.colorSpace === 'multiband';
  const isLab = info.colorSpace === 'cielab';
  const planes = isGray ? '1 1 0' : isLab ? '4 3 0 1 2' : '3 3 0 1 2';
  return `Colorspace,0-${info.levels.length - 1},0:${isLab ? 1 : 0} 0 ${planes}`;
}

function resolutionList(info: ImageInfo): string {
  return [...info.levels]
    .reverse()
    .map((level) => `${level.width} ${level.height}`)
    .join(',');
}

/** What iipsrv calls DPI is pixels per meter where the file has a unit; single precision, `%f`. */
function dpiLine(resolution: Resolution): string {
  const perMeter = (value: number): number => {
    if (resolution.unit === 'none') return value;
    return resolution.unit === 'cm' ? value * 100 : value / 0.0254;
  };
  const text = (value: number): string => formatF(Math.fround(perMeter(value)));
  return `DPI:${text(resolution.x)} ${text(resolution.y)}`;
}

function sampleRangeLine(info: ImageInfo): string {
  const { min, max } = info.sampleRange;
  const text = (value: number): string => formatG(storedSample(value, info), 9);
  const pairs = min.map((low, band) => ` ${text(low)}  ${text(max[band] ?? 0)} `);
  return `Min-Max-sample-values:${pairs.join('')}`.trimEnd();
}

/** Clients are told the values of the file, not those that rasters hold. */
function storedSample(value: number, { bitsPerSample }: ImageInfo): number {
  return widenedBits(bitsPerSample) > 0 ? value >> widenedBits(bitsPerSample) : value;
}

/** The numbers that SDS takes: views of a sequence, pages of a stack, 0 for a single picture. */
function horizontalViews(image: FoundImage): readonly number[] {
  return image.views?.horizontal ?? image.info.pages.map((_, page) => page);
}

function metadataJson(context: ObjectContext): string {
  const { xmp: _, ...fields } = context.image.info.metadata;
  const all: Partial<Record<MetadataField, string>> = { ...fields };
  if (all.rights === undefined && context.copyright !== '') all.rights = context.copyright;
  return JSON.stringify(all, null, 1);
}

function stackJson(info: ImageInfo): string {
  const pages = info.pages.length > 1 ? info.pages : [];
  return JSON.stringify(
    pages.map(({ name, scale }, id) => ({ id, name, scale })),
    null,
    1,
  );
}
