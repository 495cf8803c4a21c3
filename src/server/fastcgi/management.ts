/** Answers to management records, which belong to no request (specification, section 4). */
import { encodeShortPairs, PairCursor } from './pairs.ts';
import { encodeRecord, encodeUnknownType, MANAGEMENT_ID, RecordType } from './records.ts';

/** What GET_VALUES may ask for. There is no fixed limit here, but a web server that asks wants a number. */
const VALUES: ReadonlyMap<string, string> = new Map([
  ['FCGI_MAX_CONNS', '1024'],
  ['FCGI_MAX_REQS', '1024'],
  ['FCGI_MPXS_CONNS', '1'],
]);

/** The record that answers a management record. @throws ServerError `bad-request`: no name-value pairs. */
export function answerManagement(type: number, content: Buffer): Buffer {
  return type === RecordType.getValues ? encodeValues(content) : encodeUnknownType(type);
}

/** Values of the names that are asked for and known; the others are left out. */
function encodeValues(asked: Buffer): Buffer {
  const answers = new Map<string, string>();
  const pair = new PairCursor(asked);
  while (pair.next()) {
    const name = asked.toString('latin1', pair.nameStart, pair.valueStart);
    const value = VALUES.get(name);
    if (value !== undefined) answers.set(name, value);
  }
  return encodeRecord(RecordType.getValuesResult, MANAGEMENT_ID, encodeShortPairs(answers));
}
