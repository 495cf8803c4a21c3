/** From a `Response` to the bytes that answer a FastCGI request: one buffer, so that one write sends it all. */
import type { Header, Response } from '../response.ts';
import { reasonPhrase } from '../response.ts';
import { headerText } from '../text.ts';
import { HEADER_BYTES, paddingFor, RecordType, writeHeader } from './records.ts';
import type { Slab } from './slab.ts';

/** Longest content that needs no padding. */
const MAX_CONTENT = 65_528;
const END_BODY_BYTES = 8;
/** The empty STDOUT and END_REQUEST. */
const TAIL_BYTES = HEADER_BYTES + HEADER_BYTES + END_BODY_BYTES;
const SPACE = 0x20;
const DELETE = 0x7f;

/** STDOUT records with CGI headers and body, the empty STDOUT, and END_REQUEST (specification, sections 5.3, 5.5). */
export function frameResponse(response: Response, id: number, slab: Slab): Buffer {
  const head = cgiHead(response);
  const { body } = response;
  const total = head.length + body.length;
  const padding = paddingFor(total);
  const framed = slab.take(total + Math.ceil(total / MAX_CONTENT) * HEADER_BYTES + padding + TAIL_BYTES);

  let at = 0;
  for (let from = 0; from < total; from += MAX_CONTENT) {
    const to = Math.min(from + MAX_CONTENT, total);
    at = writeHeader(framed, at, { type: RecordType.stdout, id, contentLength: to - from });
    if (from < head.length) at += head.copy(framed, at, from, to);
    if (to > head.length) {
      const part = body.subarray(Math.max(from - head.length, 0), to - head.length);
      framed.set(part, at);
      at += part.length;
    }
  }
  writeTail(framed, writeZeros(framed, at, padding), id);
  return framed;
}

/** Bodies from this length on are not copied: an export of a hundred megabytes would take as much again until it is sent. */
export const LARGE_BODY = 2 ** 23;

/**
 * As `frameResponse`, for a large body: its bytes where they lie, between the headers of their records.
 *
 * @returns what is to be sent, in order. The body must stay as it is until then.
 */
export function frameLargeResponse(response: Response, id: number): readonly Uint8Array[] {
  const head = cgiHead(response);
  const { body } = response;
  const pieces: Uint8Array[] = [];
  const add = (content: Uint8Array): void => {
    const padding = paddingFor(content.length);
    const header = Buffer.alloc(HEADER_BYTES);
    writeHeader(header, 0, { type: RecordType.stdout, id, contentLength: content.length });
    pieces.push(header, content);
    if (padding > 0) pieces.push(Buffer.alloc(padding));
  };
  for (let from = 0; from < head.length; from += MAX_CONTENT) add(head.subarray(from, from + MAX_CONTENT));
  for (let from = 0; from < body.length; from += MAX_CONTENT) add(body.subarray(from, from + MAX_CONTENT));
  const tail = Buffer.alloc(TAIL_BYTES);
  writeTail(tail, 0, id);
  pieces.push(tail);
  return pieces;
}

/** Heads of headers that are sent again and again. */
const heads = new WeakMap<readonly Header[], { readonly status: number; readonly head: Buffer }>();

function cgiHead(response: Response): Buffer {
  const kept = heads.get(response.headers);
  if (kept?.status === response.status) return kept.head;
  const head = writeCgiHead(response);
  heads.set(response.headers, { status: response.status, head });
  return head;
}

/** CGI response headers (RFC 3875, section 6): the status is said when it is not 200. */
function writeCgiHead(response: Response): Buffer {
  const { status, headers } = response;
  const statusLine = status === 200 ? '' : `Status: ${status} ${reasonPhrase(status)}\r\n`;
  let text = statusLine;
  for (const [name, value] of headers) text += `${name}: ${value}\r\n`;
  const head = Buffer.from(`${text}\r\n`);

  // One look at the bytes is quicker than one at every header: is there more than our own line ends?
  const lineEnds = headers.length + (statusLine === '' ? 1 : 2);
  if (countControls(head) === 2 * lineEnds) return head;
  const lines = headers.map(([name, value]) => `${headerText(`${name}: ${value}`)}\r\n`);
  return Buffer.from(`${statusLine}${lines.join('')}\r\n`);
}

function countControls(bytes: Buffer): number {
  let count = 0;
  for (let i = 0; i < bytes.length; i++) if (bytes[i]! < SPACE || bytes[i] === DELETE) count++;
  return count;
}

function writeTail(framed: Buffer, start: number, id: number): void {
  const end = writeHeader(framed, start, { type: RecordType.stdout, id, contentLength: 0 });
  const at = writeHeader(framed, end, { type: RecordType.endRequest, id, contentLength: END_BODY_BYTES });
  writeZeros(framed, at, END_BODY_BYTES); // Application status 0, REQUEST_COMPLETE.
}

function writeZeros(target: Buffer, at: number, count: number): number {
  for (let i = 0; i < count; i++) target[at + i] = 0;
  return at + count;
}
