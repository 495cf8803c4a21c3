/** Where the bytes of an image come from: the only way in which readers touch a file. */

/** Which version of a file was seen: a change of any field means another picture. */
export interface FileIdentity {
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970, with the file system's fraction. */
  readonly mtimeMs: number;
  /** 0 for remote objects. */
  readonly inode: number;
  /** The validator of a remote object as its server sent it; it then tells versions apart, and the time does not. */
  readonly etag?: string;
}

/**
 * Random access to the bytes of one version of one file.
 *
 * A source that reads synchronously (worker threads) answers with the bytes themselves, one that does not (the
 * main thread, remote objects) with a promise; readers `await` both.
 */
export interface ByteSource {
  /** For logs only. */
  readonly path: string;
  readonly identity: FileIdentity;
  /**
   * Exactly `length` bytes from `offset`. They belong to the caller, who may write into them.
   *
   * @throws {ServerError} `damaged` when the file ends before; `not-found` when it is gone or was replaced since
   * `identity` was taken.
   */
  read(offset: number, length: number): Uint8Array | Promise<Uint8Array>;
  /** Gives up what is held open. Reading afterwards opens it again. */
  close(): void;
}

/** Whether two identities are of one version; asked for every request, so without making texts of numbers. */
export function isSameIdentity(one: FileIdentity, other: FileIdentity): boolean {
  return (
    one.size === other.size &&
    (one.etag !== undefined || other.etag !== undefined
      ? one.etag === other.etag
      : one.mtimeMs === other.mtimeMs && one.inode === other.inode)
  );
}

const keys = new WeakMap<FileIdentity, string>();

/** A short text that is equal exactly for equal identities; part of cache keys and ETags. */
export function identityKey(identity: FileIdentity): string {
  let key = keys.get(identity);
  if (key === undefined) keys.set(identity, (key = keyOf(identity)));
  return key;
}

function keyOf({ size, mtimeMs, inode, etag }: FileIdentity): string {
  if (etag !== undefined) return `${size.toString(36)}-${etag}`;
  return `${size.toString(36)}-${mtimeMs.toString(36)}-${inode.toString(36)}`;
}
