/** IIP: the commands of one request, folded from left to right into a state, and the answer that comes of it. */
import { ServerError } from '../../errors.ts';
import { formDecode } from '../percent.ts';
import {
  DEFAULT_VIEW,
  type Answer,
  type FoundImage,
  type Protocol,
  type ProtocolContext,
  type View,
} from '../protocol.ts';
import type { Command } from './command.ts';
import { parseCommand } from './commands.ts';
import { answerExport } from './export.ts';
import { malformed, type Frame } from './frame.ts';
import { answerObject, OBJECT_CONTENT_TYPE } from './objects.ts';
import { planSamples, type OpenView } from './samples.ts';
import { applyCommand, INITIAL_STATE } from './state.ts';
import { answerTiles, tilePlan } from './tiles.ts';

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
  if (commands.length === 0) throw malformed('command', 'the request has no command');
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
    throw new ServerError('not-found', thrown.message, {
      iip: '1 3 FIF',
      facts: thrown.facts,
      cause: thrown,
    });
  }
}

function viewOf(commands: readonly Command[]): View {
  const view = commands.findLast((command) => command.kind === 'view');
  return view?.kind === 'view' ? { horizontal: view.horizontal, vertical: view.vertical } : DEFAULT_VIEW;
}

/** The lines of all OBJ commands; each sees the rotation that was asked for before it. */
function answerObjects(commands: readonly Command[], image: FoundImage, context: ProtocolContext): Answer {
  if (!commands.some((command) => command.kind === 'object')) {
    throw malformed('command', 'the request asks for nothing: neither a picture nor an object');
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
    const answer = answerObject(command.name, {
      image,
      isTurned,
      copyright,
      page: viewOf(commands).horizontal,
      version: context.version,
    });
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
