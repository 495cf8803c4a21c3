/** OBJ: what is asked of an image besides pictures, as lines of text or one JSON document. */
import { planSource } from '../../render/plan.ts';
import { ServerError } from '../../errors.ts';
import type { Answer, FoundImage, ProtocolContext } from '../protocol.ts';
import type { Command } from './command.ts';
import { malformed } from './frame.ts';
import { answerObject, IMAGELESS_OBJECTS, OBJECT_CONTENT_TYPE, objectKey } from './objects.ts';
import { viewOf } from './state.ts';

/** Whether objects are asked for, and none of them is about an image. */
export function needsNoImage(commands: readonly Command[]): boolean {
  const names = commands.flatMap((command) => (command.kind === 'object' ? [objectKey(command.name)] : []));
  return names.length > 0 && names.every((name) => Object.hasOwn(IMAGELESS_OBJECTS, name));
}

/** The lines of all OBJ commands; each sees the rotation that was asked for before it. */
export function answerObjects(
  commands: readonly Command[],
  image: FoundImage | undefined,
  context: ProtocolContext,
): Answer {
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
    if (image !== undefined && command.name.toLowerCase() === HISTOGRAM)
      return answerHistogram(commands, image);
    const { copyright } = context.config;
    const answer = answerObject(command.name, {
      ...(image === undefined ? {} : { image }),
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
    source: planSource(image.source, page),
    contentType: 'application/json',
    format: (statistics) => JSON.stringify(statistics),
  };
}
