/** The protocol of one FastCGI connection without its socket: from chunks to whole requests. */
import { ServerError } from '../../errors.ts';
import type { Request } from '../request.ts';
import { Exchange } from './exchange.ts';
import { answerManagement } from './management.ts';
import { announcedBytes, parseParams, requestFromParams } from './params.ts';
import { RecordReader } from './record-reader.ts';
import { encodeEndRequest, KEEP_CONN, MANAGEMENT_ID, ProtocolStatus, RecordType, Role } from './records.ts';

export interface SessionLimits {
  readonly maxParamBytes: number;
  readonly maxBodyBytes: number;
  /** Requests at once on one connection. */
  readonly maxRequests: number;
}

/** What a session says to its connection, in the order in which the records came. */
export interface SessionEvents {
  /** A request is whole. The connection answers it and then calls `finish`. */
  onRequest(exchange: Exchange, request: Request): void;
  /** A request is turned away. The connection sends `error` as its answer. */
  onRefused(exchange: Exchange, error: ServerError): void;
  /** The web server no longer wants the answer. */
  onAborted(exchange: Exchange): void;
  /** A record that is to be sent as it is. */
  onReply(record: Buffer): void;
}

const BEGIN_BODY_BYTES = 8;

/**
 * Requests that were answered before all of their input came (a body over the limit) stay until the rest has come,
 * or until their id is used again.
 */
export class Session {
  readonly #events: SessionEvents;
  readonly #limits: SessionLimits;
  readonly #reader: RecordReader;
  readonly #exchanges = new Map<number, Exchange>();
  #isClosing = false;
  #hasBegun = false;

  constructor(limits: SessionLimits, events: SessionEvents) {
    this.#limits = limits;
    this.#events = events;
    this.#reader = new RecordReader((type, id, content) => this.#onRecord(type, id, content));
  }

  /** Reads `chunk`. @throws ServerError `bad-request`: the connection can't be understood any further. */
  push(chunk: Buffer): void {
    this.#reader.push(chunk);
  }

  /** Reads nothing until `resume`; may be called from inside an event. */
  pause(): void {
    this.#reader.pause();
  }

  /** @throws ServerError like `push`. */
  resume(): void {
    this.#reader.resume();
  }

  /** The answer was sent whole, END_REQUEST included. To be called once, and not for an aborted request. */
  finish(exchange: Exchange): void {
    exchange.isAnswered = true;
    if (exchange.isInputEnded) this.#forget(exchange);
  }

