/** Plain byte arrays: a `Buffer` is one by type, but its `slice` is a view, and it may share its memory with others. */

/** The same memory as a `Uint8Array` that is no `Buffer`. */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Bytes in memory of their own, so aligned for every sample type; their content is arbitrary. */
export function uninitializedBytes(length: number): Uint8Array {
  return plainBytes(Buffer.allocUnsafeSlow(length));
}
