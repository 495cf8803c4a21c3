import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServerError } from '../../../src/errors.ts';
import { RecordReader } from '../../../src/server/fastcgi/record-reader.ts';
import { record } from '../../support/fcgi-client.ts';

const WIRE = Buffer.concat([
  record(1, 1, Buffer.from('begin---')),
  record(4, 1, Buffer.from('some parameters'), 1),
  record(4, 1),
  record(5, 513, Buffer.from('x'), 7),
  record(5, 65_535, Buffer.alloc(65_535, 'y'), 255),
  record(9, 0),
]);
const RECORDS = [
  '1/1/begin---',
  '4/1/some parameters',
  '4/1/',
  '5/513/x',
  `5/65535/${'y'.repeat(65_535)}`,
  '9/0/',
];
/** Where the long record's content starts: cutting inside it 65 thousand times shows nothing new. */
const LONG_AT = WIRE.length - 8 - 255 - 65_535;

/** A reader and the records that it has read, as `type/id/content`. */
function collect(): { readonly reader: RecordReader; readonly records: string[] } {
  const records: string[] = [];
  const reader = new RecordReader((type, id, content) => records.push(`${type}/${id}/${content.toString()}`));
  return { reader, records };
}

describe('RecordReader', () => {
  it('reads whole records in place, without copying them', () => {
    const contents: Buffer[] = [];
    new RecordReader((_type, _id, content) => contents.push(content)).push(WIRE);
    assert.equal(contents.length, RECORDS.length);
    assert.equal(contents[1]?.buffer, WIRE.buffer);
  });

  it('reads the same records wherever its input is cut in two', () => {
    for (let cut = 0; cut <= WIRE.length; cut += cut > LONG_AT + 10 && cut < WIRE.length - 300 ? 9973 : 1) {
      const { reader, records } = collect();
      reader.push(WIRE.subarray(0, cut));
      reader.push(WIRE.subarray(cut));
      assert.deepEqual(records, RECORDS, `cut at ${cut}`);
      assert.equal(reader.isMidRecord, false);
    }
  });

  it('reads the same records byte by byte', () => {
    const { reader, records } = collect();
    for (let at = 0; at < WIRE.length; at++) reader.push(WIRE.subarray(at, at + 1));
    assert.deepEqual(records, RECORDS);
  });

  it('knows when it is in the middle of a record', () => {
    const { reader } = collect();
    assert.equal(reader.isMidRecord, false);
    reader.push(WIRE.subarray(0, 3));
    assert.equal(reader.isMidRecord, true);
    reader.push(WIRE.subarray(3, 16));
    assert.equal(reader.isMidRecord, false);
  });

  it('stops where it is paused, also inside a chunk, and goes on from there', () => {
    const records: string[] = [];
    const reader: RecordReader = new RecordReader((type) => {
      records.push(String(type));
      reader.pause();
    });
    reader.push(WIRE);
    assert.deepEqual(records, ['1']);
    reader.push(WIRE.subarray(0, 16));
    assert.deepEqual(records, ['1']);
    for (let i = 0; i < RECORDS.length; i++) reader.resume();
    assert.deepEqual(records, ['1', '4', '4', '5', '5', '9', '1']);
  });

  it('stops after a record whose last byte came in a chunk of its own', () => {
    const records: string[] = [];
    const reader: RecordReader = new RecordReader((type) => {
      records.push(String(type));
      reader.pause();
    });
    reader.push(WIRE.subarray(0, 5));
    reader.push(WIRE.subarray(5));
    assert.deepEqual(records, ['1']);
    reader.resume();
    assert.deepEqual(records, ['1', '4']);
  });

  it('throws at another version of the protocol, whole or in pieces', () => {
    const broken = Buffer.from(WIRE.subarray(0, 16));
    broken[0] = 2;
    const isOurs = (error: unknown): boolean => error instanceof ServerError && error.kind === 'bad-request';
    assert.throws(() => collect().reader.push(broken), isOurs);
    const { reader } = collect();
    reader.push(broken.subarray(0, 7));
    assert.throws(() => reader.push(broken.subarray(7)), isOurs);
  });
});
