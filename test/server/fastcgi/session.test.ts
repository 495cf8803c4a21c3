import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServerError } from '../../../src/errors.ts';
import type { Exchange } from '../../../src/server/fastcgi/exchange.ts';
import { Session } from '../../../src/server/fastcgi/session.ts';
import type { Request } from '../../../src/server/request.ts';
import {
  beginRecord,
  cgiParams,
  encodePairs,
  record,
  requestRecords,
  streamRecords,
  Type,
} from '../../support/fcgi-client.ts';

interface Trace {
  readonly session: Session;
  /** What happened, in order: `request 1 /uri body`, `refused 1 413`, `aborted 1`, `reply <hex of a record>`. */
  readonly events: string[];
  readonly exchanges: Exchange[];
  readonly requests: Request[];
}

const LIMITS = { maxParamBytes: 2000, maxBodyBytes: 1000, maxRequests: 3 };

/** @param isAnswering Whether every request is answered at once. */
function trace(isAnswering = true): Trace {
  const events: string[] = [];
  const exchanges: Exchange[] = [];
  const requests: Request[] = [];
  const session: Session = new Session(LIMITS, {
    onRequest(exchange, request) {
      events.push(`request ${exchange.id} ${request.uri} ${Buffer.from(request.body).toString()}`);
      exchanges.push(exchange);
      requests.push(request);
      if (isAnswering) session.finish(exchange);
    },
    onRefused: (exchange, error) => events.push(`refused ${exchange.id} ${error.status}`),
    onAborted: (exchange) => events.push(`aborted ${exchange.id}`),
    onReply: (bytes) => events.push(`reply ${bytes.toString('hex')}`),
  });
  return { session, events, exchanges, requests };
}

function run(...chunks: readonly Buffer[]): readonly string[] {
  const { session, events } = trace();
  for (const chunk of chunks) session.push(chunk);
  return events;
}

const PARAMS = encodePairs(cgiParams(`/a?${'q'.repeat(200)}`));
const POST = cgiParams('/p', { method: 'POST' });
const keepConn = true;
const isBadRequest = (error: unknown): boolean =>
  error instanceof ServerError && error.kind === 'bad-request';

function endRecord(id: number, protocolStatus: number): string {
  return `reply ${record(Type.end, id, Buffer.of(0, 0, 0, 0, protocolStatus, 0, 0, 0)).toString('hex')}`;
}

