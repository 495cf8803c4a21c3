/** JTL, PTL, WTL, ATL, TTL: one tile; TIL: a rectangle of them in one answer. */
import type { OutputFormat } from '../../encode/encoder.ts';
import { ServerError } from '../../errors.ts';
import { levelOf, levelOfResolution, tileOfNumber } from '../../geometry.ts';
import { planTile } from '../../render/plan-picture.ts';
import type { Plan } from '../../render/plan.ts';
import type { Answer } from '../protocol.ts';
import type { Command } from './command.ts';
import { malformed, wishFor, type Frame } from './frame.ts';
import { frameTiles } from './netfpx.ts';

/** The names of the commands, for error messages. */
const TILE_COMMANDS: Readonly<Record<OutputFormat, string>> = {
  jpeg: 'JTL',
  png: 'PTL',
  webp: 'WTL',
  avif: 'ATL',
  tiff: 'TTL',
  gif: 'tile',
};

export function tilePlan(command: Command & { kind: 'tile' }, frame: Frame): Plan {
  const { info } = frame.image;
  const { resolution, tile } = command;
  if (resolution < 0 || tile < 0)
    throw malformed(TILE_COMMANDS[command.format], 'a resolution or tile number is negative');
  const level = levelOfResolution(info, resolution);
  if (level < 0) throw new ServerError('not-found', 'the image has no such resolution');
  const position = tileOfNumber(levelOf(info, level), tile);
  if (position === undefined) throw new ServerError('not-found', 'the resolution has no such tile');
  return planTile(wishFor(frame, command), level, position, frame.context.config);
}

/** Tiles that one TIL may ask for. */
const MAX_TILES = 1024;

export function answerTiles(command: Command & { kind: 'tiles' }, frame: Frame): Answer {
  const { info } = frame.image;
  const { resolution, first, last } = command;
  if (resolution < 0 || first < 0 || last < first) throw malformed('TIL', 'TIL needs resolution,first-last');
  const level = levelOfResolution(info, resolution);
  if (level < 0) throw new ServerError('not-found', 'the image has no such resolution');
  const start = tileOfNumber(levelOf(info, level), first);
  const end = tileOfNumber(levelOf(info, level), last);
  if (start === undefined || end === undefined)
    throw new ServerError('not-found', 'the resolution has no such tile');
  const columns = Math.ceil(levelOf(info, level).width / levelOf(info, level).tileWidth);
  const numbers: number[] = [];
  for (let column = start.column; column <= end.column; column++) {
    for (let row = start.row; row <= end.row; row++) numbers.push(row * columns + column);
  }
  if (numbers.length === 0) throw malformed('TIL', 'TIL names no rectangle of tiles');
  if (numbers.length > MAX_TILES) throw new ServerError('too-large', 'TIL asks for too many tiles at once');
  const plans = numbers.map((tile) => tilePlan({ kind: 'tile', format: 'jpeg', resolution, tile }, frame));
  return {
    kind: 'pictures',
    plans,
    contentType: 'application/vnd.netfpx',
    frame: (pictures) => frameTiles(resolution, numbers, pictures),
  };
}
