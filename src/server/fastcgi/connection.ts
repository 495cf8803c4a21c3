/** One FastCGI connection: what its session understands is answered, and written at the pace of the reader. */
import type { Socket } from 'node:net';
import type { ServerError } from '../../errors.ts';
import type { ServerLog } from '../log.ts';
import { recycling } from '../../recycling.ts';
import { refusal } from '../refusal.ts';
import type { Request } from '../request.ts';
import type { Respond, Response } from '../response.ts';
import type { SpareControllers } from '../../spare-controllers.ts';
import type { Exchange } from './exchange.ts';
import { frameLargeResponse, frameResponse, LARGE_BODY } from './frame.ts';
import type { Slab } from './slab.ts';
import { Session } from './session.ts';
import type { SessionEvents, SessionLimits } from './session.ts';

export interface ConnectionLimits extends SessionLimits {
  /** Unsent bytes beyond which no further record is read. */
  readonly maxUnsentBytes: number;
  readonly readTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly writeTimeoutMs: number;
}

/** What all connections of one server share. */
export interface ConnectionHouse {
  readonly respond: Respond;
  readonly log: ServerLog;
  readonly limits: ConnectionLimits;
  readonly connections: Set<Connection>;
  readonly slab: Slab;
  /** Sweeps so far: a coarse clock that costs nothing to read. */
  sweeps: number;
  readonly sweepMs: number;
  readonly controllers: SpareControllers;
}

export class Connection implements SessionEvents {
  readonly #socket: Socket;
  readonly #house: ConnectionHouse;
  readonly #session: Session;
  #lastActiveSweep: number;
  #isClosing = false;
  #isLingering = false;
  #isPaused = false;
  #isWriteTimed = false;

