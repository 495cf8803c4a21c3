/** IIP: the commands of one request, folded from left to right into a state, and the answer that comes of it. */
import { LRUCache } from 'lru-cache';
import { after, rescued, type Awaitable } from '../../awaitable.ts';
import { ServerError } from '../../errors.ts';
import { infoOfPage } from '../../image/info.ts';
import { formDecode } from '../percent.ts';
import {
  withInfo,
  type Answer,
  type FoundImage,
  type Protocol,
  type ProtocolContext,
  type View,
} from '../protocol.ts';
import type { Command } from './command.ts';
import { parseCommand, printable } from './commands.ts';
import { answerObjects, needsNoImage } from './answer-objects.ts';
import { answerExport } from './export.ts';
import { malformed, type Frame } from './frame.ts';
import { planSamples, type OpenView } from './samples.ts';
import { applyCommand, INITIAL_STATE, viewOf, type RequestState } from './state.ts';
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
export function answerQuery(query: string, context: ProtocolContext): Awaitable<Answer> {
  const sent = splitQuery(query);
  return sent === undefined ? answerCommands(parseQuery(query), context) : answerSent(sent, context);
}

/** With URI_MAP the argument is an image path, as for FIF; commands come from the query string. */
export const iip: Protocol = {
  answer: ({ argument }, request, context) =>
    answerCommands([{ kind: 'image', name: formDecode(argument) }, ...parseQuery(request.query)], context),
};

const isSending = (command: Command): boolean =>
  command.kind === 'export' || command.kind === 'tile' || command.kind === 'tiles' ||
  command.kind === 'spectra' || command.kind === 'profile'; // prettier-ignore

/** What the commands before the sending one say. */
interface Settings {
  readonly name: string;
  readonly view: View;
  readonly state: RequestState;
}

const settingsOf = (commands: readonly Command[]): Settings => ({
  name: imageName(commands),
  view: viewOf(commands),
  state: commands.reduce(applyCommand, INITIAL_STATE),
});

interface Sent {
  readonly command: Command;
  readonly settings: Settings;
}

/** Settings by their text: viewers ask for many tiles with the same, and what is made of equal ones is found by them. */
const knownSettings = new LRUCache<string, Settings>({ max: 32 });
const MAX_KNOWN_LENGTH = 1024;

/** A query whose last pair, and no other, sends; undefined for every other query. */
function splitQuery(query: string): Sent | undefined {
  const end = query.lastIndexOf('&');
  if (end <= 0 || end > MAX_KNOWN_LENGTH) return undefined;
  const [command, more] = parseQuery(query.slice(end + 1));
  if (command === undefined || more !== undefined || !isSending(command)) return undefined;
  const text = query.slice(0, end);
  let settings = knownSettings.get(text);
  if (settings === undefined) {
    const commands = parseQuery(text);
    if (commands.some(isSending)) return undefined;
    settings = settingsOf(commands);
    knownSettings.set(text, settings);
  }
  return { command, settings };
}

function answerCommands(commands: readonly Command[], context: ProtocolContext): Awaitable<Answer> {
  if (commands.length === 0) throw malformed('command', 'the request has no command');
  const sending = commands.findIndex(isSending);
  const command = commands[sending];
  if (command === undefined) return answerWithoutPicture(commands, context);
  return answerSent({ command, settings: settingsOf(commands.slice(0, sending)) }, context);
}

function answerSent({ command, settings }: Sent, context: ProtocolContext): Awaitable<Answer> {
  const { name, view, state } = settings;
  const openView: OpenView = (other) => findImage(name, other, context);
  return after(findImage(name, view, context), (image) =>
    after(answerSending(command, { state, image, openView, context }), (body) => ({ image, ...body })),
  );
}

/** Objects, of which some can be asked for without an image; a name that is not known is an error here. */
function answerWithoutPicture(commands: readonly Command[], context: ProtocolContext): Awaitable<Answer> {
  const unknown = commands.find((command) => command.kind === 'unknown');
  if (unknown?.kind === 'unknown') {
    throw new ServerError('bad-request', 'unknown command', { iip: `2 2 ${printable(unknown.name)}` });
  }
  if (needsNoImage(commands)) return answerObjects(commands, undefined, context);
  return after(findImage(imageName(commands), viewOf(commands), context), (image) => ({
    ...answerObjects(commands, image, context),
    image,
  }));
}

/** The image that FIF names; the last one counts. */
function imageName(commands: readonly Command[]): string {
  const named = commands.findLast((command) => command.kind === 'image');
  if (named?.kind === 'image') return named.name;
  throw new ServerError('bad-request', 'no image was named: FIF is missing', { iip: '1 3 FIF' });
}

/** The image with the facts of the page that the view names; a sequence has no pages. */
function findImage(name: string, view: View, context: ProtocolContext): Awaitable<FoundImage> {
  const found = rescued(
    () => context.images.find(name, view),
    (thrown) => {
      if (!(thrown instanceof ServerError) || thrown.kind !== 'not-found') throw thrown;
      throw new ServerError('not-found', thrown.message, {
        iip: '1 3 FIF',
        facts: thrown.facts,
        cause: thrown,
      });
    },
  );
  return after(found, (image) =>
    image.views === undefined ? withInfo(image, infoOfPage(image.info, view.horizontal)) : image,
  );
}

function answerSending(command: Command, frame: Frame): Awaitable<Answer> {
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
