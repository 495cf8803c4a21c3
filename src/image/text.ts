/** Text in picture files, whose encoding is not told. */
import { isUtf8 } from 'node:buffer';

/** Text cut at its first NUL, UTF-8 when it is valid, else Latin-1; undefined when nothing is left. */
export function decodeText(bytes: Uint8Array): string | undefined {
  const end = bytes.indexOf(0);
  const text = Buffer.from(end < 0 ? bytes : bytes.subarray(0, end));
  return text.length === 0 ? undefined : text.toString(isUtf8(text) ? 'utf8' : 'latin1');
}
