/** Percent-encoding as it is met in the wild (RFC 3986, section 2.1; form encoding's `+`). */

const decoder = new TextDecoder('utf-8');

/**
 * Decodes `%XX`; a `%` that starts no code stays as it is, bytes that are no UTF-8 become U+FFFD, and encoded
 * NULs are dropped, so that no text can end early in a system call.
 */
export function percentDecode(text: string): string {
  if (!text.includes('%')) return text.includes('\0') ? text.replaceAll('\0', '') : text;
  const bytes = new Uint8Array(Buffer.byteLength(text));
  const source = Buffer.from(text);
  let length = 0;
  for (let i = 0; i < source.length; i++) {
    const code = source[i] === 0x25 ? hexByte(source, i + 1) : -1;
    const byte = code < 0 ? source[i]! : code;
    if (code >= 0) i += 2;
    if (byte !== 0) bytes[length++] = byte;
  }
  return decoder.decode(bytes.subarray(0, length));
}

/** As `percentDecode`, with `+` for a space: query strings and form bodies. */
export function formDecode(text: string): string {
  return percentDecode(text.includes('+') ? text.replaceAll('+', ' ') : text);
}

function hexByte(bytes: Uint8Array, at: number): number {
  const high = hexDigit(bytes[at]);
  const low = hexDigit(bytes[at + 1]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function hexDigit(code: number | undefined): number {
  if (code === undefined) return -1;
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
