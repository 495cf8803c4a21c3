/** Text at the edge: bytes of a client to strings, and header lines that can't be split by what they carry. */
import { isUtf8 } from 'node:buffer';

/** What a decoder puts where bytes are no UTF-8. */
const REPLACEMENT = '\ufffd';

/** The text in `bytes` from `start` to `end`: as UTF-8 where it is valid UTF-8, else as Latin-1. */
export function decodeText(bytes: Buffer, start = 0, end = bytes.length): string {
  const text = bytes.toString('utf8', start, end);
  if (!text.includes(REPLACEMENT) || isUtf8(bytes.subarray(start, end))) return text;
  return bytes.toString('latin1', start, end);
}

const CONTROLS = /[\x00-\x1f\x7f]/;
const ALL_CONTROLS = /[\x00-\x1f\x7f]+/g;

/**
 * `text` fit for a header: control characters, CR, LF and NUL among them, become a space (RFC 9110, section 5.5).
 * What writes headers escapes its values itself; this is the last defense against a split answer.
 */
export function headerText(text: string): string {
  return CONTROLS.test(text) ? text.replace(ALL_CONTROLS, ' ') : text;
}
