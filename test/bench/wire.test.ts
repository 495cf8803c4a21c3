import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodePairs, record, streamRecords, Type } from '../support/fcgi-client.ts';
import { AnswerReader, requestBytes } from './load/wire.ts';

const END = record(Type.end, 1, Buffer.alloc(8));

const answer = (text: string): Buffer =>
  Buffer.concat([
    record(Type.stdout, 1, Buffer.from(text), 3),
    record(Type.stderr, 1, Buffer.from('a word')),
    END,
  ]);

describe('requestBytes', () => {
  it('is BEGIN_REQUEST, PARAMS with the query, and two empty streams', () => {
    const bytes = requestBytes('/iip?FIF=a.tif&JTL=1,2', true);
    assert.deepEqual([...bytes.subarray(0, 16)], [1, Type.begin, 0, 1, 0, 8, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]);
    for (const [name, value] of [
      ['QUERY_STRING', 'FIF=a.tif&JTL=1,2'],
      ['REQUEST_URI', '/iip?FIF=a.tif&JTL=1,2'],
    ] as const) {
      assert.ok(bytes.includes(encodePairs({ [name]: value })), name);
    }
    const ends = Buffer.concat([
      streamRecords(Type.params, 1, Buffer.alloc(0)),
      streamRecords(Type.stdin, 1, Buffer.alloc(0)),
    ]);
    assert.deepEqual(bytes.subarray(-16), ends);
  });

  it('asks for the connection to be closed unless it is kept', () => {
    assert.equal(requestBytes('/', false)[10], 0);
  });
});

describe('AnswerReader', () => {
  const body = 'a body that is longer than both of its edges';
  const bytes = answer(`Status: 404 Not Found\r\nContent-Type: text/plain\r\n\r\n${body}`);

  it('reads an answer however it is split', () => {
    for (let cut = 0; cut <= bytes.length; cut++) {
      const reader = new AnswerReader();
      reader.begin(true);
      const isDone = [reader.push(bytes.subarray(0, cut)), reader.push(bytes.subarray(cut))];
      assert.deepEqual(isDone, [cut === bytes.length, cut < bytes.length], `cut at ${cut}`);
      assert.equal(reader.status, 404);
      assert.equal(reader.bodyBytes, body.length);
      assert.equal(reader.body.toString(), body);
      assert.equal(reader.first.toString(), body.slice(0, 16));
      assert.equal(reader.last.toString(), body.slice(-16));
    }
  });

  it('reads byte after byte', () => {
    const reader = new AnswerReader();
    reader.begin(false);
    const ends = [...bytes].map((byte) => reader.push(Buffer.of(byte)));
    assert.equal(ends.indexOf(true), bytes.length - 1);
    assert.equal(reader.last.toString(), body.slice(-16));
    assert.equal(reader.body.length, 0, 'nothing was to be kept');
  });

  it('takes 200 for granted, and begins anew', () => {
    const reader = new AnswerReader();
    reader.begin(false);
    reader.push(bytes);
    reader.begin(false);
    assert.equal(reader.push(answer('Content-Type: text/plain\r\n\r\nshort')), true);
    assert.deepEqual([reader.status, reader.bodyBytes], [200, 5]);
    assert.equal(reader.first.toString('latin1', 0, 5), 'short');
    assert.equal(reader.last.toString('latin1', 11), 'short');
  });

  it('has no status without a header block', () => {
    const reader = new AnswerReader();
    reader.begin(false);
    assert.equal(reader.push(END), true);
    assert.deepEqual([reader.status, reader.bodyBytes], [0, 0]);
  });
});
