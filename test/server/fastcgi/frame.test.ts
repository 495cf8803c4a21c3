import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { frameLargeResponse, frameResponse } from '../../../src/server/fastcgi/frame.ts';
import { RecordReader } from '../../../src/server/fastcgi/record-reader.ts';
import { Slab } from '../../../src/server/fastcgi/slab.ts';
import type { Response } from '../../../src/server/response.ts';

interface Framed {
  readonly text: string;
  readonly body: Buffer;
  readonly records: readonly { readonly type: number; readonly id: number; readonly content: Buffer }[];
}

function frame(parts: Partial<Response>, id = 1): Framed {
  return read(frameResponse(responseOf(parts), id, new Slab()));
}

const responseOf = (parts: Partial<Response>): Response => ({
  status: 200,
  headers: [['A', 'b']],
  body: Buffer.alloc(0),
  ...parts,
});

function read(bytes: Buffer): Framed {
  assert.equal(bytes.length % 8, 0, 'everything is aligned to eight bytes');
  const records: { type: number; id: number; content: Buffer }[] = [];
  new RecordReader((type, recordId, content) => records.push({ type, id: recordId, content })).push(bytes);
  const output = Buffer.concat(records.filter(({ type }) => type === 6).map(({ content }) => content));
  const headEnd = output.indexOf('\r\n\r\n');
  return { text: output.toString('utf8', 0, headEnd), body: output.subarray(headEnd + 4), records };
}

describe('frameResponse', () => {
  it('writes headers and body, the empty STDOUT, and END_REQUEST', () => {
    const { text, body, records } = frame({ headers: [['A', 'b'], ['C', 'd']], body: Buffer.from('body') }, 258); // prettier-ignore
    assert.equal(text, 'A: b\r\nC: d');
    assert.equal(body.toString(), 'body');
    assert.deepEqual(
      records.map(({ type, id, content }) => [type, id, content.length]),
      [
        [6, 258, 18],
        [6, 258, 0],
        [3, 258, 8],
      ],
    );
    assert.deepEqual([...records[2]!.content], [0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('says the status first when it is not 200', () => {
    assert.equal(frame({ status: 404, headers: [['A', 'b']] }).text, 'Status: 404 Not Found\r\nA: b');
  });

  // 4 bytes are the line ends of an empty head and one header is "A: b".
  const HEAD_BYTES = 'A: b\r\n\r\n'.length;
  for (const total of [HEAD_BYTES, 65_527, 65_528, 65_529, 131_056, 131_057, 500_000]) {
    it(`cuts ${total} bytes into records`, () => {
      const sent = Buffer.alloc(total - HEAD_BYTES);
      for (let i = 0; i < sent.length; i++) sent[i] = (i * 7919) >> 3;
      const { body, records } = frame({ headers: [['A', 'b']], body: sent });
      assert.ok(body.equals(sent));
      assert.equal(records.length, Math.ceil(total / 65_528) + 2);
    });
  }

  for (const length of [8_388_608, 8_388_609, 65_528 * 129]) {
    it(`frames a large body of ${length} bytes without copying it`, () => {
      const sent = Buffer.alloc(length);
      for (let i = 0; i < length; i += 1009) sent[i] = i;
      const pieces = frameLargeResponse(responseOf({ status: 404, body: sent }), 258);
      const { text, body, records } = read(Buffer.concat(pieces));
      assert.equal(text, 'Status: 404 Not Found\r\nA: b');
      assert.ok(body.equals(sent));
      assert.deepEqual([...new Set(records.map(({ id }) => id))], [258]);
      assert.deepEqual(records.slice(-2).map(({ type, content }) => [type, content.length]), [[6, 0], [3, 8]]); // prettier-ignore
      const ofBody = pieces.filter(({ buffer }) => buffer === sent.buffer);
      assert.equal(
        ofBody.reduce((sum, piece) => sum + piece.length, 0),
        length,
      );
    });
  }

  it('cuts a head that is longer than a record', () => {
    const long = 'x'.repeat(70_000);
    const { text, body } = frame({ headers: [['A', long]], body: Buffer.from('body') });
    assert.equal(text, `A: ${long}`);
    assert.equal(body.toString(), 'body');
  });

  it('writes headers as UTF-8', () => {
    assert.equal(frame({ headers: [['A', 'é漢']] }).text, 'A: é漢');
  });

  const attacks: [string, string][] = [
    ['a\r\nSet-Cookie: b', 'a Set-Cookie: b'],
    ['a\n\n<script>', 'a <script>'],
    ['a\rb', 'a b'],
    ['a\0b', 'a b'],
    ['a\x7fb\tc', 'a b c'],
  ];
  for (const [value, expected] of attacks) {
    it(`lets ${JSON.stringify(value)} not split the answer`, () => {
      const { text } = frame({ status: 303, headers: [['Location', value], ['X', 'y']] }); // prettier-ignore
      assert.equal(text, `Status: 303 See Other\r\nLocation: ${expected}\r\nX: y`);
    });
  }

  it('lets a name not split the answer either', () => {
    assert.equal(frame({ headers: [['A\r\nB', 'c']] }).text, 'A B: c');
  });

  it('takes a body that is a view of something larger', () => {
    const { body } = frame({ body: new Uint8Array([1, 2, 3, 4, 5]).subarray(1, 4) });
    assert.deepEqual([...body], [2, 3, 4]);
  });
});

describe('Slab', () => {
  it('never gives the same bytes out twice', () => {
    const slab = new Slab();
    const taken = Array.from({ length: 200 }, (_, i) => slab.take(1000 + i).fill(i));
    for (const [i, bytes] of taken.entries()) assert.ok(bytes.every((byte) => byte === i));
  });

  it('gives large answers memory of their own', () => {
    const large = new Slab().take(100_000);
    assert.equal(large.buffer.byteLength, 100_000);
  });
});
