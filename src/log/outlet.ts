/** Where batches of log lines leave the program. */

/** A buffer calls these one after another, never two at once. */
export interface Outlet {
  /** Opens, or opens anew what is open. Never rejects: what cannot be opened is replaced and told. */
  open(): Promise<void>;
  /**
   * Writes whole lines; resolves when all of them are handed over.
   *
   * @throws {Error} when that failed, perhaps after a part.
   */
  write(text: string): Promise<void>;
  /** Never rejects. */
  close(): Promise<void>;
}

/** Reports a trouble of the log itself as a line of that log. */
export type Tell = (fields: object, message: string) => void;

/** `ENOSPC` and the like, or the message of an error that has no code. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