  constructor(socket: Socket, house: ConnectionHouse) {
    this.#socket = socket;
    this.#house = house;
    this.#session = new Session(house.limits, this);
    this.#lastActiveSweep = house.sweeps;
    house.connections.add(this);
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('end', () => this.#onEnd());
    socket.on('error', (error) => this.#onError(error));
  }

  onRequest(exchange: Exchange, request: Request): void {
    const { respond, controllers } = this.#house;
    const controller = controllers.take();
    const answer = respond(request, controller.signal);
    if (!(answer instanceof Promise)) {
      controllers.giveBack(controller);
      this.#answer(exchange, answer);
      // What came at once was made for this request alone, and is framed by now.
      return recycling.giveBack(answer.body);
    }
    exchange.controller = controller;
    void answer.then((response) => {
      controllers.giveBack(controller);
      this.#answer(exchange, response);
      this.#closeIfDone();
    });
  }

  onRefused(exchange: Exchange, error: ServerError): void {
    this.#house.log.info({ kind: error.kind }, `refused: ${error.message}`);
    this.#send(frameResponse(refusal(error), exchange.id, this.#house.slab));
  }

  onAborted(exchange: Exchange): void {
    exchange.controller?.abort();
  }

  onReply(record: Buffer): void {
    this.#send(record);
  }

  /**
   * Closes if nothing is under way. A connection that has not begun a request has just been opened for one.
   *
   * @returns whether it did.
   */
  closeIfIdle(): boolean {
    if (this.#isClosing || !this.#session.isIdle || !this.#session.hasBegun) return false;
    this.#close();
    return true;
  }

  /** Breaks off what is under way. */
  destroy(): void {
    this.#isClosing = true;
    this.#house.connections.delete(this);
    this.#session.abortAll();
    this.#socket.destroy();
  }

  /** Called at every sweep: ends a connection that has been quiet for too long. */
  checkQuiet(): void {
    // What the client has not read yet is watched by the time-out for writing.
    if (this.#socket.writableLength > 0 || (this.#isClosing && !this.#isLingering)) return;
    const { readTimeoutMs, idleTimeoutMs } = this.#house.limits;
    const quietMs = this.#quietMs();
    if (this.#session.isReading && quietMs >= readTimeoutMs) {
      this.#house.log.info({ quietMs }, 'a FastCGI request did not arrive in time');
      this.destroy();
    } else if (this.#session.isIdle && quietMs >= idleTimeoutMs) {
      this.destroy();
    }
  }

  /** Nothing was read or answered for at least this long; the period in which that last happened does not count. */
  #quietMs(): number {
    return (this.#house.sweeps - this.#lastActiveSweep - 1) * this.#house.sweepMs;
  }

  #onData(chunk: Buffer): void {
    if (this.#isClosing) return;
    this.#lastActiveSweep = this.#house.sweeps;
    this.#read(chunk);
  }

  /** Reads `chunk`, or on from where reading was paused. */
  #read(chunk?: Buffer): void {
    try {
      if (chunk === undefined) this.#session.resume();
      else this.#session.push(chunk);
    } catch (thrown) {
      this.#house.log.warn({ err: thrown }, 'a FastCGI connection was ended: what it sent is no FastCGI');
      return this.destroy();
    }
    this.#closeIfDone();
  }

  /** The client has gone, or has at least said all that it will say: its unfinished requests are of no use. */
  #onEnd(): void {
    if (this.#isClosing && !this.#isLingering) return;
    this.#session.abortAll();
    this.#close();
  }

  #onError(error: Error): void {
    this.#house.log.debug({ err: error }, 'a FastCGI connection was lost');
    this.destroy();
  }

  #answer(exchange: Exchange, response: Response): void {
    if (exchange.isAnswered) return; // It was aborted meanwhile.
    this.#lastActiveSweep = this.#house.sweeps;
    if (response.body.length < LARGE_BODY) this.#send(frameResponse(response, exchange.id, this.#house.slab));
    else this.#sendPieces(frameLargeResponse(response, exchange.id));
    this.#session.finish(exchange);
  }

  #closeIfDone(): void {
    if (this.#isClosing) return;
    if (!this.#session.isDone) return;
    if (this.#session.isReading) {
      this.#linger();
    } else {
      this.#close();
    }
  }

  /** At once when everything is sent, which is quicker than half closing, else behind what is still to be sent. */
  #close(): void {
    this.#isClosing = true;
    if (this.#socket.writableLength === 0) return this.destroy();
    this.#socket.once('close', () => this.#house.connections.delete(this));
    this.#socket.destroySoon();
  }

  /**
   * Says that nothing more will come, and lets the client go first: to close on input that was not read would reset
   * the connection, and might take the answer along. What still comes is dropped.
   */
  #linger(): void {
    this.#isClosing = true;
    this.#isLingering = true;
    this.#socket.end();
    this.#socket.resume(); // A slow reader may have stopped the reading, in which the client's end is seen.
  }

  #send(bytes: Buffer): void {
    this.#socket.write(bytes);
    if (this.#socket.writableLength === 0) return this.#house.slab.giveBack(bytes);
    this.#watchUnsent();
  }

  /** In as few system calls as one buffer of them would take. */
  #sendPieces(pieces: readonly Uint8Array[]): void {
    this.#socket.cork();
    for (const piece of pieces) this.#socket.write(piece);
    this.#socket.uncork();
    this.#watchUnsent();
  }

  #watchUnsent(): void {
    const unsentBytes = this.#socket.writableLength;
    if (unsentBytes === 0) return;
    this.#timeWriting();
    if (unsentBytes > this.#house.limits.maxUnsentBytes) this.#pause();
  }

  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#session.pause();
    this.#socket.pause();
    this.#socket.once('drain', () => this.#resume());
  }

  #resume(): void {
    this.#isPaused = false;
    if (this.#isClosing) return;
    this.#lastActiveSweep = this.#house.sweeps;
    this.#read();
    if (!this.#isPaused) this.#socket.resume();
  }

  /** The socket's own time-out sees bytes of a half-written answer go; it is armed only where an answer waits. */
  #timeWriting(): void {
    this.#socket.setTimeout(this.#house.limits.writeTimeoutMs);
    if (this.#isWriteTimed) return;
    this.#isWriteTimed = true;
    this.#socket.on('timeout', () => this.#onWriteTimeout());
  }

  #onWriteTimeout(): void {
    if (this.#socket.writableLength === 0) {
      this.#socket.setTimeout(0);
      return;
    }
    this.#house.log.info({ unsentBytes: this.#socket.writableLength }, 'a FastCGI client stopped reading');
    this.destroy();
  }
}
