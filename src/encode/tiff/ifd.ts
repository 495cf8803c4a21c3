/** TIFF directories (TIFF 6.0, section 2): entries with their values as bytes, in the byte order of this machine. */
import { endianness } from 'node:os';
import { viewOf } from '../bytes.ts';
import { rational } from '../density.ts';

/** The byte order of samples in memory is that of the file, so that they are written as they are. */
export const IS_LITTLE_ENDIAN = endianness() === 'LE';

/** Value types with the bytes of one value. */
export const TYPES = {
  byte: { code: 1, size: 1 },
  ascii: { code: 2, size: 1 },
  short: { code: 3, size: 2 },
  long: { code: 4, size: 4 },
  rational: { code: 5, size: 8 },
  undefined: { code: 7, size: 1 },
} as const;

/** One tag of a directory. */
export interface Entry {
  readonly tag: number;
  /** The code of a value type. */
  readonly type: number;
  /** Number of values. */
  readonly count: number;
  readonly value: Uint8Array;
}

export function shorts(tag: number, ...values: readonly number[]): Entry {
  return {
    tag,
    type: TYPES.short.code,
    count: values.length,
    value: new Uint8Array(Uint16Array.from(values).buffer),
  };
}

export function longs(tag: number, ...values: readonly number[]): Entry {
  return {
    tag,
    type: TYPES.long.code,
    count: values.length,
    value: new Uint8Array(Uint32Array.from(values).buffer),
  };
}

/** Values above 0, and 0 itself. */
export function rationals(tag: number, ...values: readonly number[]): Entry {
  const pairs = values.flatMap((value) => (value === 0 ? [0, 1] : rational(value)));
  return { ...longs(tag, ...pairs), type: TYPES.rational.code, count: values.length };
}

/** UTF-8 with the closing NUL that the type asks for. */
export function ascii(tag: number, text: string): Entry {
  const value = new TextEncoder().encode(`${text.replaceAll('\0', '')}\0`);
  return { tag, type: TYPES.ascii.code, count: value.length, value };
}

export function opaque(tag: number, type: 'byte' | 'undefined', value: Uint8Array): Entry {
  return { tag, type: TYPES[type].code, count: value.length, value };
}

/** Bytes of a directory with its values, an even number. */
export function ifdLength(entries: readonly Entry[]): number {
  const outside = entries.reduce((sum, { value }) => sum + (value.length > 4 ? even(value.length) : 0), 0);
  return 2 + 12 * entries.length + 4 + outside;
}

/** A directory that is to stand at `offset` of its file, without a next one; entries are put in order of their tags. */
export function ifdBytes(entries: readonly Entry[], offset: number): Uint8Array {
  const bytes = new Uint8Array(ifdLength(entries));
  const view = viewOf(bytes);
  view.setUint16(0, entries.length, IS_LITTLE_ENDIAN);
  let outside = 2 + 12 * entries.length + 4;
  entries
    .toSorted((a, b) => a.tag - b.tag)
    .forEach(({ tag, type, count, value }, index) => {
      const at = 2 + 12 * index;
      view.setUint16(at, tag, IS_LITTLE_ENDIAN);
      view.setUint16(at + 2, type, IS_LITTLE_ENDIAN);
      view.setUint32(at + 4, count, IS_LITTLE_ENDIAN);
      if (value.length <= 4) {
        bytes.set(value, at + 8);
        return;
      }
      view.setUint32(at + 8, offset + outside, IS_LITTLE_ENDIAN);
      bytes.set(value, outside);
      outside += even(value.length);
    });
  return bytes;
}

/** The next even number: values and directories begin on word boundaries. */
export function even(length: number): number {
  return length + (length & 1);
}
