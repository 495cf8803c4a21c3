/** A small FastCGI client for tests: what a web server does, and what a broken one might. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';

export type Where = { readonly path: string } | { readonly host?: string; readonly port: number };

export type CgiEnvironment = Readonly<Record<string, string>>;

export interface FcgiAnswer {
  readonly status: number;
  /** Names in lower case; values of a repeated name are joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly stderr: Buffer;
  readonly appStatus: number;
  readonly protocolStatus: number;
}

export interface RequestOptions {
  /** 1 when not given. */
  readonly id?: number;
  readonly body?: Uint8Array;
  /** Sets FCGI_KEEP_CONN. */
  readonly keepConn?: boolean;
  /** 1, the responder, when not given. */
  readonly role?: number;
}

export const Type = {
  begin: 1,
  abort: 2,
  end: 3,
  params: 4,
  stdin: 5,
  stdout: 6,
  stderr: 7,
  data: 8,
  getValues: 9,
  getValuesResult: 10,
  unknownType: 11,
} as const;

const HEADER_BYTES = 8;
const MAX_CONTENT_BYTES = 65_535;
const EMPTY = Buffer.alloc(0);

/** One record; `padding` zeros follow the content. */
export function record(type: number, id: number, content: Uint8Array = EMPTY, padding = 0): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + content.length + padding);
  bytes.writeUInt8(1, 0);
  bytes.writeUInt8(type, 1);
  bytes.writeUInt16BE(id, 2);
  bytes.writeUInt16BE(content.length, 4);
  bytes.writeUInt8(padding, 6);
  bytes.set(content, HEADER_BYTES);
  return bytes;
}

function encodeLength(length: number): Buffer {
  if (length < 128) return Buffer.of(length);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  bytes[0]! |= 0x80;
  return bytes;
}

/** Name-value pairs. */
export function encodePairs(pairs: CgiEnvironment): Buffer {
  const parts = Object.entries(pairs).flatMap(([name, value]) => {
    const [nameBytes, valueBytes] = [Buffer.from(name), Buffer.from(value)];
    return [encodeLength(nameBytes.length), encodeLength(valueBytes.length), nameBytes, valueBytes];
  });
  return Buffer.concat(parts);
}

/** A stream of one type: its records, then the empty one that ends it. */
export function streamRecords(type: number, id: number, content: Uint8Array): Buffer {
  const records: Buffer[] = [];
  for (let at = 0; at < content.length; at += MAX_CONTENT_BYTES) {
    records.push(record(type, id, content.subarray(at, at + MAX_CONTENT_BYTES)));
  }
  return Buffer.concat([...records, record(type, id)]);
}

export function beginRecord({ id = 1, keepConn = false, role = 1 }: RequestOptions = {}): Buffer {
  return record(Type.begin, id, Buffer.of(role >> 8, role & 0xff, keepConn ? 1 : 0, 0, 0, 0, 0, 0));
}

/** All records of one request, as nginx sends them. */
export function requestRecords(params: CgiEnvironment, options: RequestOptions = {}): Buffer {
  const { id = 1, body = EMPTY } = options;
  return Buffer.concat([
    beginRecord(options),
    streamRecords(Type.params, id, encodePairs(params)),
    streamRecords(Type.stdin, id, body),
  ]);
}

export interface CgiOptions {
  readonly method?: string;
  readonly host?: string;
  /** Request headers by their HTTP names. */
  readonly headers?: Readonly<Record<string, string>>;
  /** When it is not what follows `?` in the URI. */
  readonly query?: string;
  readonly contentLength?: number;
}

/** The parameters that nginx sends for `uri`, a path with a query string. */
export function cgiParams(uri: string, options: CgiOptions = {}): CgiEnvironment {
  const { method = 'GET', host = 'example.org', headers = {}, contentLength } = options;
  const [path = '', query = ''] = uri.split(/\?(.*)/s);
  const params: Record<string, string> = {
    QUERY_STRING: options.query ?? query,
    REQUEST_METHOD: method,
    CONTENT_TYPE: '',
    CONTENT_LENGTH: contentLength === undefined ? '' : String(contentLength),
    SCRIPT_NAME: path,
    REQUEST_URI: uri,
    DOCUMENT_ROOT: '/var/www/html',
    SERVER_PROTOCOL: 'HTTP/1.1',
    REQUEST_SCHEME: 'http',
    GATEWAY_INTERFACE: 'CGI/1.1',
    REMOTE_ADDR: '127.0.0.1',
    REMOTE_PORT: '51234',
    SERVER_NAME: host,
    SERVER_PORT: '80',
    HTTP_HOST: host,
  };
  for (const [name, value] of Object.entries(headers)) {
    params[`HTTP_${name.toUpperCase().replaceAll('-', '_')}`] = value;
  }
  return params;
}

