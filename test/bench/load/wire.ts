/** The client's side of FastCGI, as lean as it goes: requests are bytes made once, answers are read as they pass. */

const Type = { begin: 1, end: 3, params: 4, stdin: 5, stdout: 6 } as const;

const HEADER_BYTES = 8;

/** Bytes at the beginning and at the end of a body that are kept to judge it by. */
const EDGE_BYTES = 16;

const CR_LF_CR_LF = Buffer.from('\r\n\r\n');

function record(type: number, content: Uint8Array): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + content.length);
  bytes[0] = 1;
  bytes[1] = type;
  bytes[3] = 1;
  bytes.writeUInt16BE(content.length, 4);
  bytes.set(content, HEADER_BYTES);
  return bytes;
}

function pair(name: string, value: string): Buffer {
  const [nameBytes, valueBytes] = [Buffer.from(name), Buffer.from(value)];
  return Buffer.concat([lengthOf(nameBytes), lengthOf(valueBytes), nameBytes, valueBytes]);
}

function lengthOf({ length }: Buffer): Buffer {
  if (length < 128) return Buffer.of(length);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  bytes[0]! |= 0x80;
  return bytes;
}

/** A GET of `uri` (a path with a query string) in the parameters that nginx sends; fewer than 64 KB. */
export function requestBytes(uri: string, keepAlive: boolean): Buffer {
  const [path = '', query = ''] = uri.split(/\?(.*)/s);
  const params: readonly (readonly [string, string])[] = [
    ['QUERY_STRING', query],
    ['REQUEST_METHOD', 'GET'],
    ['CONTENT_TYPE', ''],
    ['CONTENT_LENGTH', ''],
    ['SCRIPT_NAME', path],
    ['REQUEST_URI', uri],
    ['DOCUMENT_URI', path],
    ['DOCUMENT_ROOT', '/var/www/html'],
    ['SERVER_PROTOCOL', 'HTTP/1.1'],
    ['REQUEST_SCHEME', 'http'],
    ['GATEWAY_INTERFACE', 'CGI/1.1'],
    ['SERVER_SOFTWARE', 'nginx/1.26.3'],
    ['REMOTE_ADDR', '192.0.2.1'],
    ['REMOTE_PORT', '54321'],
    ['SERVER_ADDR', '192.0.2.2'],
    ['SERVER_PORT', '80'],
    ['SERVER_NAME', 'images.example.org'],
    ['REDIRECT_STATUS', '200'],
    ['HTTP_HOST', 'images.example.org'],
    ['HTTP_USER_AGENT', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'],
    ['HTTP_ACCEPT', '*/*'],
    ['HTTP_ACCEPT_ENCODING', 'gzip, deflate'],
  ];
  const nothing = new Uint8Array(0);
  return Buffer.concat([
    record(Type.begin, Uint8Array.of(0, 1, keepAlive ? 1 : 0, 0, 0, 0, 0, 0)),
    record(Type.params, Buffer.concat(params.map(([name, value]) => pair(name, value)))),
    record(Type.params, nothing),
    record(Type.stdin, nothing),
  ]);
}

/** Reads one answer after another, in any split; only the edges of a body are kept, or all of it when asked. */
export class AnswerReader {
  /** As the header block says; 200 when it does not say, 0 when there is no header block. */
  status = 0;
  bodyBytes = 0;
  /** The first and the last bytes of the body; of a short one they overlap. */
  readonly first = Buffer.alloc(EDGE_BYTES);
  readonly last = Buffer.alloc(EDGE_BYTES);
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerBytes = 0;
  #type = 0;
  #contentLeft = 0;
  #paddingLeft = 0;
  #unfinishedHead: Buffer | undefined;
  #isInBody = false;
  #kept: Buffer[] | undefined;

  /** Gets ready for the next answer. */
  begin(keepsBody: boolean): void {
    this.status = 0;
    this.bodyBytes = 0;
    this.#type = 0;
    this.#headerBytes = 0;
    this.#contentLeft = 0;
    this.#paddingLeft = 0;
    this.#unfinishedHead = undefined;
    this.#isInBody = false;
    this.#kept = keepsBody ? [] : undefined;
  }

  /** The whole body, when that was asked for. */
  get body(): Buffer {
    return Buffer.concat(this.#kept ?? []);
  }

  /** Takes what was read, which it does not keep a view of. True when the answer is complete. */
  push(chunk: Buffer): boolean {
    let at = 0;
    while (at < chunk.length) {
      if (this.#contentLeft > 0) {
        const until = Math.min(chunk.length, at + this.#contentLeft);
        if (this.#type === Type.stdout) this.#output(chunk.subarray(at, until));
        this.#contentLeft -= until - at;
        at = until;
      } else if (this.#paddingLeft > 0) {
        const skipped = Math.min(chunk.length - at, this.#paddingLeft);
        this.#paddingLeft -= skipped;
        at += skipped;
      } else {
        at = this.#readHeader(chunk, at);
      }
      if (this.#isAtEnd) return true;
    }
    return false;
  }

  get #isAtEnd(): boolean {
    return (
      this.#type === Type.end && this.#headerBytes === 0 && this.#contentLeft === 0 && this.#paddingLeft === 0
    );
  }

  #readHeader(chunk: Buffer, at: number): number {
    const until = Math.min(chunk.length, at + HEADER_BYTES - this.#headerBytes);
    chunk.copy(this.#header, this.#headerBytes, at, until);
    this.#headerBytes += until - at;
    if (this.#headerBytes < HEADER_BYTES) {
      this.#type = 0;
      return until;
    }
    this.#headerBytes = 0;
    this.#type = this.#header[1]!;
    this.#contentLeft = this.#header.readUInt16BE(4);
    this.#paddingLeft = this.#header[6]!;
    return until;
  }

  #output(bytes: Buffer): void {
    if (this.#isInBody) return this.#bodyPart(bytes);
    const head = this.#unfinishedHead === undefined ? bytes : Buffer.concat([this.#unfinishedHead, bytes]);
    const end = head.indexOf(CR_LF_CR_LF);
    if (end < 0) {
      this.#unfinishedHead = Buffer.from(head);
      return;
    }
    this.#isInBody = true;
    this.status = statusIn(head.toString('latin1', 0, end));
    this.#bodyPart(head.subarray(end + CR_LF_CR_LF.length));
  }

  #bodyPart(bytes: Buffer): void {
    const { length } = bytes;
    if (this.bodyBytes < EDGE_BYTES) bytes.copy(this.first, this.bodyBytes);
    if (length >= EDGE_BYTES) {
      bytes.copy(this.last, 0, length - EDGE_BYTES);
    } else if (length > 0) {
      this.last.copyWithin(0, length);
      bytes.copy(this.last, EDGE_BYTES - length);
    }
    this.bodyBytes += length;
    this.#kept?.push(Buffer.from(bytes));
  }
}

const statusIn = (head: string): number => Number(/^status:\s*(\d+)/im.exec(head)?.[1] ?? 200);
