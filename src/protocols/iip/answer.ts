/** IIP: the commands of one request, folded from left to right into a state, and the answer that comes of it. */
import { ServerError } from '../../errors.ts';
import {
  fitInside, fullSize, largestLevelWithin, levelOf, levelOfResolution, limitSide, roundSize, tileOfNumber,
} from '../../geometry.ts'; // prettier-ignore
import type { Rectangle, Size } from '../../image/raster.ts';
import { planRegion, planTile, type PictureWish } from '../../render/plan-picture.ts';
import type { Plan } from '../../render/plan.ts';
import type { Depth } from '../../render/steps.ts';
import type { OutputFormat } from '../../encode/encoder.ts';
import { extensionOf } from '../../encode/formats.ts';
import { encodingFor } from '../encodings.ts';
import { formDecode } from '../percent.ts';
import { wantedLayers } from '../layers.ts';
import type { Answer, FoundImage, Protocol, ProtocolContext, View } from '../protocol.ts';
import { DEFAULT_VIEW } from '../protocol.ts';
import { parseCommand, printable, type Command } from './commands.ts';
import { answerObject, OBJECT_CONTENT_TYPE } from './objects.ts';
import { planSamples, type OpenView } from './samples.ts';
import { applyCommand, INITIAL_STATE, type RequestState } from './state.ts';
import { frameTiles } from './netfpx.ts';

/** Several `NAME=value` pairs, `&` between them; pairs with an empty name or value are skipped. */
export function parseQuery(query: string): readonly Command[] {
  const commands: Command[] = [];
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=');
    if (equals <= 0 || equals === pair.length - 1) continue;
    commands.push(...parseCommand(pair.slice(0, equals), pair.slice(equals + 1)));
  }
  return commands;
}

/** Answers a query string of commands. */
export function answerQuery(query: string, context: ProtocolContext): Promise<Answer> {
  return answerCommands(parseQuery(query), context);
}

/** With URI_MAP the argument is an image path, as for FIF; commands come from the query string. */
export const iip: Protocol = {
  answer: ({ argument }, request, context) =>
    answerCommands([{ kind: 'image', name: formDecode(argument) }, ...parseQuery(request.query)], context),
};

const isSending = (command: Command): boolean =>
  command.kind === 'export' || command.kind === 'tile' || command.kind === 'tiles' ||
  command.kind === 'spectra' || command.kind === 'profile'; // prettier-ignore

async function answerCommands(commands: readonly Command[], context: ProtocolContext): Promise<Answer> {
  if (commands.length === 0) throw malformed('the request has no command');
  const sending = commands.findIndex(isSending);
  const relevant = sending < 0 ? commands : commands.slice(0, sending + 1);
  const name = imageName(relevant);
  const image = await findImage(name, viewOf(relevant), context);
  const command = sending < 0 ? undefined : commands[sending];
  if (command === undefined) return { ...answerObjects(relevant, image, context), image };
  const state = relevant.reduce(applyCommand, INITIAL_STATE);
  const openView: OpenView = (view) => findImage(name, view, context);
  return { ...(await answerSending(command, { state, image, openView, context })), image };
}

/** The image that FIF names; the last one counts. */
function imageName(commands: readonly Command[]): string {
  const named = commands.findLast((command) => command.kind === 'image');
  if (named?.kind === 'image') return named.name;
  throw new ServerError('bad-request', 'no image was named: FIF is missing', { iip: '1 3 FIF' });
}

async function findImage(name: string, view: View, context: ProtocolContext): Promise<FoundImage> {
  try {
    return await context.images.find(name, view);
  } catch (thrown) {
    if (!(thrown instanceof ServerError) || thrown.kind !== 'not-found') throw thrown;
    throw new ServerError('not-found', thrown.message, { iip: '1 3 FIF', facts: thrown.facts, cause: thrown });
  }
}