describe('Session', () => {
  it('gives the same requests however its input is cut', () => {
    const wire = Buffer.concat([
      requestRecords(cgiParams('/a?b'), { keepConn }),
      beginRecord({ id: 2, keepConn }),
      record(Type.params, 2, PARAMS.subarray(0, 5), 3),
      requestRecords(POST, { id: 3, keepConn, body: Buffer.from('body') }),
      record(Type.params, 2, PARAMS.subarray(5)),
      record(Type.params, 2),
      record(Type.getValues, 0, encodePairs({ FCGI_MPXS_CONNS: '' })),
      record(Type.stdin, 2),
    ]);
    const whole = run(wire);
    assert.equal(whole.length, 4);
    assert.equal(whole[3], `request 2 /a?${'q'.repeat(200)} `);
    for (let cut = 1; cut < wire.length; cut++) {
      assert.deepEqual(run(wire.subarray(0, cut), wire.subarray(cut)), whole, `cut at ${cut}`);
    }
    assert.deepEqual(run(...Array.from(wire, (byte) => Buffer.of(byte))), whole);
  });

  it('waits for the end of STDIN, also of a GET', () => {
    const { session, events } = trace();
    session.push(Buffer.concat([beginRecord(), streamRecords(Type.params, 1, PARAMS)]));
    assert.deepEqual(events, []);
    assert.equal(session.isReading, true);
    session.push(record(Type.stdin, 1));
    assert.equal(events.length, 1);
    assert.equal(session.isReading, false);
  });

  it('joins PARAMS and STDIN from many records, in any order', () => {
    const body = Buffer.from('the body of it');
    const params = encodePairs(POST);
    const records = [beginRecord(), ...Array.from(body, (byte) => record(Type.stdin, 1, Buffer.of(byte)))];
    records.push(
      record(Type.stdin, 1),
      ...Array.from(params, (byte) => record(Type.params, 1, Buffer.of(byte))),
    );
    assert.deepEqual(run(...records, record(Type.params, 1)), ['request 1 /p the body of it']);
  });

  it('does not change the chunks that it was given', () => {
    const first = beginRecord();
    const pieces = [record(Type.stdin, 1, Buffer.from('one')), record(Type.stdin, 1, Buffer.from('two'))];
    const before = pieces.map((piece) => piece.toString('hex'));
    assert.deepEqual(
      run(first, streamRecords(Type.params, 1, encodePairs(POST)), ...pieces, record(Type.stdin, 1)),
      ['request 1 /p onetwo'],
    );
    assert.deepEqual(
      pieces.map((piece) => piece.toString('hex')),
      before,
    );
  });

  it('drops the body of a GET, however long', () => {
    assert.deepEqual(run(requestRecords(cgiParams('/g'), { body: Buffer.alloc(5000) })), ['request 1 /g ']);
  });

  it('answers several requests at once, in any order', () => {
    const { session, events, exchanges } = trace(false);
    session.push(requestRecords(cgiParams('/1'), { id: 1, keepConn }));
    session.push(requestRecords(cgiParams('/2'), { id: 2, keepConn }));
    assert.deepEqual(events, ['request 1 /1 ', 'request 2 /2 ']);
    session.finish(exchanges[1]!);
    session.push(requestRecords(cgiParams('/3'), { id: 2, keepConn }));
    session.finish(exchanges[0]!);
    assert.equal(session.isIdle, false);
    session.finish(exchanges[2]!);
    assert.equal(session.isIdle, true);
    assert.equal(session.isDone, false);
  });

  it('is done after the answer to a request without KEEP_CONN, not before others are answered', () => {
    const { session, exchanges } = trace(false);
    session.push(requestRecords(cgiParams('/1'), { id: 1 }));
    session.push(requestRecords(cgiParams('/2'), { id: 2, keepConn }));
    session.finish(exchanges[0]!);
    assert.equal(session.isDone, false);
    session.finish(exchanges[1]!);
    assert.equal(session.isDone, true);
  });

  it('ignores records of an id that is not in use, and DATA, and streams that have ended', () => {
    const noise = [
      record(Type.params, 9, Buffer.from('junk')),
      record(Type.stdin, 9),
      record(Type.abort, 9),
      record(Type.data, 1, Buffer.from('junk')),
      record(99, 1, Buffer.from('junk')),
      record(Type.params, 1, Buffer.from('junk')),
    ];
    const { session, events } = trace(false);
    session.push(Buffer.concat([beginRecord(), streamRecords(Type.params, 1, PARAMS), ...noise]));
    session.push(Buffer.concat([record(Type.stdin, 1), record(Type.stdin, 1), record(Type.params, 1)]));
    assert.equal(events.length, 1);
  });

  it('throws at a second BEGIN of an id that is in use', () => {
    assert.throws(() => run(beginRecord(), beginRecord()), isBadRequest);
  });

  it('throws at a BEGIN that is too short', () => {
    assert.throws(() => run(record(Type.begin, 1, Buffer.of(0, 1, 0))), isBadRequest);
  });

  it('throws at parameters that do not fit their record', () => {
    const params = streamRecords(Type.params, 1, Buffer.from('\x05\x7fabc'));
    assert.throws(() => run(beginRecord(), params), isBadRequest);
  });

  it('aborts a request that is being answered, and answers that at once', () => {
    const { session, events, exchanges } = trace(false);
    session.push(requestRecords(cgiParams('/1'), { keepConn }));
    session.push(record(Type.abort, 1));
    assert.deepEqual(events.slice(1), ['aborted 1', endRecord(1, 0)]);
    assert.equal(exchanges[0]?.isAnswered, true);
    assert.equal(session.isIdle, true);
    session.push(record(Type.abort, 1));
    assert.equal(events.length, 3);
  });

  it('aborts a request that has not arrived yet', () => {
    assert.deepEqual(run(beginRecord(), record(Type.abort, 1)), ['aborted 1', endRecord(1, 0)]);
  });

  it('aborts all that is not answered when the connection ends', () => {
    const { session, events, exchanges } = trace(false);
    for (const id of [1, 2, 3]) session.push(requestRecords(cgiParams('/'), { id, keepConn }));
    session.finish(exchanges[1]!);
    session.abortAll();
    assert.deepEqual(events.slice(3), ['aborted 1', 'aborted 3']);
    assert.equal(session.isIdle, true);
  });

  it('turns other roles away', () => {
    for (const role of [2, 3, 77]) {
      const { session, events } = trace();
      session.push(requestRecords(cgiParams('/'), { role }));
      assert.deepEqual(events, [endRecord(1, 3)]);
      assert.equal(session.isDone, true);
    }
  });

  it('awaits no STDIN of an authorizer', () => {
    const { session } = trace();
    session.push(Buffer.concat([beginRecord({ role: 2, keepConn }), streamRecords(Type.params, 1, PARAMS)]));
    assert.deepEqual([session.isReading, session.isIdle], [false, true]);
  });

  it('turns away more requests at once than it may have', () => {
    const { session, events } = trace(false);
    for (const id of [1, 2, 3, 4]) session.push(requestRecords(cgiParams('/'), { id, keepConn }));
    assert.equal(events[3], endRecord(4, 2));
    assert.equal(events.length, 4);
  });

  it('refuses parameters over the limit with 400, once, and goes on with the next request', () => {
    const long = cgiParams(`/${'x'.repeat(LIMITS.maxParamBytes)}`);
    const body = Buffer.alloc(10);
    assert.deepEqual(
      run(requestRecords(long, { keepConn, body }), requestRecords(cgiParams('/next'), { keepConn })),
      ['refused 1 400', 'request 1 /next '],
    );
  });

  it('refuses a body over the limit with 413, once', () => {
    const piece = record(Type.stdin, 1, Buffer.alloc(400));
    const { session, events } = trace();
    session.push(
      Buffer.concat([beginRecord(), streamRecords(Type.params, 1, encodePairs(POST)), piece, piece]),
    );
    assert.deepEqual(events, []);
    session.push(Buffer.concat([piece, piece]));
    assert.deepEqual(events, ['refused 1 413']);
    assert.deepEqual([session.isDone, session.isReading], [true, true]);
    session.push(record(Type.stdin, 1));
    assert.deepEqual([session.isDone, session.isReading, session.isIdle], [true, false, true]);
  });

  it('takes a body of just the limit', () => {
    const [event = ''] = run(requestRecords(POST, { body: Buffer.alloc(LIMITS.maxBodyBytes, 'x') }));
    assert.equal(event, `request 1 /p ${'x'.repeat(LIMITS.maxBodyBytes)}`);
  });

  it('refuses an announced body over the limit before it comes', () => {
    const params = cgiParams('/p', { method: 'POST', contentLength: LIMITS.maxBodyBytes + 1 });
    assert.deepEqual(run(beginRecord(), streamRecords(Type.params, 1, encodePairs(params))), [
      'refused 1 413',
    ]);
  });

  it('refuses a body that is not as long as announced', () => {
    const params = cgiParams('/p', { method: 'POST', contentLength: 10 });
    assert.deepEqual(run(requestRecords(params, { body: Buffer.from('short') })), ['refused 1 400']);
    assert.deepEqual(run(requestRecords(params, { body: Buffer.from('just right') })), [
      'request 1 /p just right',
    ]);
  });

  it('lets an id be used again while the rest of a refused request is still coming', () => {
    const { session, events } = trace();
    const params = cgiParams('/p', { method: 'POST', contentLength: 5000 });
    session.push(
      Buffer.concat([beginRecord({ keepConn }), streamRecords(Type.params, 1, encodePairs(params))]),
    );
    session.push(requestRecords(cgiParams('/again'), { keepConn }));
    assert.deepEqual(events, ['refused 1 413', 'request 1 /again ']);
  });

  it('answers GET_VALUES with what it is asked for and knows', () => {
    const asked = {
      FCGI_MAX_CONNS: '',
      FCGI_MAX_REQS: '',
      FCGI_MPXS_CONNS: '',
      FCGI_OTHER: '',
      constructor: '',
    };
    const [reply = ''] = run(record(Type.getValues, 0, encodePairs(asked)));
    const bytes = Buffer.from(reply.slice('reply '.length), 'hex');
    const expected = encodePairs({ FCGI_MAX_CONNS: '1024', FCGI_MAX_REQS: '1024', FCGI_MPXS_CONNS: '1' });
    assert.deepEqual([bytes[1], bytes.readUInt16BE(2)], [Type.getValuesResult, 0]);
    assert.deepEqual(bytes.subarray(8, 8 + bytes.readUInt16BE(4)), expected);
  });

  it('says of every other management record that it does not know it', () => {
    for (const type of [1, 5, 12, 200]) {
      const unknown = record(Type.unknownType, 0, Buffer.of(type, 0, 0, 0, 0, 0, 0, 0));
      assert.deepEqual(run(record(type, 0, Buffer.from('content'))), [`reply ${unknown.toString('hex')}`]);
    }
  });

  it('throws at GET_VALUES that hold no pairs', () => {
    assert.throws(() => run(record(Type.getValues, 0, Buffer.of(3))), isBadRequest);
  });

  it('reads nothing while it is paused', () => {
    const { session, events } = trace();
    session.pause();
    session.push(requestRecords(cgiParams('/'), { keepConn }));
    assert.deepEqual(events, []);
    session.resume();
    assert.equal(events.length, 1);
  });

  it('knows whether a request was ever begun', () => {
    const { session } = trace();
    session.push(record(Type.getValues, 0));
    assert.equal(session.hasBegun, false);
    session.push(beginRecord());
    assert.equal(session.hasBegun, true);
  });
});
