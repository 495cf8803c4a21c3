/** Streams of FastCGI records: whole requests, with records that are wrong among them. */
import { encodePairs, record, Type } from '../support/fcgi-client.ts';
import type { Dice } from './dice.ts';
import { changeBytes, concat, cutOrDouble } from './mutate-bytes.ts';

const TYPES = [0, ...Object.values(Type), 12, 255];
const BODY = 'FIF=tiny.tif&OBJ=Max-size';

export function makeFastcgi(dice: Dice): Uint8Array {
  const parts = Array.from({ length: 1 + dice.below(4) }, () => requestParts(dice));
  let bytes = concat(...(dice.chance(0.4) ? interleave(parts, dice) : parts.flat()));
  if (dice.chance(0.25)) changeBytes(bytes, dice, 4);
  if (dice.chance(0.1)) bytes = cutOrDouble(bytes, dice);
  return bytes;
}

/** Records of several requests, each in its order. */
function interleave(parts: readonly (readonly Uint8Array[])[], dice: Dice): Uint8Array[] {
  const waiting = parts.map((records) => [...records]);
  const mixed: Uint8Array[] = [];
  for (
    let left = waiting.filter(({ length }) => length > 0);
    left.length > 0;
    left = left.filter(({ length }) => length > 0)
  )
    mixed.push(dice.pick(left).shift()!);
  return mixed;
}

function requestParts(dice: Dice): Uint8Array[] {
  const id = dice.chance(0.9) ? 1 + dice.below(4) : dice.oddNumber(16);
  const padding = dice.chance(0.3) ? dice.below(256) : 0;
  const role = dice.chance(0.9) ? 1 : dice.below(5);
  const begin = Buffer.from([0, role, dice.chance(0.7) ? 1 : dice.below(256), 0, 0, 0, 0, 0]);
  const records = [
    record(Type.begin, id, dice.chance(0.97) ? begin : begin.subarray(0, dice.below(8)), padding),
    ...streamOf(Type.params, id, paramsOf(dice), dice),
    ...streamOf(Type.stdin, id, Buffer.from(BODY.repeat(dice.below(3))), dice),
  ];
  for (let odd = dice.chance(0.4) ? dice.below(3) : 0; odd > 0; odd--) {
    records.splice(dice.below(records.length + 1), 0, oddRecord(dice, id));
  }
  return records;
}

/** In pieces, ended by an empty record or not. */
function streamOf(type: number, id: number, content: Uint8Array, dice: Dice): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < content.length;) {
    const end = dice.chance(0.7) ? content.length : at + 1 + dice.below(content.length - at);
    pieces.push(record(type, id, content.subarray(at, end), dice.chance(0.2) ? dice.below(256) : 0));
    at = end;
  }
  if (dice.chance(0.95)) pieces.push(record(type, id));
  return pieces;
}

function paramsOf(dice: Dice): Uint8Array {
  const method = dice.pick(['GET', 'GET', 'POST', 'HEAD', '']);
  const pairs = encodePairs({
    REQUEST_METHOD: method,
    REQUEST_URI: dice.pick(['/fcgi-bin/iipsrv.fcgi?FIF=tiny.tif&OBJ=Max-size', '', '/\0', '?'.repeat(200)]),
    CONTENT_LENGTH: dice.pick(['', String(BODY.length), '0', '-1', '1e3', '9'.repeat(30), 'x']),
    [dice.pick(['HTTP_HOST', 'X'.repeat(200), ''])]: dice.pick(['a.org', '', 'y'.repeat(300), '\r\n']),
  });
  const bytes = new Uint8Array(pairs);
  if (dice.chance(0.15)) changeBytes(bytes, dice, 3);
  return bytes;
}

function oddRecord(dice: Dice, id: number): Uint8Array {
  const content = Buffer.alloc(dice.chance(0.95) ? dice.below(40) : dice.oddNumber(16), dice.below(256));
  if (dice.chance(0.3))
    return record(Type.getValues, 0, encodePairs({ FCGI_MAX_CONNS: '', FCGI_MPXS_CONNS: '', X: '' }));
  return record(
    dice.pick(TYPES),
    dice.chance(0.5) ? id : dice.pick([0, 1, 65_535]),
    content,
    dice.below(256),
  );
}
