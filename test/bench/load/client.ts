/** One client: asks, waits for the whole answer, asks again, over one connection or over one for each request. */
import { connect, type OnReadOpts, type Socket } from 'node:net';
import type { Address } from './job.ts';
import { AnswerReader } from './wire.ts';

/** A request to send, in a client's words. */
export interface Turn {
  readonly bytes: Buffer;
  readonly keepsBody: boolean;
}

export interface ClientEvents {
  /** The next request, or `undefined` when this client is to stop. */
  next(client: Client): Turn | undefined;
  onAnswer(client: Client, answer: AnswerReader): void;
  onFailure(client: Client, reason: string): void;
}

const READ_BYTES = 256 * 1024;

export class Client {
  /** Whether another request follows each answer. */
  #goesOn = true;
  readonly answer = new AnswerReader();
  readonly #address: Address;
  readonly #keepAlive: boolean;
  readonly #events: ClientEvents;
  readonly #onread: OnReadOpts;
  #socket: Socket | undefined;
  #isAsking = false;

  constructor(address: Address, keepAlive: boolean, events: ClientEvents) {
    this.#address = address;
    this.#keepAlive = keepAlive;
    this.#events = events;
    this.#onread = {
      buffer: Buffer.allocUnsafeSlow(READ_BYTES),
      callback: (bytes, buffer) => this.#onData(bytes, buffer),
    };
  }

  /** Sends the next request, if there is one. */
  ask(): void {
    const turn = this.#events.next(this);
    if (turn === undefined) return this.stop();
    this.answer.begin(turn.keepsBody);
    this.#isAsking = true;
    this.#socket ??= this.#open();
    this.#socket.write(turn.bytes);
  }

  /** Sends one request; a kept connection then stays open until `stop`. */
  askOnce(): void {
    this.#goesOn = false;
    this.ask();
  }

  stop(): void {
    this.#isAsking = false;
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #open(): Socket {
    const where =
      this.#address.kind === 'unix'
        ? { path: this.#address.path }
        : { host: this.#address.host, port: this.#address.port };
    const socket = connect({ ...where, onread: this.#onread, noDelay: true });
    socket.on('error', (error: NodeJS.ErrnoException) => this.#onLost(socket, error.code ?? error.message));
    socket.on('close', () => this.#onLost(socket, 'closed before the answer was complete'));
    return socket;
  }

  #onData(bytes: number, buffer: Uint8Array): boolean {
    if (!this.#isAsking || !this.answer.push(asBuffer(buffer, bytes))) return true;
    this.#isAsking = false;
    if (!this.#keepAlive) this.stop();
    this.#events.onAnswer(this, this.answer);
    if (this.#goesOn) this.ask();
    return true;
  }

  #onLost(socket: Socket, reason: string): void {
    if (socket !== this.#socket) return;
    this.#socket = undefined;
    if (!this.#isAsking) return;
    this.#isAsking = false;
    socket.destroy();
    this.#events.onFailure(this, reason);
    if (this.#goesOn) this.ask();
  }
}

const asBuffer = (bytes: Uint8Array, length: number): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, length);
