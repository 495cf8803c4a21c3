/**
 * FastCGI 1.0 records: their numbers, and the answers that are one small record.
 *
 * A record is an eight-byte header, its content and padding (specification, section 3.3):
 * version, type, id high, id low, content length high, content length low, padding length, reserved.
 */

export const VERSION = 1;
export const HEADER_BYTES = 8;
/** Id of management records, which belong to no request. */
export const MANAGEMENT_ID = 0;

export const RecordType = {
  beginRequest: 1,
  abortRequest: 2,
  endRequest: 3,
  params: 4,
  stdin: 5,
  stdout: 6,
  stderr: 7,
  data: 8,
  getValues: 9,
  getValuesResult: 10,
  unknownType: 11,
} as const;

export const Role = { responder: 1, authorizer: 2, filter: 3 } as const;

/** Flag of BEGIN_REQUEST: the connection stays open after the answer. */
export const KEEP_CONN = 1;

export const ProtocolStatus = {
  requestComplete: 0,
  cannotMultiplex: 1,
  overloaded: 2,
  unknownRole: 3,
} as const;

/** Bytes of padding that align a content of `length` bytes to eight. */
export function paddingFor(length: number): number {
  return (HEADER_BYTES - (length % HEADER_BYTES)) % HEADER_BYTES;
}

export interface RecordHeader {
  readonly type: number;
  readonly id: number;
  readonly contentLength: number;
}

/** Writes a header, padding as `paddingFor` says, and returns the offset behind it. */
export function writeHeader(target: Uint8Array, at: number, header: RecordHeader): number {
  target[at] = VERSION;
  target[at + 1] = header.type;
  target[at + 2] = header.id >> 8;
  target[at + 3] = header.id & 0xff;
  target[at + 4] = header.contentLength >> 8;
  target[at + 5] = header.contentLength & 0xff;
  target[at + 6] = paddingFor(header.contentLength);
  target[at + 7] = 0;
  return at + HEADER_BYTES;
}

/** One whole record with padding. `content` holds at most 65535 bytes. */
export function encodeRecord(type: number, id: number, content: Uint8Array): Buffer {
  const record = Buffer.alloc(HEADER_BYTES + content.length + paddingFor(content.length));
  record.set(content, writeHeader(record, 0, { type, id, contentLength: content.length }));
  return record;
}

/** Ends request `id` (section 5.5). The application status is always 0: HTTP carries ours. */
export function encodeEndRequest(id: number, protocolStatus: number): Buffer {
  return encodeRecord(RecordType.endRequest, id, Uint8Array.of(0, 0, 0, 0, protocolStatus, 0, 0, 0));
}

/** Says that a management record of type `type` is not known here (section 4.2). */
export function encodeUnknownType(type: number): Buffer {
  return encodeRecord(RecordType.unknownType, MANAGEMENT_ID, Uint8Array.of(type, 0, 0, 0, 0, 0, 0, 0));
}
