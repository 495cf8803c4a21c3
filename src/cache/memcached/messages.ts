/** The binary protocol of memcached, as far as pictures are kept in it: requests to bytes, bytes to responses. */

/**
 * A message is a header of 24 bytes (magic, opcode, key length, extras length, data type, status or vbucket, body
 * length, opaque, cas), then extras, key and value (memcached: doc/protocol-binary).
 */
const HEADER_BYTES = 24;
const REQUEST = 0x80;
const RESPONSE = 0x81;

/** More is no answer of a memcached, whose items have 1 GB at most. */
const MAX_BODY_BYTES = 2 ** 30 + 1024;

export const OPCODE = { get: 0x00, setQuietly: 0x11, stat: 0x10, authenticate: 0x21 } as const;
export const STATUS = { ok: 0x00, notFound: 0x01, tooLarge: 0x03 } as const;

const EMPTY = Buffer.alloc(0);

export interface RequestMessage {
  readonly opcode: number;
  /** Comes back with the answer. */
  readonly opaque: number;
  /** At most 250 bytes. */
  readonly key: string;
  readonly extras?: Buffer;
  readonly value?: Uint8Array;
}

/** The bytes before the value; they and the value are written one after the other, so that nothing is copied. */
export function encodeRequest({
  opcode,
  opaque,
  key,
  extras = EMPTY,
  value = EMPTY,
}: RequestMessage): Buffer {
  const keyBytes = Buffer.byteLength(key);
  const message = Buffer.alloc(HEADER_BYTES + extras.length + keyBytes);
  message[0] = REQUEST;
  message[1] = opcode;
  message.writeUInt16BE(keyBytes, 2);
  message[4] = extras.length;
  message.writeUInt32BE(extras.length + keyBytes + value.length, 8);
  message.writeUInt32BE(opaque, 12);
  message.set(extras, HEADER_BYTES);
  message.write(key, HEADER_BYTES + extras.length);
  return message;
}

/** Flags and expiry of a value that is set. */
export function setExtras(expirySeconds: number): Buffer {
  const extras = Buffer.alloc(8);
  extras.writeUInt32BE(expirySeconds, 4);
  return extras;
}

export interface ResponseMessage {
  readonly opcode: number;
  readonly status: number;
  readonly opaque: number;
  readonly key: Buffer;
  readonly value: Buffer;
}

/** Takes the bytes of a connection in any split. */
export class ResponseReader {
  #pieces: Buffer[] = [];
  #length = 0;
  /** Bytes that the next message needs to be whole, as far as known. */
  #needed = HEADER_BYTES;

  /** @throws {RangeError} for what is no response: the connection is of no use any more. */
  *read(piece: Buffer): Generator<ResponseMessage> {
    this.#pieces.push(piece);
    this.#length += piece.length;
    while (this.#length >= this.#needed) {
      const bytes = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
      this.#pieces = [bytes];
      this.#needed = HEADER_BYTES + bodyLength(bytes);
      if (bytes.length < this.#needed) return;
      yield parseMessage(bytes.subarray(0, this.#needed));
      this.#pieces = [bytes.subarray(this.#needed)];
      this.#length = bytes.length - this.#needed;
      this.#needed = HEADER_BYTES;
    }
  }
}

function bodyLength(bytes: Buffer): number {
  const body = bytes.readUInt32BE(8);
  const isResponse = bytes[0] === RESPONSE && body >= bytes.readUInt16BE(2) + bytes[4]!;
  if (!isResponse || body > MAX_BODY_BYTES) throw new RangeError('no response of a memcached');
  return body;
}

function parseMessage(bytes: Buffer): ResponseMessage {
  const keyStart = HEADER_BYTES + bytes[4]!;
  const valueStart = keyStart + bytes.readUInt16BE(2);
  return {
    opcode: bytes[1]!,
    status: bytes.readUInt16BE(6),
    opaque: bytes.readUInt32BE(12),
    key: bytes.subarray(keyStart, valueStart),
    value: bytes.subarray(valueStart),
  };
}
