/** FastCGI name-value pairs (specification, section 3.4), read where they lie. */
import { ServerError } from '../../errors.ts';

const LONGEST_SHORT_LENGTH = 0x7f;

/**
 * Walks the pairs of `bytes`: after `next` returned true, the name lies from `nameStart` to `valueStart` and the
 * value from there to `valueEnd`.
 *
 * A pair is: length of the name, length of the value, name, value. A length is one byte up to 127, else four
 * bytes, big-endian, with the highest bit set.
 */
export class PairCursor {
  readonly bytes: Buffer;
  nameStart = 0;
  valueStart = 0;
  valueEnd = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** Moves to the next pair; false at the end. @throws ServerError `bad-request`: a pair that has no room. */
  next(): boolean {
    const { bytes } = this;
    let at = this.valueEnd;
    if (at === bytes.length) return false;

    // Lengths that are cut off read as undefined, which counts as 0 here: the comparison below catches them.
    let nameLength = bytes[at++]!;
    if (nameLength > LONGEST_SHORT_LENGTH) {
      nameLength = longLength(bytes, at - 1);
      at += 3;
    }
    let valueLength = bytes[at++]!;
    if (valueLength > LONGEST_SHORT_LENGTH) {
      valueLength = longLength(bytes, at - 1);
      at += 3;
    }
    this.nameStart = at;
    this.valueStart = at + nameLength;
    this.valueEnd = this.valueStart + valueLength;
    if (!(this.valueEnd <= bytes.length)) {
      throw new ServerError('bad-request', 'a name-value pair that is longer than its record');
    }
    return true;
  }
}

function longLength(bytes: Buffer, at: number): number {
  return (
    ((bytes[at]! & LONGEST_SHORT_LENGTH) << 24) |
    (bytes[at + 1]! << 16) |
    (bytes[at + 2]! << 8) |
    bytes[at + 3]!
  );
}

/** Pairs of short texts as bytes; each name and value takes at most 127. */
export function encodeShortPairs(pairs: Iterable<readonly [name: string, value: string]>): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of pairs) {
    parts.push(
      Buffer.of(Buffer.byteLength(name), Buffer.byteLength(value)),
      Buffer.from(name),
      Buffer.from(value),
    );
  }
  return Buffer.concat(parts);
}