interface Waiting {
  readonly stdout: Buffer[];
  readonly stderr: Buffer[];
  readonly resolve: (answer: FcgiAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** One connection; several requests can be under way, each with its own id. */
export class FcgiClient {
  readonly socket: Socket;
  /** Resolves when the connection is closed, for whatever reason. */
  readonly closed: Promise<void>;
  #unread: Buffer = EMPTY;
  readonly #waiting = new Map<number, Waiting>();
  readonly #management: { type: number; content: Buffer }[] = [];
  #onManagement: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', (error) => this.#fail(error));
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#fail(new Error('the connection was closed before END_REQUEST'));
        resolve();
      });
    });
  }

  static connect(where: Where): Promise<FcgiClient> {
    return new Promise((resolve, reject) => {
      const socket = connect('path' in where ? { path: where.path } : { host: '127.0.0.1', ...where });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new FcgiClient(socket));
      });
    });
  }

  send(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  /** Sends a whole request. */
  request(params: CgiEnvironment, options: RequestOptions = {}): Promise<FcgiAnswer> {
    const answer = this.answerTo(options.id ?? 1);
    this.send(requestRecords(params, options));
    return answer;
  }

  /** The answer to a request whose records are sent with `send`. */
  answerTo(id: number): Promise<FcgiAnswer> {
    // Nothing more is told of a socket that has been closed since the last answer.
    if (this.socket.destroyed)
      return Promise.reject(new Error('the connection was closed before the request'));
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { stdout: [], stderr: [], resolve, reject });
    });
  }

  /** The next management record. */
  async management(): Promise<{ readonly type: number; readonly content: Buffer }> {
    for (;;) {
      const first = this.#management.shift();
      if (first !== undefined) return first;
      await new Promise<void>((resolve) => (this.#onManagement = resolve));
    }
  }

  /** Leaves without a word. */
  destroy(): void {
    this.socket.destroy();
  }

  #read(chunk: Buffer): void {
    const bytes = this.#unread.length === 0 ? chunk : Buffer.concat([this.#unread, chunk]);
    let at = 0;
    while (bytes.length - at >= HEADER_BYTES) {
      const length = bytes.readUInt16BE(at + 4);
      const end = at + HEADER_BYTES + length + bytes.readUInt8(at + 6);
      if (end > bytes.length) break;
      const start = at + HEADER_BYTES;
      this.#onRecord(
        bytes.readUInt8(at + 1),
        bytes.readUInt16BE(at + 2),
        bytes.subarray(start, start + length),
      );
      at = end;
    }
    this.#unread = bytes.subarray(at);
  }

  #onRecord(type: number, id: number, content: Buffer): void {
    if (id === 0) {
      this.#management.push({ type, content });
      this.#onManagement?.();
      return;
    }
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    if (type === Type.stdout) waiting.stdout.push(content);
    else if (type === Type.stderr) waiting.stderr.push(content);
    else if (type === Type.end) {
      this.#waiting.delete(id);
      waiting.resolve(parseAnswer(waiting, content));
    }
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

function parseAnswer({ stdout, stderr }: Waiting, end: Buffer): FcgiAnswer {
  const output = Buffer.concat(stdout);
  const headEnd = output.indexOf('\r\n\r\n');
  const head = headEnd < 0 ? '' : output.toString('utf8', 0, headEnd);
  const headers: Record<string, string> = {};
  for (const line of head.split('\r\n').filter((text) => text !== '')) {
    const [name = '', value = ''] = line.split(/:\s*(.*)/s);
    const key = name.toLowerCase();
    const former = headers[key];
    headers[key] = former === undefined ? value : `${former}, ${value}`;
  }
  return {
    status: Number.parseInt(headers['status'] ?? '200', 10),
    headers,
    body: headEnd < 0 ? EMPTY : output.subarray(headEnd + 4),
    stderr: Buffer.concat(stderr),
    appStatus: end.readUInt32BE(0),
    protocolStatus: end.readUInt8(4),
  };
}

/** One request on a connection of its own, as nginx does by default. */
export async function fcgiRequest(
  where: Where,
  params: CgiEnvironment,
  options: RequestOptions = {},
): Promise<FcgiAnswer> {
  const client = await FcgiClient.connect(where);
  try {
    return await client.request(params, options);
  } finally {
    client.destroy();
  }
}