function viewOf(commands: readonly Command[]): View {
  const view = commands.findLast((command) => command.kind === 'view');
  return view?.kind === 'view' ? { horizontal: view.horizontal, vertical: view.vertical } : DEFAULT_VIEW;
}

/** The lines of all OBJ commands; each sees the rotation that was asked for before it. */
function answerObjects(commands: readonly Command[], image: FoundImage, context: ProtocolContext): Answer {
  if (!commands.some((command) => command.kind === 'object')) {
    throw malformed('the request asks for nothing: neither a picture nor an object');
  }
  let isTurned = false;
  let contentType = OBJECT_CONTENT_TYPE;
  const lines: string[] = [];
  const headers: (readonly [string, string])[] = [];
  for (const command of commands) {
    if (command.kind === 'rotate') isTurned = command.degrees % 180 === 90;
    if (command.kind !== 'object') continue;
    if (command.name.toLowerCase() === HISTOGRAM) return answerHistogram(commands, image);
    const { copyright } = context.config;
    const answer = answerObject(command.name, { image, isTurned, copyright, version: context.version });
    lines.push(...answer.lines);
    headers.push(...(answer.headers ?? []));
    contentType = answer.contentType ?? contentType;
  }
  return { kind: 'document', contentType, text: lines.map((text) => `${text}\r\n`).join(''), headers };
}

/** OBJ=histogram: one JSON document; other objects of the request are dropped, as JSON has no place for their lines. */
const HISTOGRAM = 'histogram';

function answerHistogram(commands: readonly Command[], image: FoundImage): Answer {
  const page = image.info.pages.length > 1 ? viewOf(commands).horizontal : 0;
  if (image.info.pages[page] === undefined) throw new ServerError('not-found', 'the image has no such page');
  return {
    kind: 'statistics',
    source: { ...image.source, page },
    contentType: 'application/json',
    format: (statistics) => JSON.stringify(statistics),
  };
}

interface Frame {
  readonly state: RequestState;
  readonly image: FoundImage;
  readonly openView: OpenView;
  readonly context: ProtocolContext;
}

async function answerSending(command: Command, frame: Frame): Promise<Answer> {
  switch (command.kind) {
    case 'tile':
      return { kind: 'picture', plan: tilePlan(command, frame) };
    case 'tiles':
      return answerTiles(command, frame);
    case 'export':
      return answerExport(command, frame);
    case 'spectra':
    case 'profile':
      return planSamples(command, { image: frame.image, view: frame.state.view, openView: frame.openView });
    default:
      throw new RangeError(`${command.kind} sends nothing`);
  }
}

function wishFor(frame: Frame, command: { readonly format: PictureWish['encoding']['format'] }): PictureWish {
  const { state, image, context } = frame;
  const layers = wantedLayers(image.info, context.config.maxLayers, state.layers);
  return {
    info: image.info,
    source: { ...image.source, page: pageOf(frame) },
    encoding: encodingFor(command.format, context.config, state.quality),
    isQualityAsked: state.quality.value !== undefined || state.quality.compression !== undefined,
    processing: state.processing,
    ...(layers === undefined ? {} : { layers }),
  };
}

/** In a stack SDS names the page. */
function pageOf(frame: Frame): number {
  const { pages } = frame.image.info;
  const page = pages.length > 1 ? frame.state.view.horizontal : 0;
  if (page < 0 || page >= pages.length) throw new ServerError('not-found', 'the image has no such page');
  return page;
}

function tilePlan(command: Command & { kind: 'tile' }, frame: Frame): Plan {
  const { info } = frame.image;
  const { resolution, tile } = command;
  if (resolution < 0 || tile < 0) throw malformed('a resolution or tile number is negative');
  const level = levelOfResolution(info, resolution);
  if (level < 0) throw new ServerError('not-found', 'the image has no such resolution');
  const position = tileOfNumber(levelOf(info, level), tile);
  if (position === undefined) throw new ServerError('not-found', 'the resolution has no such tile');
  return planTile(wishFor(frame, command), level, position, frame.context.config);
}