  /** Ends everything: aborts what is not answered. */
  abortAll(): void {
    for (const exchange of this.#exchanges.values()) if (!exchange.isAnswered) this.#abort(exchange);
    this.#exchanges.clear();
  }

  /** No request is under way. */
  get isIdle(): boolean {
    return this.#exchanges.size === 0;
  }

  /** A request was begun at some time. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** All is answered, and the web server wants the connection closed then. */
  get isDone(): boolean {
    if (!this.#isClosing) return false;
    for (const exchange of this.#exchanges.values()) if (!exchange.isAnswered) return false;
    return true;
  }

  /** Something has begun to arrive, and its rest has not come. */
  get isReading(): boolean {
    if (this.#reader.isMidRecord) return true;
    for (const exchange of this.#exchanges.values()) if (!exchange.isInputEnded) return true;
    return false;
  }

  #onRecord(type: number, id: number, content: Buffer): void {
    if (id === MANAGEMENT_ID) return this.#events.onReply(answerManagement(type, content));
    if (type === RecordType.beginRequest) return this.#begin(id, content);
    // Of an id that is not in use every other record is ignored (section 3.3).
    const exchange = this.#exchanges.get(id);
    if (exchange === undefined) return;
    if (type === RecordType.params) this.#onParams(exchange, content);
    else if (type === RecordType.stdin) this.#onStdin(exchange, content);
    else if (type === RecordType.abortRequest) this.#onAbort(exchange);
  }

  /** BEGIN_REQUEST: role high, role low, flags, five reserved (section 5.1). */
  #begin(id: number, content: Buffer): void {
    if (content.length < BEGIN_BODY_BYTES)
      throw new ServerError('bad-request', 'a BEGIN_REQUEST that is too short');
    const former = this.#exchanges.get(id);
    if (former !== undefined && !former.isAnswered) {
      throw new ServerError('bad-request', 'a BEGIN_REQUEST for an id that is in use');
    }
    const role = (content[0]! << 8) | content[1]!;
    if ((content[2]! & KEEP_CONN) === 0) this.#isClosing = true;
    this.#hasBegun = true;
    if (former === undefined && this.#exchanges.size >= this.#limits.maxRequests) {
      return this.#events.onReply(encodeEndRequest(id, ProtocolStatus.overloaded));
    }
    const exchange = new Exchange(id);
    this.#exchanges.set(id, exchange);
    if (role !== Role.responder) this.#rejectRole(exchange, role);
  }

  #rejectRole(exchange: Exchange, role: number): void {
    // An authorizer is sent no STDIN (section 6.3).
    exchange.isStdinEnded = role === Role.authorizer;
    exchange.isAnswered = true;
    this.#events.onReply(encodeEndRequest(exchange.id, ProtocolStatus.unknownRole));
  }

  #onParams(exchange: Exchange, content: Buffer): void {
    if (exchange.isParamsEnded) return;
    if (content.length === 0) {
      exchange.isParamsEnded = true;
      if (!exchange.isAnswered) this.#readParams(exchange);
      return this.#advance(exchange);
    }
    if (exchange.isAnswered) return;
    exchange.paramBytes.add(content);
    if (exchange.paramBytes.length > this.#limits.maxParamBytes) {
      this.#refuse(exchange, new ServerError('bad-request', 'request parameters are too long'));
    }
  }

  #readParams(exchange: Exchange): void {
    const params = parseParams(exchange.paramBytes.take());
    exchange.params = params;
    if (params.method !== 'POST') exchange.body.clear();
    else if ((announcedBytes(params) ?? 0) > this.#limits.maxBodyBytes) this.#refuseBody(exchange);
  }

  #onStdin(exchange: Exchange, content: Buffer): void {
    if (exchange.isStdinEnded) return;
    if (content.length === 0) {
      exchange.isStdinEnded = true;
      return this.#advance(exchange);
    }
    const isWanted = exchange.params === undefined || exchange.params.method === 'POST';
    if (exchange.isAnswered || !isWanted) return;
    exchange.body.add(content);
    if (exchange.body.length > this.#limits.maxBodyBytes) this.#refuseBody(exchange);
  }

  /** After PARAMS or STDIN has ended. */
  #advance(exchange: Exchange): void {
    if (!exchange.isInputEnded) return;
    if (exchange.isAnswered) return this.#forget(exchange);
    if (exchange.params === undefined) return;
    const { params } = exchange;
    const body = exchange.body.take();
    // Section 6.2: a body that is not as long as announced was cut off on its way.
    if (params.method === 'POST' && (announcedBytes(params) ?? body.length) !== body.length) {
      return this.#refuse(exchange, new ServerError('bad-request', 'the body is not as long as announced'));
    }
    this.#events.onRequest(exchange, requestFromParams(params, body));
  }

  #refuseBody(exchange: Exchange): void {
    this.#refuse(
      exchange,
      new ServerError('too-large', `a body may have ${this.#limits.maxBodyBytes} bytes at most`),
    );
  }

  #refuse(exchange: Exchange, error: ServerError): void {
    exchange.paramBytes.clear();
    exchange.body.clear();
    this.#events.onRefused(exchange, error);
    this.finish(exchange);
  }

  #onAbort(exchange: Exchange): void {
    if (exchange.isAnswered) return;
    this.#abort(exchange);
    this.#forget(exchange);
    this.#events.onReply(encodeEndRequest(exchange.id, ProtocolStatus.requestComplete));
  }

  #abort(exchange: Exchange): void {
    exchange.isAnswered = true;
    this.#events.onAborted(exchange);
  }

  #forget(exchange: Exchange): void {
    this.#exchanges.delete(exchange.id);
  }
}
