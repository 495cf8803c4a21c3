/**
 * One memcached, over one connection. Whoever asks waits for a moment at most, and once: a server that does not
 * answer is left alone, knocked at from time to time, and asked again when it lives.
 */
import net from 'node:net';
import type { Log } from '../../log.ts';
import {
  encodeRequest, OPCODE, ResponseReader, setExtras, STATUS, type ResponseMessage,
} from './messages.ts'; // prettier-ignore

export interface ServerOptions {
  readonly host: string;
  readonly port: number;
  /** Empty: none; else SASL PLAIN. */
  readonly username: string;
  readonly password: string;
  /** How long somebody waits for an answer. */
  readonly patienceMs: number;
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** It is asked from now on, or is not any more. */
  readonly onState?: (isUp: boolean) => void;
}

/** `up`: is asked. `connecting` and `down`: is not. */
export type ServerState = 'connecting' | 'up' | 'down';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
const CONNECT_MS = 2_000;

/** Values that wait to be sent; while there are more, no value is stored. */
const MAX_UNSENT_BYTES = 8 * 2 ** 20;

/** Of an item, besides key and value. */
const ITEM_OVERHEAD_BYTES = 512;
const DEFAULT_ITEM_BYTES = 2 ** 20;

interface Waiting {
  readonly settle: (value: Buffer | undefined) => void;
  readonly timer: NodeJS.Timeout;
}

export class MemcachedServer {
  readonly name: string;
  readonly #options: ServerOptions;
  readonly #waiting = new Map<number, Waiting>();
  #socket: net.Socket | undefined;
  #state: ServerState = 'connecting';
  #lastOpaque = 0;
  #pauseMs = FIRST_PAUSE_MS;
  #knock: NodeJS.Timeout | undefined;
  #maxItemBytes = DEFAULT_ITEM_BYTES;
  #isClosed = false;
  /** How often it was found not to answer. */
  trips = 0;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.name = `${options.host}:${options.port}`;
    this.#connect();
  }

  get state(): ServerState {
    return this.#state;
  }

  /** Key and value of more bytes are not stored; learned from the server. */
  get maxItemBytes(): number {
    return this.#maxItemBytes;
  }

  /** The value; undefined when there is none, or the server does not say in time. Never rejects. */
  get(key: string): Promise<Buffer | undefined> | undefined {
    const socket = this.#socket;
    if (this.#state !== 'up' || socket === undefined) return undefined;
    const opaque = this.#nextOpaque();
    return new Promise((settle) => {
      const timer = setTimeout(() => {
        // An answer may have come while this thread was busy: it is looked at first.
        setImmediate(() => {
          if (this.#waiting.has(opaque)) this.#fail('it does not answer in time');
        });
      }, this.#options.patienceMs);
      this.#waiting.set(opaque, { settle, timer });
      socket.write(encodeRequest({ opcode: OPCODE.get, opaque, key }));
    });
  }

  /** Stores without waiting; whether it was tried. */
  set(key: string, value: Uint8Array, expirySeconds: number): boolean {
    const socket = this.#socket;
    if (this.#state !== 'up' || socket === undefined || socket.writableLength > MAX_UNSENT_BYTES)
      return false;
    if (key.length + value.length > this.#maxItemBytes) return false;
    const extras = setExtras(expirySeconds);
    const opaque = this.#nextOpaque();
    socket.cork();
    socket.write(encodeRequest({ opcode: OPCODE.setQuietly, opaque, key, extras, value }));
    socket.write(value);
    socket.uncork();
    return true;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#knock);
    this.#giveUp();
  }

  #connect(): void {
    const { host, port } = this.#options;
    const socket = net.connect({ host, port, noDelay: true, keepAlive: true });
    const reader = new ResponseReader();
    this.#socket = socket;
    socket.unref();
    socket.setTimeout(CONNECT_MS, () => this.#fail('it cannot be reached in time'));
    socket.on('connect', () => this.#greet(socket));
    socket.on('error', (cause) => socket === this.#socket && this.#fail(cause.message));
    socket.on('close', () => socket === this.#socket && this.#fail('it closed the connection'));
    socket.on('data', (piece) => {
      try {
        for (const message of reader.read(piece)) if (socket === this.#socket) this.#take(message);
      } catch (thrown) {
        this.#fail(thrown instanceof Error ? thrown.message : String(thrown));
      }
    });
  }

  /** It is up when it has answered: a stopped process takes connections, too. */
  #greet(socket: net.Socket): void {
    const { username, password } = this.#options;
    if (username !== '') {
      const value = Buffer.from(`\0${username}\0${password}`);
      const message = { opcode: OPCODE.authenticate, opaque: 0, key: 'PLAIN', value };
      socket.write(Buffer.concat([encodeRequest(message), value]));
    }
    socket.write(encodeRequest({ opcode: OPCODE.stat, opaque: 0, key: 'settings' }));
  }

  #take(message: ResponseMessage): void {
    const { opcode, status, opaque, key, value } = message;
    if (opcode === OPCODE.authenticate && status !== STATUS.ok) this.#fail('it refuses the user or password');
    else if (opcode === OPCODE.stat) this.#takeSetting(key.toString('latin1'), value, status);
    else if (opcode === OPCODE.get) this.#settle(opaque, status === STATUS.ok ? value : undefined);
    // A refused value (too large, out of memory) is not stored, and that is all.
  }

  /** `item_size_max` among the settings; an empty key is the end. Servers that keep them secret are up as well. */
  #takeSetting(name: string, value: Buffer, status: number): void {
    const size = Number(value.toString('latin1'));
    if (name === 'item_size_max' && size > ITEM_OVERHEAD_BYTES)
      this.#maxItemBytes = size - ITEM_OVERHEAD_BYTES;
    if ((name !== '' && status === STATUS.ok) || this.#state === 'up') return;
    if (this.#state === 'down') this.#options.log.info({ memcached: this.name }, 'memcached is back');
    this.#state = 'up';
    this.#options.onState?.(true);
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#socket?.setTimeout(0);
  }

  #settle(opaque: number, value: Buffer | undefined): void {
    const waiting = this.#waiting.get(opaque);
    if (waiting === undefined) return;
    this.#waiting.delete(opaque);
    clearTimeout(waiting.timer);
    waiting.settle(value);
  }

  /** Nobody waits any longer; the server is knocked at later. */
  #fail(reason: string): void {
    if (this.#isClosed) return;
    if (this.#state !== 'down') {
      this.trips++;
      this.#options.log.warn(
        { memcached: this.name, reason },
        'memcached is left alone until it answers again',
      );
      this.#options.onState?.(false);
    }
    this.#state = 'down';
    this.#giveUp();
    clearTimeout(this.#knock);
    this.#knock = setTimeout(() => this.#connect(), this.#pauseMs);
    this.#knock.unref();
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
  }

  #giveUp(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
    for (const opaque of [...this.#waiting.keys()]) this.#settle(opaque, undefined);
  }

  #nextOpaque(): number {
    this.#lastOpaque = (this.#lastOpaque % 0xfffffffe) + 1;
    return this.#lastOpaque;
  }
}