/** Tiles that one TIL may ask for. */
const MAX_TILES = 1024;

function answerTiles(command: Command & { kind: 'tiles' }, frame: Frame): Answer {
  const { info } = frame.image;
  const { resolution, first, last } = command;
  if (resolution < 0 || first < 0 || last < first) throw malformed('TIL needs resolution,first-last');
  const level = levelOfResolution(info, resolution);
  if (level < 0) throw new ServerError('not-found', 'the image has no such resolution');
  const start = tileOfNumber(levelOf(info, level), first);
  const end = tileOfNumber(levelOf(info, level), last);
  if (start === undefined || end === undefined) throw new ServerError('not-found', 'the resolution has no such tile');
  const columns = Math.ceil(levelOf(info, level).width / levelOf(info, level).tileWidth);
  const numbers: number[] = [];
  for (let column = start.column; column <= end.column; column++) {
    for (let row = start.row; row <= end.row; row++) numbers.push(row * columns + column);
  }
  if (numbers.length === 0) throw malformed('TIL names no rectangle of tiles');
  if (numbers.length > MAX_TILES) throw new ServerError('too-large', 'TIL asks for too many tiles at once');
  const plans = numbers.map((tile) => tilePlan({ kind: 'tile', format: 'jpeg', resolution, tile }, frame));
  return {
    kind: 'pictures',
    plans,
    contentType: 'application/vnd.netfpx',
    frame: (pictures) => frameTiles(resolution, numbers, pictures),
  };
}

function answerExport(command: Command & { kind: 'export' }, frame: Frame): Answer {
  const { image, context } = frame;
  const region = regionOf(frame);
  const output = exportSize(region, frame);
  const wish = { ...wishFor(frame, command), depth: depthOf(frame, command.format) };
  const plan = planRegion(wish, region, output, context.config);
  const name = `${image.stem}_${output.width}x${output.height}.${extensionOf(command.format)}`;
  return { kind: 'picture', plan, fileName: name };
}

/** 16 where the format, the image and the steps have it: black and white, equalization and the mark are 8 bit. */
function depthOf({ image, state, context }: Frame, format: OutputFormat): Depth {
  const { color, contrast } = state.processing;
  const isPossible = (format === 'png' || format === 'tiff') && image.info.bitsPerSample > 8;
  const needsBytes = color === 'binary' || contrast?.kind === 'equalize' || context.config.watermark !== '';
  return isPossible && !needsBytes ? state.depth : 8;
}

/** RGN in full-size pixels. */
function regionOf(frame: Frame): Rectangle {
  const { width, height } = fullSize(frame.image.info);
  const { region } = frame.state;
  return { x: region.x * width, y: region.y * height, width: region.width * width, height: region.height * height };
}

/** The size that WID, HEI, MAX_CVT and ALLOW_UPSCALING give (BEHAVIOUR 5 and 10). */
function exportSize(region: Rectangle, frame: Frame): Size {
  const { maxOutputSide, allowUpscaling } = frame.context.config;
  const asked = askedSize(region, frame);
  const limited = limitSide(asked, region, maxOutputSide);
  const isEnlarged = limited.width > region.width || limited.height > region.height;
  return isEnlarged && !allowUpscaling ? fitInside(region, roundSize(region)) : limited;
}

function askedSize(region: Rectangle, frame: Frame): Size {
  const { width, height } = frame.state;
  if (width > 0 || height > 0) {
    return fitInside(region, { width: width > 0 ? width : Infinity, height: height > 0 ? height : Infinity });
  }
  const { info } = frame.image;
  const level = levelOf(info, largestLevelWithin(info, frame.context.config.maxOutputSide));
  const full = fullSize(info);
  const aspect = (region.height / full.height / (region.width / full.width)) * (level.height / level.width);
  return roundSize({ width: level.width, height: level.width * aspect });
}

function malformed(message: string): ServerError {
  return new ServerError('bad-request', message, { iip: `2 1 ${printable(message.split(' ')[0] ?? '')}` });
}
